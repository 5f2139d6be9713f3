"""Coming in, staying and going out, as a browser sees it: from the first set-up to words that were typed too late."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from config.security_log import SecurityLog
from models.access import accounts, sessions
from planning.access import AccountRole
from services.accounts import open_account, renew_activation
from services.set_up import new_set_up_code
from tests.web.conftest import PASSWORD
from tests.web.serving import served
from web.browsers import browser_name
from web.doors import own_path
from web.shell import Shell

NEW = "Lan-Tian-47"


def events(town: Any) -> list[tuple[str, str, str]]:
    """What the security log says, the newest first."""
    return [(one.event, one.outcome, one.actor) for one in SecurityLog(town.app.home / "logs").newest(50)]


def sign_in(town: Any, who: str = "wangmin", password: str = PASSWORD, **more: str) -> httpx.Response:
    answer: httpx.Response = town.post("/sign-in", data={"who": who, "password": password, **more})
    return answer


def hold(town: Any, cookies: dict[str, str]) -> None:
    """Let the browser hold these cookies and no others."""
    town.sign_out()
    for name, value in cookies.items():
        town.client.cookies.set(name, value, domain="town.example", path="/")


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


@pytest.fixture
def stranger(town: Any) -> Any:
    """The town before a browser that has never been here; nobody's password is too old."""
    with town.app.store.write() as db:
        db.execute(update(accounts).values(password_at=town.clock.now))
    town.sign_out()
    return town


@pytest.fixture
def empty(stranger: Any) -> Any:
    """A town where nobody has an account yet."""
    with stranger.app.store.write() as db:
        db.execute(delete(sessions))
        db.execute(delete(accounts))
    return stranger


def test_the_whole_life_through_the_pages(empty: Any) -> None:
    town = empty
    assert town.get("/").headers["location"] == "/sign-in"
    assert town.get("/sign-in").headers["location"] == "/set-up"
    assert "首次启用" in town.get("/set-up").text
    code = new_set_up_code(town.app.store, now=town.clock.now)
    typed = {"set_up_code": code, "person": "zhangwei", "password": PASSWORD, "again": PASSWORD}
    answer = town.post("/set-up", data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
    page = town.get("/accounts").text
    assert "张伟" in page
    form_code = hidden(page)["code"]
    opened = town.post("/accounts", data={"code": form_code, "person": "wangmin", "role": "staff", "scope": "sifasuo"})
    found = re.search(r'<b class="code">([a-z0-9-]+)</b>', opened.text)
    assert found
    assert found[1] not in town.get("/accounts").text  # shown this once
    assert town.post("/sign-out", data={"code": form_code}).headers["location"] == "/sign-in"
    assert town.get("/accounts").headers["location"] == "/sign-in?next=%2Faccounts"

    town.sign_out()  # another browser
    assert sign_in(town).status_code == 403
    activated = {"who": "wangmin", "activation": found[1], "password": NEW, "again": NEW}
    answer = town.post("/activate", data=activated)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert "王敏" in town.get("/me").text
    town.sign_out()
    answer = sign_in(town, password=NEW, goal="/list?when=2026-04")
    assert (answer.status_code, answer.headers["location"]) == (303, "/list?when=2026-04")
    page = town.get("/list").text
    assert 'href="/me/account">王敏' in page
    assert "/accounts" not in page  # not hers to see
    assert events(town)[:2] == [("sign_in", "ok", "wangmin"), ("activate", "ok", "wangmin")]
    assert ("set_up", "ok", "zhangwei") in events(town)
    assert ("account", "ok", "zhangwei") in events(town)
    assert ("sign_out", "ok", "zhangwei") in events(town)


def test_who_works_on_items_comes_to_his_own_first_and_who_asked_for_a_page_to_that_page(stranger: Any) -> None:
    came = {
        (who, goal): sign_in(stranger, who, goal=goal).headers["location"]
        for who in ("wangmin", "zhangwei")
        for goal in ("/", "/year")
    }
    assert came == {
        ("wangmin", "/"): "/me",
        ("wangmin", "/year"): "/year",
        ("zhangwei", "/"): "/",
        ("zhangwei", "/year"): "/year",
    }


def test_a_browser_left_alone_is_signed_out_and_one_in_use_is_not(town: Any) -> None:
    for _ in range(4):
        town.clock.now += timedelta(minutes=29)
        assert town.get("/list").status_code == 200
    town.clock.now += timedelta(minutes=32)
    assert town.get("/list").headers["location"] == "/sign-in?next=%2Flist"


def test_how_long_a_browser_may_be_left_alone_is_a_setting(town: Any) -> None:
    settings = town.app.home / "suishi.yaml"
    settings.write_text(settings.read_text("utf-8") + "idle_minutes: 5\n", "utf-8")
    town.app.reload()
    town.clock.now += timedelta(minutes=7)
    assert town.get("/list").status_code == 303


def test_after_twelve_hours_everybody_signs_in_anew(town: Any) -> None:
    for _ in range(47):
        town.clock.now += timedelta(minutes=15)
        assert town.get("/list").status_code == 200
    town.clock.now += timedelta(minutes=15)
    assert town.get("/list").status_code == 303


def test_looking_at_pages_writes_nothing_to_the_database_and_keeps_the_session(town: Any) -> None:
    with town.app.store.read() as db:
        before = db.execute(select(sessions)).all()
    town.clock.now += timedelta(minutes=20)
    assert "sid=" in town.get("/list").headers["set-cookie"]
    assert "set-cookie" not in town.get("/list").headers  # once a minute is enough
    with town.app.store.read() as db:
        assert db.execute(select(sessions)).all() == before


def test_after_signing_out_the_old_cookie_opens_nothing(town: Any) -> None:
    held = dict(town.client.cookies)
    assert town.post("/sign-out", data={"code": town.form_code()}).status_code == 303
    assert "sid" not in town.client.cookies
    hold(town, held)
    assert town.get("/list").status_code == 303


def test_every_sign_in_has_a_new_session_and_ends_the_one_before(town: Any) -> None:
    old = town.client.cookies["sid"]
    assert sign_in(town, "zhangwei").status_code == 303
    new = town.client.cookies["sid"]
    assert new.partition(".")[0] != old.partition(".")[0]
    hold(town, {"sid": old})
    assert town.get("/list").status_code == 303


@pytest.mark.parametrize("change", ["token", "minute", "signature", "nothing"])
def test_a_cookie_that_somebody_changed_opens_nothing(town: Any, change: str) -> None:
    token, minute, signature = town.client.cookies["sid"].split(".")
    later = str(int(minute) + 60)
    value = {
        "token": f"{'a' * len(token)}.{minute}.{signature}",
        "minute": f"{token}.{later}.{signature}",
        "signature": f"{token}.{minute}.{'0' * len(signature)}",
        "nothing": "",
    }[change]
    for held in (value, f"{value}.x", "..", "a.b.c", "x" * 4000):
        hold(town, {"sid": held})
        assert town.get("/list").status_code == 303, held


def test_the_cookies_are_kept_from_scripts_and_other_sites_and_bound_to_this_host_under_tls(stranger: Any) -> None:
    said = "; ".join(sign_in(stranger).headers.get_list("set-cookie")).lower()
    assert said.count("httponly") == said.count("samesite=lax") == said.count("path=/") == 2
    assert "secure" not in said
    assert "domain" not in said
    settings = stranger.app.home / "suishi.yaml"
    settings.write_text(settings.read_text("utf-8").replace("http://", "https://"), "utf-8")
    stranger.app.reload()
    stranger.sign_out()
    said = "; ".join(sign_in(stranger).headers.get_list("set-cookie"))
    assert "__Host-sid=" in said
    assert "__Host-suishi-browser=" in said
    assert said.count("Secure") == 2


def test_a_wrong_password_keeps_the_name_and_not_the_password(stranger: Any) -> None:
    answer = sign_in(stranger, "王敏", "not-her-password", goal="/list?kind=study")
    assert answer.status_code == 403
    assert "账号或密码不对，没有登录" in answer.text
    assert 'value="王敏"' in answer.text
    assert "not-her-password" not in answer.text
    assert hidden(answer.text)["goal"] == "/list?kind=study"
    assert "set-cookie" not in answer.headers


def test_the_answer_does_not_tell_who_has_an_account(stranger: Any) -> None:
    pages = []
    for who in ("wangmin", "nobody", "fenggang"):
        page = sign_in(stranger, who, "wrong").text
        pages.append(page.replace(f'value="{who}"', 'value=""'))
    for _ in range(5):
        locked = sign_in(stranger, "wangmin", "wrong").text.replace('value="wangmin"', 'value=""')
    assert {*pages, locked} == {pages[0]}
    activations = [
        stranger.post("/activate", data={"who": who, "activation": "k7dm-9fqa-x2pt", "password": NEW, "again": NEW})
        for who in ("wangmin", "nobody")
    ]
    assert len({re.sub(r'value="\w+"', "", one.text) for one in activations}) == 1


def test_one_address_may_fail_twenty_times_in_five_minutes(stranger: Any) -> None:
    for number in range(19):
        assert sign_in(stranger, f"nobody-{number}", "wrong").status_code == 403
    assert sign_in(stranger).status_code == 303  # a good one counts for nothing
    stranger.sign_out()
    assert sign_in(stranger, "nobody", "wrong").status_code == 403
    for path in ("/sign-in", "/activate", "/set-up"):
        data = {"who": "wangmin", "password": PASSWORD, "again": PASSWORD, "person": "wangmin"}
        refused = stranger.post(path, data=data)
        assert (refused.status_code, "请五分钟后再试" in refused.text) == (429, True), path


def test_a_strangers_tries_beyond_that_are_one_line_in_the_log_each_five_minutes(
    stranger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [0.0]
    monkeypatch.setattr("web.pages.sign_in.monotonic", lambda: at[0])
    told = []
    for minute in (0, 4, 5):
        at[0] = minute * 60.0
        codes = [stranger.post("/sign-in", data={"as": "nobody"}).status_code for _ in range(25)]
        codes += [stranger.post(path, data={"who": "wangmin"}).status_code for path in ("/sign-in", "/activate", "/set-up")]
        told.append((codes.count(403), codes.count(429)))
    assert told == [(20, 8), (0, 28), (20, 8)]
    lines = [outcome for _, outcome, _ in events(stranger)]
    assert (lines.count("sign_in"), lines.count("too_often")) == (40, 2)


def test_a_crowd_is_told_to_wait_a_moment(stranger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import BoundedSemaphore

    monkeypatch.setattr("services.passwords._WAITING", BoundedSemaphore(1))
    from services import passwords

    with passwords.at_work():
        answers = [sign_in(stranger) for _ in range(3)]
    assert [(answer.status_code, "请过几秒再试" in answer.text) for answer in answers] == [(503, True)] * 3
    assert events(stranger) == [("sign_in", "busy", "wangmin")]
    assert sign_in(stranger).status_code == 303


def test_the_second_factor_is_turned_on_asked_for_and_turned_off(town: Any) -> None:
    town.sign_in("wangmin", AccountRole.STAFF)
    page = town.get("/me/second-factor").text
    assert "<svg" in page
    given = hidden(page)
    secret = re.search(r'<p class="code">([A-Z2-7]{32})</p>', page)
    assert secret
    phone = pyotp.TOTP(secret[1])
    typed = {"code": given["code"], "serial": given["serial"], "digits": phone.at(town.clock.now)}
    assert town.post("/me/second-factor", data={**typed, "password": "wrong"}).status_code == 403
    done = town.post("/me/second-factor", data={**typed, "password": PASSWORD})
    codes = re.findall(r"<li>([0-9a-f]{6}-[0-9a-f]{6})</li>", done.text)
    assert len(codes) == 8
    assert town.get("/me/second-factor").headers["location"] == "/me/account"
    town.sign_out()
    town.clock.now += timedelta(minutes=1)
    asked = sign_in(town)
    assert (asked.status_code, "动态码" in asked.text) == (403, True)
    assert sign_in(town, digits=phone.at(town.clock.now)).status_code == 303
    town.sign_out()
    assert sign_in(town, digits=codes[0]).status_code == 303
    code = hidden(town.get("/me/account").text)["code"]
    assert town.post("/me/second-factor/end", data={"code": code, "password": "wrong"}).status_code == 403
    assert town.post("/me/second-factor/end", data={"code": code, "password": PASSWORD}).status_code == 303
    town.sign_out()
    assert sign_in(town).status_code == 303
    assert [one for one in events(town) if one[0] == "second_factor"] == [
        ("second_factor", "ok", "wangmin"),
        ("second_factor", "wrong_password", "wangmin"),
        ("second_factor", "ok", "wangmin"),
        ("second_factor", "wrong_password", "wangmin"),
    ]


def test_a_changed_password_signs_out_everywhere_else(town: Any) -> None:
    town.sign_in("wangmin", AccountRole.STAFF)
    here = dict(town.client.cookies)
    town.sign_out()
    sign_in(town)
    there = dict(town.client.cookies)
    code = hidden(town.get("/me/password").text)["code"]
    typed = {"code": code, "old": PASSWORD, "password": NEW, "again": NEW}
    wrong = town.post("/me/password", data={**typed, "again": NEW + "x"})
    assert (wrong.status_code, "两次输入的密码不一样" in wrong.text) == (403, True)
    weak = town.post("/me/password", data={**typed, "password": "Sifasuo-2026", "again": "Sifasuo-2026"})
    assert (weak.status_code, "太容易猜到" in weak.text) == (403, True)  # what the office is called
    assert "其他浏览器都已退出登录" in town.post("/me/password", data=typed).text
    assert town.get("/me/account").status_code == 200
    for held, opens in ((here, 303), (there, 200)):
        hold(town, held)
        assert town.get("/me/account").status_code == opens


def test_an_old_password_is_changed_before_anything_is_looked_at(stranger: Any) -> None:
    town = stranger
    with town.app.store.write() as db:
        db.execute(update(accounts).values(password_at=town.clock.now - timedelta(days=91)))
    answer = sign_in(town, goal="/list")
    assert answer.headers["location"] == "/me/password"
    assert "密码用了90天以上" in town.get("/me/password").text
    for path in ("/list", "/", "/me/items/fix:整改-007"):
        assert town.get(path).headers["location"] == "/me/password", path
    assert town.get("/list", headers={"hx-request": "true"}).headers["hx-redirect"] == "/me/password"
    assert town.get("/me/account").status_code == 200
    code = hidden(town.get("/me/password").text)["code"]
    town.post("/me/password", data={"code": code, "old": PASSWORD, "password": NEW, "again": NEW})
    assert town.get("/list").status_code == 200


REASON = "发言人临时出差，\n改到下周 <b>讲</b>"


def test_words_that_were_sent_after_the_session_ended_are_kept_through_signing_in(town: Any) -> None:
    """A long text, typed slowly: the session ended meanwhile."""
    town.sign_in("wangmin", AccountRole.STAFF)
    page = town.get("/me/items/theme:2026-04").text
    code = hidden(page)["code"]
    town.clock.now += timedelta(minutes=45)
    sent = {"code": code, "to": "2026-05-08", "reason": REASON, "by": "wangmin"}
    asked = town.post("/me/items/theme:2026-04/extend", data=sent)
    assert (asked.status_code, "刚才填写的内容还在" in asked.text) == (401, True)
    again = town.post("/sign-in", data=waiting(asked.text) | {"who": "wangmin", "password": "wrong"})
    assert "刚才填写的内容还在" in again.text  # a slip does not lose them either
    shown = town.post("/sign-in", data=waiting(again.text) | {"who": "wangmin", "password": PASSWORD})
    assert (shown.status_code, "发言人临时出差" in shown.text) == (200, True)
    assert "<b>讲</b>" not in shown.text
    action = re.search(r'<form method="post" action="([^"]+)">', shown.text)
    assert action
    assert town.post(action[1], data=waiting(shown.text)).status_code in {200, 303}
    item = town.get("/o/theme:2026-04").text
    assert "2026年5月8日" in item
    assert "改到下周" in item


def waiting(page: str) -> dict[str, Any]:
    """Every hidden field of the page, several of one name as several."""
    from html import unescape

    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        fields.setdefault(unescape(name), []).append(unescape(value))
    return fields


def test_several_choices_of_one_name_stay_several(town: Any) -> None:
    town.sign_out()
    asked = town.post("/accounts", data={"code": "x", "unit": ["sifasuo", "huilong"], "reason": "两个单位"})
    assert waiting(asked.text)["kept.unit"] == ["sifasuo", "huilong"]
    shown = town.post("/sign-in", data=waiting(asked.text) | {"who": "zhangwei", "password": PASSWORD})
    assert waiting(shown.text)["unit"] == ["sifasuo", "huilong"]


def test_a_button_that_was_pressed_too_late_is_offered_again(town: Any) -> None:
    town.sign_out()
    asked = town.post("/accounts/chenxia/unlock", data={"code": "x"})
    shown = town.post("/sign-in", data=waiting(asked.text) | {"who": "zhangwei", "password": PASSWORD})
    assert "刚才按的按钮还没有生效" in shown.text
    assert 'action="/accounts/chenxia/unlock"' in shown.text
    assert "可以重新登录了" in town.post("/accounts/chenxia/unlock", data=waiting(shown.text)).text


def test_passwords_and_codes_are_not_carried_along(stranger: Any) -> None:
    secret = {"old": PASSWORD, "password": NEW, "again": NEW}
    asked = stranger.post("/me/password", data={"code": "x", **secret})
    assert asked.status_code == 401
    assert PASSWORD not in asked.text
    assert NEW not in asked.text
    answer = stranger.post("/sign-in", data=waiting(asked.text) | {"who": "wangmin", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/account")


def test_signing_out_twice_is_no_harm(stranger: Any) -> None:
    assert stranger.post("/sign-out", data={"code": "x"}).headers["location"] == "/sign-in"


def test_the_words_wait_while_an_old_password_is_told_of(stranger: Any) -> None:
    """What was typed is saved first; the page that follows asks for the new password."""
    town = stranger
    with town.app.store.write() as db:
        db.execute(update(accounts).values(password_at=town.clock.now - timedelta(days=91)))
    asked = town.post("/me/items/theme:2026-04/extend", data={"to": "2026-05-08", "reason": REASON, "by": "wangmin"})
    shown = town.post("/sign-in", data=waiting(asked.text) | {"who": "wangmin", "password": PASSWORD})
    assert 'action="/me/items/theme:2026-04/extend"' in shown.text
    assert town.post("/me/items/theme:2026-04/extend", data=waiting(shown.text)).status_code in {200, 303}
    assert town.get("/me/items/theme:2026-04").headers["location"] == "/me/password"


def test_a_form_of_somebody_elses_session_shows_the_words_before_they_are_sent(town: Any) -> None:
    """Two people at one computer: the page was 张伟's, the browser is 王敏's now."""
    code = town.form_code("zhangwei")
    town.sign_in("wangmin", AccountRole.STAFF)
    sent = {"code": code, "to": "2026-05-08", "reason": REASON, "by": "wangmin"}
    shown = town.post("/me/items/theme:2026-04/extend", data=sent)
    assert (shown.status_code, "没有保存" in shown.text, "发言人临时出差" in shown.text) == (403, True, True)
    assert town.post("/me/items/theme:2026-04/extend", data=waiting(shown.text)).status_code in {200, 303}
    assert ("refused", "stale_form", "wangmin") in events(town)


def test_a_browser_that_lost_its_name_gets_a_new_one_with_the_words(town: Any) -> None:
    town.sign_in("wangmin", AccountRole.STAFF)
    code = town.form_code("wangmin")
    del town.client.cookies["suishi-browser"]
    sent = {"code": code, "to": "2026-05-08", "reason": REASON, "by": "wangmin"}
    shown = town.post("/me/items/theme:2026-04/extend", data=sent)
    assert shown.status_code == 403
    assert town.post("/me/items/theme:2026-04/extend", data=waiting(shown.text)).status_code in {200, 303}


def test_a_page_that_htmx_asks_for_sends_the_whole_browser_to_the_door(stranger: Any) -> None:
    answer = stranger.get("/list?kind=study", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/sign-in?next=%2Flist%3Fkind%3Dstudy")


@pytest.mark.parametrize(
    ("asked", "goal"),
    [
        ("/list?when=2026-04", "/list?when=2026-04"),
        ("/o/fix:%E6%95%B4%E6%94%B9-007", "/o/fix:%E6%95%B4%E6%94%B9-007"),
        ("/o/fix:整改-007", "/o/fix:整改-007"),
        ("", "/"),
        ("list", "/"),
        ("//evil.example/x", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/%0d%0aSet-Cookie:x=1", "/%0d%0aSet-Cookie:x=1"),
        ("/x\r\nSet-Cookie: x=1", "/"),
        ("javascript:alert(1)", "/"),
        ("//[", "/"),
        ("/sign-out", "/"),
        ("/sign-in?next=/x", "/"),
        ("/set-up", "/"),
        ("/" + "a" * 1000, "/"),
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(stranger: Any, asked: str, goal: str) -> None:
    assert own_path(asked) == goal
    location = sign_in(stranger, goal=asked).headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\r" not in location
    assert "\n" not in location


@given(st.text(max_size=60))
def test_whatever_is_asked_for_leads_to_a_path_of_ours(text: str) -> None:
    from urllib.parse import urljoin, urlsplit

    goal = own_path(text)
    assert urlsplit(urljoin("http://town.example/sign-in", goal)).netloc == "town.example"
    assert goal.isprintable()
    assert "\\" not in goal


def test_what_a_stranger_types_as_his_name_does_not_get_into_the_log(stranger: Any) -> None:
    sign_in(stranger, PASSWORD, "wangmin")  # the two fields mixed up
    sign_in(stranger, "wangmin", "wrong")
    sign_in(stranger, "王敏\n{}", "wrong")
    assert events(stranger) == [("sign_in", "sign_in", ""), ("sign_in", "sign_in", "wangmin"), ("sign_in", "sign_in", "")]
    written = "".join(path.read_text("utf-8") for path in (stranger.app.home / "logs").glob("security-*.log"))
    assert PASSWORD not in written


def test_no_password_token_or_code_reaches_a_log_or_the_database(empty: Any, caplog: pytest.LogCaptureFixture) -> None:
    town = empty
    caplog.set_level(logging.DEBUG)
    code = new_set_up_code(town.app.store, now=town.clock.now)
    town.post("/set-up", data={"set_up_code": code, "person": "zhangwei", "password": PASSWORD, "again": PASSWORD})
    token = town.client.cookies["sid"].partition(".")[0]
    opened = open_account(
        town.app.store, person="wangmin", name="王敏", role=AccountRole.STAFF, scope=None, by="zhangwei", now=town.clock.now
    )
    town.post("/activate", data={"who": "wangmin", "activation": opened, "password": NEW, "again": NEW})
    sign_in(town, password=NEW)
    kept = b"".join(path.read_bytes() for path in Path(town.app.home).rglob("*") if path.is_file())
    for secret in (PASSWORD, NEW, code, opened, token):
        assert secret not in caplog.text
        assert secret.encode() not in kept


def test_a_log_that_cannot_be_written_stops_nobody(stranger: Any, caplog: pytest.LogCaptureFixture) -> None:
    (stranger.app.home / "logs").write_text("in the way", "utf-8")
    assert sign_in(stranger).status_code == 303
    assert "the security log cannot be written: sign_in ok" in caplog.text


def test_behind_a_proxy_on_this_machine_the_address_is_the_one_that_the_proxy_names(stranger: Any) -> None:
    with served(stranger.app) as address:
        headers = {"X-Forwarded-For": "6.6.6.6, 10.9.8.7", "Origin": address}
        answer = httpx.post(f"{address}/sign-in", data={"who": "wangmin", "password": "wrong"}, headers=headers)
    assert answer.status_code == 403
    (newest,) = SecurityLog(stranger.app.home / "logs").newest(1)
    assert newest.ip == "10.9.8.7"  # what stands before it, the stranger wrote himself


def test_a_set_up_that_is_done_leads_to_the_door(stranger: Any) -> None:
    assert stranger.get("/set-up").headers["location"] == "/sign-in"
    typed = {"set_up_code": "k7dm-9fqa-x2pt", "person": "wangmin", "password": PASSWORD, "again": PASSWORD}
    assert "已经有管理员了" in stranger.post("/set-up", data=typed).text


def test_a_set_up_keeps_what_was_typed_but_the_password(empty: Any) -> None:
    typed = {"set_up_code": "k7dm-9fqa-x2pt", "person": "chenxia", "password": PASSWORD, "again": PASSWORD}
    answer = empty.post("/set-up", data=typed)
    assert answer.status_code == 403
    assert 'value="k7dm-9fqa-x2pt"' in answer.text
    assert '<option value="chenxia" selected>' in answer.text
    assert PASSWORD not in answer.text
    assert "请选择您的姓名" in empty.post("/set-up", data={**typed, "person": "nobody"}).text


def test_an_activation_keeps_what_was_typed_but_the_password(stranger: Any) -> None:
    renew_activation(stranger.app.store, "wangmin", now=stranger.clock.now)
    page = stranger.get("/activate?who=wangmin").text
    assert 'value="wangmin"' in page
    typed = {"who": "wangmin", "activation": "k7dm-9fqa-x2pt", "password": NEW, "again": NEW}
    answer = stranger.post("/activate", data=typed)
    assert answer.status_code == 403
    assert 'value="k7dm-9fqa-x2pt"' in answer.text
    assert NEW not in answer.text


def test_a_form_that_is_too_long_is_not_read(stranger: Any) -> None:
    much = sign_in(stranger, "x" * (3 * 1024 * 1024))
    assert (much.status_code, "请压缩，或只留最要紧的几份" in much.text) == (413, True)

    async def endless() -> Any:
        yield b"who=" + b"x" * 1000

    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert stranger.post("/sign-in", content=endless(), headers=headers).status_code == 413
    many = "&".join(f"f{number}=1" for number in range(1000))
    assert stranger.post("/sign-in", content=many, headers=headers).status_code == 400


def test_the_demonstration_offers_its_people_and_a_real_office_never_does(stranger: Any) -> None:
    town = stranger
    assert "选一个身份进入" not in town.get("/sign-in").text
    assert sign_in(town, "", "", **{"as": "wangmin"}).status_code == 403
    town.app.demo = True
    town.sign_out()
    page = town.get("/sign-in").text
    assert page.index("张伟（管理员）") < page.index("王敏（工作人员）")
    assert town.post("/sign-in", data={"as": "wangmin", "goal": "/list"}).headers["location"] == "/list"
    assert town.get("/list").status_code == 200
    assert town.post("/sign-in", data={"as": "wangmin", "goal": "/"}).headers["location"] == "/me"
    assert town.post("/sign-in", data={"as": "zhangwei", "goal": "/"}).headers["location"] == "/"
    assert town.post("/sign-in", data={"as": "nobody"}).status_code == 403
    settings = town.app.home / "suishi.yaml"
    settings.write_text(settings.read_text("utf-8") + "production: true\n", "utf-8")
    town.app.reload()
    town.sign_out()
    assert "选一个身份进入" not in town.get("/sign-in").text
    assert town.post("/sign-in", data={"as": "wangmin"}).status_code == 403


def test_the_words_wait_in_the_demonstration_as_well(town: Any) -> None:
    town.app.demo = True
    town.sign_out()
    asked = town.post("/me/items/theme:2026-04/extend", data={"to": "2026-05-08", "reason": REASON})
    shown = town.post("/sign-in", data=waiting(asked.text) | {"as": "wangmin"})
    assert "发言人临时出差" in shown.text


def test_the_owner_ends_the_browsers_he_left_open(stranger: Any) -> None:
    sign_in(stranger)
    there = dict(stranger.client.cookies)
    stranger.sign_out()
    sign_in(stranger)
    here = dict(stranger.client.cookies)
    page = stranger.get("/me/account").text
    assert page.count("（这一个）") == 1
    code = hidden(page)["code"]
    assert "已让其他1处退出登录" in stranger.post("/me/sessions/end", data={"code": code}).text
    assert "没有在别处登录" in stranger.post("/me/sessions/end", data={"code": code}).text
    for held, opens in ((there, 303), (here, 200)):
        hold(stranger, held)
        assert stranger.get("/me/account").status_code == opens


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", "Chrome，Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0", "Edge，Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0 wxwork/4.1", "企业微信，iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile MicroMessenger/8.0", "微信，安卓"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox，Linux"),
        ("curl/8.0", "curl/8.0"),
        ("", ""),
        ("x" * 500, "x" * 40),
    ],
)
def test_a_browser_is_called_as_a_person_knows_it(said: str, name: str) -> None:
    assert browser_name(said) == name


def test_the_security_log_is_shown_to_admin_and_auditor_with_words(town: Any) -> None:
    town.sign_out()
    sign_in(town, "wangmin", "wrong")
    town.sign_in()
    page = town.get("/security").text
    assert "账号或密码不对" in page
    assert "127.0.0.1" in page
    (line,) = [
        json.loads(line)
        for path in (town.app.home / "logs").glob("security-*.log")
        for line in path.read_text("utf-8").splitlines()
    ]
    assert line["at"].endswith("+08:00")


def test_a_browser_bears_one_name_and_no_name_that_was_forged(stranger: Any) -> None:
    sign_in(stranger)
    name = stranger.client.cookies["suishi-browser"]
    sign_in(stranger)
    assert stranger.client.cookies["suishi-browser"] == name
    for forged in ("x", "a" * 100, "a b; Domain=evil.example", "名"):
        cookie = Shell(stranger.app).session_cookie
        request = httpx.Request("GET", "http://town.example", headers={"cookie": f"suishi-browser={forged}".encode()})
        from starlette.requests import Request

        asked = Request({"type": "http", "headers": [(b"cookie", request.headers["cookie"].encode("latin-1", "ignore"))]})
        assert cookie.browser(asked) == ""
