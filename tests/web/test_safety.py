"""What holds for every page: what changes something is posted, headers are there, and secrets stay out of logs and pages."""

from __future__ import annotations

import hashlib
import logging
import re
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.errors import Refused
from services.tick import tick
from web.access_log import masked
from web.gate import Writes
from web.headers import CONTENT_POLICY, SAFE_METHODS, OwnVisitorsOnly


def routes(town: Any) -> list[Any]:
    web = town.client._transport.app
    # FastAPI keeps each included router whole and looks into it at the first request.
    found = [inner for outer in web.routes for inner in getattr(outer, "original_router", web).routes]
    return [route for route in found if isinstance(route, Route)]


def send_everything(town: Any) -> None:
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=town.clock.now)


def test_whatever_changes_something_is_posted_and_passes_the_gate_for_it_or_belongs_to_the_staff_link(town: Any) -> None:
    writing = [route for route in routes(town) if not set(route.methods) <= SAFE_METHODS]
    assert len(writing) >= 12
    for route in writing:
        assert set(route.methods) == {"POST"}, route.path
        guarded = any(isinstance(one.dependency, Writes) for one in route.dependencies)
        assert guarded or route.path.startswith("/s/{link_id}/"), route.path


@pytest.mark.parametrize("path", ["/", "/nothing", "/list", "/health", "/t/" + "a" * 26, "/s/1"])
def test_every_answer_carries_the_headers(town: Any, path: str) -> None:
    headers = town.get(path).headers
    assert headers["content-security-policy"] == CONTENT_POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "referrer-policy" in headers
    assert "server" not in headers


def test_static_files_are_kept_by_browsers_and_the_vendored_one_is_what_it_says(town: Any) -> None:
    page = town.get("/list").text
    script = re.search(r'src="(/static/htmx\.min\.js\?v=[0-9a-f]+)"', page)
    assert script
    answer = town.get(script[1])
    assert "immutable" in answer.headers["cache-control"]
    from web.shell import STATIC

    assert hashlib.sha256(answer.content).hexdigest() in (STATIC / "VENDORED.md").read_text("utf-8")


def test_the_pages_hold_nothing_inline_and_nothing_from_elsewhere() -> None:
    from web.shell import STATIC

    for template in (STATIC.parent / "templates").glob("*.html"):
        text = template.read_text("utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=|\|\s*safe|<style|hx-on", text), template.name
        assert not re.search(r"(src|href|action)=\"(https?:)?//(?!127\.0\.0\.1:)", text), template.name
    assert (STATIC / "suishi.css").stat().st_size <= 14 * 1024
    for sheet in STATIC.glob("*.css"):
        assert not re.search(r":has\(|color-mix|oklch|@import|url\(|@container|@layer", sheet.read_text("utf-8")), sheet.name


def test_a_name_that_is_not_ours_is_turned_away(town: Any) -> None:
    assert town.get("/", headers={"host": "evil.example"}).status_code == 421
    for host in ("127.0.0.1:8600", "localhost:8600", "[::1]:8600", "10.1.2.3", "town.example"):
        assert town.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin", "taken"),
    [
        ("127.0.0.1:8600", "https://town.example", True),  # a proxy that speaks TLS and asks us under its own name for us
        ("127.0.0.1:8600", "https://town.example:443", True),
        ("127.0.0.1:8600", "http://town.example", False),
        ("127.0.0.1:8600", "https://town.example:8443", False),
        ("127.0.0.1:8600", "http://127.0.0.1:8600", True),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("127.0.0.1:8600", "http://127.0.0.1:9999", False),
        ("town.example", "https://evil.example", False),
        ("town.example", "null", False),
        ("town.example", "http://[", False),
        ("town.example", "https://town.example:port", False),
    ],
)
def test_a_write_comes_from_our_own_page_also_behind_a_proxy(host: str, origin: str, taken: bool) -> None:
    door = OwnVisitorsOnly(PlainTextResponse("in"), base_url="https://town.example")
    refusal = door._refusal(Headers({"host": host, "origin": origin}), "POST")
    assert (refusal is None) == taken


def test_a_refusal_on_a_page_names_no_command_line(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(*_: object, **__: object) -> None:
        raise Refused("没有这一项。请核对编号（suishi list）。", code="unknown_occurrence")

    monkeypatch.setattr("web.pages.ledger.listing", refusing)
    answer = town.get("/list")
    assert (answer.status_code, "请核对编号。" in answer.text, "suishi " in answer.text) == (404, True, False)


def test_a_flood_is_refused(town: Any) -> None:
    assert town.post("/s/1/done", content=b"x", headers={"content-length": str(60 * 1024 * 1024)}).status_code == 413

    async def endless() -> Any:
        for _ in range(54):
            yield b"x" * 1024 * 1024

    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert town.post("/s/1/done", content=endless(), headers=headers).status_code in {400, 413}


def test_no_token_reaches_the_log(town: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="suishi.web.access")
    token = town.link("study-law:2026-Q2", "chenxia")
    town.get(f"/t/{token}")
    assert "/t/… 303" in caplog.text
    assert token not in caplog.text
    assert masked("/t/abc/x\nGET /") == "/t/…/x\\nGET /"


def test_a_message_is_shown_as_its_reader_sees_it_but_without_the_secret_of_its_links(town: Any) -> None:
    send_everything(town)
    listed = town.get("/outbox").text
    refs = set(re.findall(r'href="/outbox/(T\d+-\d+)"', listed))
    assert refs
    for ref in refs:
        page, mail = town.get(f"/outbox/{ref}"), town.get(f"/outbox/{ref}/mail")
        assert "frame-src 'self'" in page.headers["content-security-policy"]
        assert "sandbox" in mail.headers["content-security-policy"]
        for text in (page.text, mail.text):
            assert "{link:" not in text
            assert not re.search(r"/t/[a-z2-7]{26}", text)


def test_a_demo_shows_the_staff_links_of_a_message(town: Any) -> None:
    send_everything(town)
    town.app.demo = True
    refs = set(re.findall(r'href="/outbox/(T\d+-\d+)"', town.get("/outbox").text))
    links = [link for ref in refs for link in re.findall(r'href="(/t/[a-z2-7]{26})"', town.get(f"/outbox/{ref}").text)]
    assert links
    assert town.get(links[0]).status_code == 303


def test_a_message_and_a_history_say_titles_and_channels_in_chinese(town: Any) -> None:
    send_everything(town)
    refs = set(re.findall(r'href="/outbox/(T\d+-\d+)"', town.get("/outbox").text))
    about = {
        one
        for ref in refs
        for one in re.findall(r'<a href="/o/([^"]+)" title="[^"]+">([^<]+)</a>', town.get(f"/outbox/{ref}").text)
    }
    assert ("study-law%3A2026-Q1", "中心组法治专题学习") in {(ref.replace(":", "%3A"), title) for ref, title in about}
    page = town.get("/o/study-law:2026-Q1").text
    assert re.search(r"次发送给\w+（发件箱）", page)
    assert "（outbox）" not in page
