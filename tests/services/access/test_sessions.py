"""Browsers that signed in: a token that is kept nowhere, twelve hours at most, and an end that can be given from here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.access import sessions
from reports.accounts import open_sessions
from services.accounts import disable
from services.sessions import LONGEST, digest_of, end_other_sessions, end_session, find_session, open_session


def came_in(town: Any, person: str = "wangmin", browser: str = "Firefox") -> str:
    return open_session(town.store, town.account(person).id, browser=browser, now=town.now)


def test_a_session_knows_whose_it_is_and_the_database_does_not_know_the_token(town: Any) -> None:
    token = came_in(town)
    found = find_session(town.store, token, now=town.now)
    assert found is not None
    assert (found.person, found.name, found.role) == ("wangmin", "王敏", "staff")
    with town.store.read() as db:
        rows = db.execute(select(sessions)).all()
    assert token not in repr(rows)
    assert len(token) >= 43  # 256 bits
    assert came_in(town) != token


def test_a_session_ends_after_twelve_hours_whatever_is_done_with_it(town: Any) -> None:
    token = came_in(town)
    town.now += LONGEST
    assert find_session(town.store, token, now=town.now) is None
    assert LONGEST.total_seconds() == 12 * 3600


def test_an_unknown_token_is_nobodys(town: Any) -> None:
    for token in ("", "x", digest_of(came_in(town)), "\x00", "令"):
        assert find_session(town.store, token, now=town.now) is None


def test_signing_out_ends_this_browser_and_no_other(town: Any) -> None:
    mine, other = came_in(town), came_in(town)
    end_session(town.store, mine, now=town.now)
    assert find_session(town.store, mine, now=town.now) is None
    assert find_session(town.store, other, now=town.now) is not None
    ended = town.now
    end_session(town.store, mine, now=town.later(hours=1))  # the first end stands
    with town.store.read() as db:
        row = db.execute(select(sessions).where(sessions.c.token_sha256 == digest_of(mine))).one()
    assert row.ended_at == ended


def test_all_others_are_signed_out_at_once(town: Any) -> None:
    mine, *others = (came_in(town) for _ in range(3))
    somebody_elses = came_in(town, "chenxia")
    account = town.account("wangmin").id
    assert end_other_sessions(town.store, account, but=digest_of(mine), now=town.now) == 2
    assert all(find_session(town.store, token, now=town.now) is None for token in others)
    assert find_session(town.store, mine, now=town.now) is not None
    assert find_session(town.store, somebody_elses, now=town.now) is not None
    assert end_other_sessions(town.store, account, but=digest_of(mine), now=town.now) == 0


def test_an_ended_account_ends_its_sessions(town: Any) -> None:
    token = came_in(town)
    disable(town.store, "wangmin", now=town.now)
    assert find_session(town.store, token, now=town.now) is None
    assert town.open_sessions("wangmin") == 0


def test_the_owner_sees_his_browsers_newest_first_and_which_is_this(town: Any) -> None:
    came_in(town, browser="old")
    town.later(hours=1)
    mine = came_in(town, browser="new\n\x00" + "x" * 500)
    seen = open_sessions(town.store, town.account("wangmin").id, mine=digest_of(mine), now=town.now)
    assert [line.mine for line in seen] == [True, False]
    assert (len(seen[0].browser), seen[0].browser[:4], seen[1].browser) == (120, "newx", "old")
    town.later(hours=11)
    assert len(open_sessions(town.store, town.account("wangmin").id, mine="", now=town.now)) == 1
