"""What ``doctor`` says of the accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from cli.account_checks import account_findings
from config.app import App, open_app
from config.init import write_home
from models.access import accounts
from planning.access import AccountRole, TokenKind
from services.accounts import activate, disable, open_account
from services.passwords import NewPassword
from services.tokens import make_token

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    write_home(tmp_path / "home", pack="township-law", as_of=date(2026, 3, 2))
    made = open_app(tmp_path / "home", environ={}, clock=lambda: NOW)
    yield made
    made.close()


def add(app: App, person: str, role: AccountRole = AccountRole.STAFF, *, ago: int = 0, active: bool = True) -> None:
    at = NOW - timedelta(days=ago)
    name = app.roster.people[person].name
    code = open_account(app.store, person=person, name=name, role=role, scope=None, by="console", now=at)
    if active:
        activate(app.store, person, code, NewPassword("Qing-Shan-92", "dengbao2"), now=at)


def found(app: App) -> list[tuple[str, str]]:
    """How grave, and what."""
    return [(mark, what) for mark, what, _ in account_findings(app)]


def settle(app: App, *lines: str, **instead: str) -> None:
    place = app.home / "suishi.yaml"
    text = place.read_text("utf-8")
    for old, new in instead.items():
        text = "\n".join(f"{old}: {new}" if line.startswith(f"{old}:") else line for line in text.splitlines())
    place.write_text("\n".join([text, *lines, ""]), "utf-8")
    app.reload()


def test_before_anybody_can_sign_in_it_says_how_to_begin(app: App) -> None:
    add(app, "wangmin", active=False)
    assert found(app) == [("note", "还没有人能登录")]
    assert "suishi account code" in next(account_findings(app))[2]


def test_without_an_admin_who_can_sign_in_something_is_wrong(app: App) -> None:
    add(app, "wangmin")
    add(app, "zhangwei", AccountRole.ADMIN, active=False)
    assert found(app) == [("bad", "没有能登录的管理员")]


def test_with_an_admin_all_is_well(app: App) -> None:
    add(app, "zhangwei", AccountRole.ADMIN)
    add(app, "wangmin", active=False)
    assert found(app) == [("ok", "账号：2 个，能登录的 1 个")]


def test_passwords_that_travel_in_the_clear_are_told(app: App) -> None:
    add(app, "zhangwei", AccountRole.ADMIN)
    settle(app, listen='"0.0.0.0:8600"', base_url="http://fazhi.example")
    assert found(app)[1:] == [("bad", "网页在 0.0.0.0 上监听，却没有加密：密码会在网上明文传输")]
    settle(app, listen='"127.0.0.1:8600"')
    assert found(app)[1:] == [("note", "消息里的链接是 http://fazhi.example，没有加密")]
    settle(app, base_url="https://fazhi.example")
    assert found(app)[1:] == []
    for host in ("http://localhost:8600", "http://127.0.0.1:8600", "http://[::1]:8600"):
        settle(app, base_url=host)
        assert found(app)[1:] == [], host


def test_accounts_that_nobody_needs_are_named(app: App) -> None:
    add(app, "zhangwei", AccountRole.ADMIN, ago=10)
    add(app, "wangmin", ago=91)
    add(app, "sunlei", ago=10)
    add(app, "malin", ago=200)
    disable(app.store, "malin", now=NOW)
    people = app.home / "people.yaml"
    people.write_text(people.read_text("utf-8").replace("name: 孙磊\n", "name: 孙磊\n    left_on: 2026-03-02\n"), "utf-8")
    app.reload()
    assert found(app)[1:] == [
        ("note", "已离任或不在名单里的人还有账号：孙磊（sunlei）"),
        ("note", "90天没有用过的账号：王敏（wangmin）"),
    ]


def test_in_earnest_admins_and_leaders_without_a_second_factor_are_named(app: App) -> None:
    add(app, "zhangwei", AccountRole.ADMIN)
    add(app, "liguoqiang", AccountRole.LEADER)
    add(app, "zhangjun", AccountRole.LEADER, active=False)
    add(app, "wangmin")
    assert found(app)[1:] == []
    settle(app, production="true")
    assert found(app)[1:] == [("note", "没有开启动态码的管理员和领导：张伟（zhangwei）、李国强（liguoqiang）")]
    with app.store.write() as db:
        db.execute(update(accounts).where(accounts.c.person == "zhangwei").values(second_factor=1))
    assert found(app)[1:] == [("note", "没有开启动态码的管理员和领导：李国强（liguoqiang）")]


def test_the_demonstration_needs_nobody_to_set_it_up(app: App) -> None:
    app.demo = True
    assert found(app) == [("ok", "账号：0 个，能登录的 0 个")]


def test_a_key_that_its_maker_may_have_taken_along_is_named(app: App) -> None:
    add(app, "zhangwei", AccountRole.ADMIN)
    add(app, "zhangjun", AccountRole.ADMIN)
    make_token(app.store, TokenKind.PROGRAM, "zhangwei", note="县级督办平台", by="zhangjun", now=NOW)
    make_token(app.store, TokenKind.PROGRAM, "zhangwei", note="大屏", by="zhangwei", now=NOW)
    assert not any("接口密钥" in what for _, what in found(app))
    disable(app.store, "zhangjun", now=NOW)
    assert ("note", "生成的人已离任或停用的接口密钥：县级督办平台") in found(app)
