"""Addresses of calendar feeds and keys of programs: shown once, ended by their owner, worth nothing without his account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from models.access import access_tokens
from planning.access import TokenKind
from reports.accounts import live_tokens
from services.accounts import disable, enable
from services.tokens import find_token, make_token, program_account, revoke_token

PERSON, UNIT, PROGRAM = TokenKind.PERSON_FEED, TokenKind.UNIT_FEED, TokenKind.PROGRAM


def made(town: Any, kind: TokenKind = PERSON, subject: str = "wangmin", by: str = "wangmin", **more: Any) -> str:
    return make_token(town.store, kind, subject, note="手机", by=by, now=town.now, **more)


def number(town: Any, of: str | None = None) -> int:
    return live_tokens(town.store, of=of, now=town.now)[0].id


def test_a_token_says_what_it_is_for_and_the_database_does_not_know_it(town: Any) -> None:
    token = made(town)
    found = find_token(town.store, token, now=town.now)
    assert found is not None
    assert (found.kind, found.subject) == (PERSON, "wangmin")
    assert find_token(town.store, f" {token.upper()}", now=town.now) == found
    assert len(token) == 32  # 160 bits
    with town.store.read() as db:
        assert token not in repr(db.execute(select(access_tokens)).all())


def test_what_is_no_token_finds_nothing(town: Any) -> None:
    made(town)
    for token in ("", "x" * 32, "\x00", "令", "\ud800", "%"):
        assert find_token(town.store, token, now=town.now) is None
        assert program_account(town.store, token, now=town.now) is None


def test_a_new_address_of_ones_own_feed_ends_the_one_before(town: Any) -> None:
    old, new = made(town), made(town)
    others = made(town, subject="chenxia", by="chenxia"), made(town, UNIT, "sifasuo"), made(town, UNIT, "sifasuo")
    assert find_token(town.store, old, now=town.now) is None
    assert all(find_token(town.store, token, now=town.now) for token in (new, *others))


def test_many_new_addresses_at_once_leave_one(town: Any) -> None:
    with ThreadPoolExecutor(6) as presses:
        tokens = list(presses.map(lambda _: made(town), range(6)))
    assert sum(find_token(town.store, token, now=town.now) is not None for token in tokens) == 1


def test_a_token_ends_on_its_day(town: Any) -> None:
    token = made(town, PROGRAM, expires_at=town.now + timedelta(days=90))
    town.later(days=90, seconds=-1)
    assert program_account(town.store, token, now=town.now) is not None
    town.later(seconds=1)
    assert program_account(town.store, token, now=town.now) is None
    assert live_tokens(town.store, now=town.now) == ()


def test_a_program_acts_for_an_account_as_it_stands_now(town: Any) -> None:
    token = made(town, PROGRAM, "chenxia", by="chenxia")
    found = program_account(town.store, token, now=town.now)
    assert found is not None
    assert (found.person, found.role, found.scope) == ("chenxia", "office", "sifasuo")
    assert program_account(town.store, made(town), now=town.now) is None  # a feed's address is no key
    assert program_account(town.store, made(town, PROGRAM, "nobody"), now=town.now) is None


def test_what_ended_with_an_account_does_not_come_back_with_it(town: Any) -> None:
    """His feed, the program that acts for him, and the unit's feed whose address was shown to him alone."""
    his = made(town), made(town, PROGRAM, by="zhangwei"), made(town, UNIT, "sifasuo")
    anothers = made(town, UNIT, "sifasuo", by="chenxia"), made(town, PROGRAM, "chenxia", by="wangmin")
    disable(town.store, "wangmin", now=town.now)
    assert [find_token(town.store, token, now=town.now) for token in his] == [None] * 3
    assert program_account(town.store, his[1], now=town.now) is None
    enable(town.store, "wangmin")
    assert [find_token(town.store, token, now=town.now) for token in his] == [None] * 3
    assert all(find_token(town.store, token, now=town.now) for token in anothers)


def test_a_token_made_while_its_account_ended_finds_nothing(town: Any) -> None:
    disable(town.store, "wangmin", now=town.now)
    late = made(town), made(town, PROGRAM), made(town, UNIT, "sifasuo")
    assert [find_token(town.store, token, now=town.now) for token in late] == [None] * 3


def test_a_units_feed_is_read_with_the_rights_of_who_made_it(town: Any) -> None:
    found = find_token(town.store, made(town, UNIT, "sifasuo", by="chenxia"), now=town.now)
    assert found is not None
    assert found.holder is not None
    assert (found.holder.person, found.holder.role, found.holder.scope) == ("chenxia", "office", "sifasuo")


def test_somebody_without_an_account_may_have_a_feed(town: Any) -> None:
    assert find_token(town.store, made(town, subject="fenggang", by="zhangwei"), now=town.now) is not None


def test_a_token_is_ended_by_its_owner_by_who_made_it_or_by_the_admin(town: Any) -> None:
    for of in ("wangmin", "chenxia", None):
        token = made(town, by="chenxia")
        assert town.refused(revoke_token, town.store, number(town), of="fenggang", now=town.now).code == "unknown_token"
        revoke_token(town.store, number(town), of=of, now=town.now)
        assert find_token(town.store, token, now=town.now) is None
    assert town.refused(revoke_token, town.store, 1, of=None, now=town.now).code == "unknown_token"
    assert town.refused(revoke_token, town.store, 10**9, of=None, now=town.now).code == "unknown_token"


def test_a_unit_that_is_called_like_a_person_gives_him_no_say_over_its_feed(town: Any) -> None:
    made(town, UNIT, "wangmin", by="zhangwei")
    assert live_tokens(town.store, of="wangmin", now=town.now) == ()
    assert town.refused(revoke_token, town.store, number(town), of="wangmin", now=town.now).code == "unknown_token"
    disable(town.store, "wangmin", now=town.now)
    assert len(live_tokens(town.store, of="zhangwei", now=town.now)) == 1


def test_the_list_shows_what_is_in_force_newest_first(town: Any) -> None:
    made(town)
    made(town, UNIT, "sifasuo")
    made(town, subject="chenxia", by="chenxia")
    assert [(line.kind, line.subject, line.note) for line in live_tokens(town.store, of="wangmin", now=town.now)] == [
        (UNIT, "sifasuo", "手机"),
        (PERSON, "wangmin", "手机"),
    ]
    assert len(live_tokens(town.store, now=town.now)) == 3
