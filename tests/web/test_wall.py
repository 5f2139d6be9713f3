"""The code on the wall of the hall, in a real Chromium: it changes by itself, with JavaScript and without."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from services.attendance import Attendee, attend
from tests.web.chromium import come_in, new_page

pytestmark = pytest.mark.browser

STUDY = "study-law:2026-Q2"


def test_the_wall_tells_who_has_come_and_shows_the_next_code_without_a_new_page(
    town: Any, address: str, browser: Browser
) -> None:
    context, page, complaints = new_page(browser)
    come_in(context, address, town)
    page.clock.install()
    page.goto(f"{address}/gather/{STUDY}/wall")
    expect(page.get_by_text("已签到 0 人")).to_be_visible()
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    first = page.locator(".picture").inner_html()
    attend(town.app.store, STUDY, Attendee("wangmin", "王敏"), via="code", now=town.clock.now)
    town.clock.now += timedelta(minutes=2)
    page.clock.fast_forward(21_000)
    expect(page.get_by_text("已签到 1 人")).to_be_visible()
    assert page.locator(".picture").inner_html() != first
    attend(town.app.store, STUDY, Attendee("chenxia", "陈霞"), via="code", now=town.clock.now)
    page.clock.fast_forward(21_000)
    expect(page.get_by_text("已签到 2 人")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.same") == "yes"
    context.clear_cookies()  # a long day: the session is over
    page.clock.fast_forward(21_000)
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert complaints == []
    context.close()
