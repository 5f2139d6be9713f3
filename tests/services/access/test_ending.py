"""When an account is ended or its password taken back: browsers, keys, feeds and the links that were sent end with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from models.message import messages
from models.upkeep import links
from planning.access import AccountRole, TokenKind
from reports.accounts import live_tokens
from services.accounts import activate, change_password, disable, enable, renew_activation, set_rights
from services.ending import Ended
from services.errors import Refused
from services.links import ensure_link, find_link, token_of
from services.passwords import NewPassword
from services.sessions import digest_of, find_session, open_session
from services.tokens import find_token, make_token, program_account
from tests.rows import message_row
from tests.services.delivery.town import Town as Office

KEY = b"k" * 32
WANTED = NewPassword("Lan-Tian-47", "dengbao2")
OLD = "Qing-Shan-92"


class Access:
    """All by which 王敏 comes in, and what of it still opens."""

    def __init__(self, town: Any) -> None:
        self.town, self.office = town, Office(town.store)
        self.browser = open_session(town.store, town.account("wangmin").id, browser="", now=town.now)
        self.key = self.token(TokenKind.PROGRAM, "wangmin", by="zhangwei")
        self.feed = self.token(TokenKind.PERSON_FEED, "wangmin")
        self.units_feed = self.token(TokenKind.UNIT_FEED, "sifasuo")
        self.part = self.office.assign(self.office.occurrence(), "wangmin")
        self.link = self.sent(self.part)

    def token(self, kind: TokenKind, subject: str, by: str = "wangmin") -> str:
        return make_token(self.town.store, kind, subject, note="县级平台", by=by, now=self.town.now)

    def sent(self, part: int, reader: str = "") -> str:
        """The token of a link that a message carried."""
        with self.town.store.write() as db:
            until = self.town.now + timedelta(days=30)
            made = ensure_link(db, part, link_key=KEY, now=self.town.now, expires_at=until)
        return token_of(KEY, part, made.serial, reader)

    def opens(self) -> set[str]:
        store, now = self.town.store, self.town.now
        found = {
            "browser": find_session(store, self.browser, now=now),
            "key": program_account(store, self.key, now=now),
            "feed": find_token(store, self.feed, now=now),
            "unit's feed": find_token(store, self.units_feed, now=now),
        }
        return {name for name, one in found.items() if one is not None} | ({"link"} if self.link_opens(self.link) else set())

    def link_opens(self, token: str) -> bool:
        try:
            find_link(self.town.store, token, now=self.town.now, link_key=KEY)
        except Refused:
            return False
        return True


ALL = {"browser", "key", "feed", "unit's feed", "link"}


@pytest.fixture
def access(town: Any) -> Access:
    made = Access(town)
    assert made.opens() == ALL
    return made


def test_an_ended_account_ends_all_at_once_and_says_how_much(town: Any, access: Access) -> None:
    ended = disable(town.store, "wangmin", now=town.now)
    assert access.opens() == set()
    assert ended == Ended(browsers=1, keys=1, feeds=2, links=1, parts=1)
    assert ended.sentence == "一起失效的：登录着的浏览器1个、接口密钥1个、日历订阅2个、已发出的提醒链接1个。"
    assert "其名下还有1件在办" in ended.rest
    assert disable(town.store, "wangmin", now=town.now).sentence == ""


def test_what_ended_stays_ended_when_the_account_is_given_back(town: Any, access: Access) -> None:
    disable(town.store, "wangmin", now=town.now)
    enable(town.store, "wangmin")
    assert access.opens() == set()
    town.sign_in("wangmin", OLD)  # the password counts again


def test_whoever_still_has_work_gets_a_new_link_with_the_next_reminder(town: Any, access: Access) -> None:
    disable(town.store, "wangmin", now=town.now)
    fresh = access.sent(access.part)
    assert fresh != access.link
    assert access.link_opens(fresh)
    assert not access.link_opens(access.link)


def test_a_password_taken_back_ends_all_unless_the_admin_says_that_it_was_only_forgotten(town: Any, access: Access) -> None:
    assert renew_activation(town.store, "wangmin", keep_access=True, now=town.now).ended == Ended(browsers=1)
    assert access.opens() == ALL - {"browser"}
    renewed = renew_activation(town.store, "wangmin", now=town.now)
    assert access.opens() == set()
    assert (renewed.ended.keys, renewed.ended.feeds, renewed.ended.links) == (1, 2, 1)
    activate(town.store, "wangmin", renewed.code, WANTED, now=town.now)
    assert access.opens() == set()


def test_a_changed_password_leaves_keys_and_feeds_unless_its_owner_wants_them_gone(town: Any, access: Access) -> None:
    account, mine = town.account("wangmin").id, digest_of(access.browser)
    other = open_session(town.store, account, browser="", now=town.now)
    assert change_password(town.store, account, OLD, WANTED, keep=mine, now=town.now) == Ended(browsers=1)
    assert access.opens() == ALL
    assert find_session(town.store, other, now=town.now) is None
    again = NewPassword("Bai-Yun-63x", "dengbao2")
    ended = change_password(town.store, account, WANTED.password, again, keep=mine, end_all=True, now=town.now)
    assert access.opens() == {"browser"}  # his own, where he has just changed it
    assert (ended.keys, ended.feeds, ended.links) == (1, 2, 1)


def test_other_rights_leave_keys_and_feeds_which_reach_as_far_as_he_does_now(town: Any, access: Access) -> None:
    set_rights(town.store, "wangmin", role=AccountRole.STAFF, scope="huilong", now=town.now)
    assert access.opens() == ALL - {"browser"}
    found = program_account(town.store, access.key, now=town.now)
    feed = find_token(town.store, access.units_feed, now=town.now)
    assert found is not None
    assert feed is not None
    assert feed.holder is not None
    assert found.scope == feed.holder.scope == "huilong"


def test_nobody_elses_access_ends_with_it(town: Any, access: Access) -> None:
    theirs = [
        access.token(TokenKind.PROGRAM, "chenxia", by="wangmin"),
        access.token(TokenKind.PERSON_FEED, "chenxia", by="chenxia"),
        access.token(TokenKind.UNIT_FEED, "wangmin", by="chenxia"),  # a unit that is called like him
    ]
    link = access.sent(access.office.assign(access.office.occurrence("另一次"), "chenxia"))
    browser = open_session(town.store, town.account("chenxia").id, browser="", now=town.now)
    disable(town.store, "wangmin", now=town.now)
    assert len(live_tokens(town.store, now=town.now)) == 3
    assert all(find_token(town.store, token, now=town.now) for token in theirs)
    assert access.link_opens(link)
    assert find_session(town.store, browser, now=town.now) is not None


def test_a_link_that_he_reads_in_anothers_place_ends_too(town: Any, access: Access) -> None:
    """A phone that is lost in a week of standing in holds the other's links as well."""
    part = access.office.assign(access.office.occurrence("代办的"), "chenxia")
    access.office.add_people({"wangmin": "王敏", "chenxia": "陈霞"})
    in_her_place = access.sent(part, reader="wangmin")
    assert access.link_opens(in_her_place)
    carried = [{"assignment": part, "id": 2, "serial": 0, "reader": "wangmin", "due_on": "2026-03-06"}]
    once = {"ref": "T2603-000001", "dedupe_key": "x", "built_at": town.now, "next_at": town.now}
    with town.store.write() as db:
        db.execute(insert(messages), message_row(**once, person="wangmin", links=carried))
    assert renew_activation(town.store, "wangmin", now=town.now).ended.links == 2
    assert not access.link_opens(in_her_place)


def test_a_link_that_is_over_anyway_is_not_counted(town: Any, access: Access) -> None:
    with town.store.write() as db:
        db.execute(update(links).values(expires_at=town.now))
    assert disable(town.store, "wangmin", now=town.now).links == 0
