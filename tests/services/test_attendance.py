"""签到: who scans the wall is on the sheet once; an old photograph of the code is worth nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.gathering import attendances
from models.store import Store
from services.attendance import Attendee, attend, read_wall_code, take_off, ticket, ticket_fits, wall_code
from services.errors import Refused
from tests.services.delivery.town import Town, at

KEY = b"k" * 32
NINE = at("2026-03-06", "09:00")
WANG = Attendee("wangmin", "王敏", "司法所")


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)


@pytest.fixture
def session(town: Town) -> str:
    town.occurrence("中心组法治专题学习")
    return "duty-1:2026-Q1"


def names(town: Town) -> list[str]:
    with town.store.read() as db:
        there = select(attendances.c.name).where(attendances.c.withdrawn_at.is_(None)).order_by(attendances.c.id)
        return list(db.execute(there).scalars())


def test_the_code_on_the_wall_leads_to_its_session_for_two_to_four_minutes(town: Town, session: str) -> None:
    code = wall_code(KEY, 1, now=NINE)
    assert read_wall_code(town.store, KEY, code, now=NINE).ref == session
    assert read_wall_code(town.store, KEY, code.upper(), now=NINE + timedelta(minutes=2)).title == "中心组法治专题学习"
    for minutes in (-10, 4, 60):
        with pytest.raises(Refused) as refused:
            read_wall_code(town.store, KEY, code, now=NINE + timedelta(minutes=minutes))
        assert refused.value.code == "stale_code"


@pytest.mark.parametrize("code", ["", "1", "1-", "1-aaaaaaaaaaaaaaaaaaaa", "２-aaaaaaaaaaaaaaaaaaaa", "99999999999-" + "a" * 20])
@pytest.mark.usefixtures("session")
def test_a_code_that_nobody_made_opens_nothing(town: Town, code: str) -> None:
    with pytest.raises(Refused):
        read_wall_code(town.store, KEY, code, now=NINE)


@pytest.mark.usefixtures("session")
def test_a_code_of_one_session_or_of_another_key_is_none_of_the_next(town: Town) -> None:
    town.occurrence("另一次学习")
    one, other = wall_code(KEY, 1, now=NINE), wall_code(KEY, 2, now=NINE)
    assert one.partition("-")[2] != other.partition("-")[2]
    with pytest.raises(Refused):
        read_wall_code(town.store, KEY, f"2-{one.partition('-')[2]}", now=NINE)
    with pytest.raises(Refused):
        read_wall_code(town.store, b"x" * 32, one, now=NINE)


def test_signing_in_twice_is_one_line_on_the_sheet(town: Town, session: str) -> None:
    assert attend(town.store, session, WANG, via="code", now=NINE)
    assert not attend(town.store, session, WANG, via="page", recorded_by="zhangwei", now=NINE)
    assert names(town) == ["王敏"]


def test_a_guest_is_known_by_the_name_alone(town: Town, session: str) -> None:
    assert attend(town.store, session, Attendee("", " 李四 ", "某公司"), via="code", now=NINE)
    assert not attend(town.store, session, Attendee("", "李四"), via="code", now=NINE)
    assert names(town) == ["李四"]


def test_who_was_taken_off_by_mistake_may_come_again(town: Town, session: str) -> None:
    attend(town.store, session, WANG, via="code", now=NINE)
    take_off(town.store, session, 1, by="zhangwei", now=NINE)
    assert names(town) == []
    with pytest.raises(Refused):
        take_off(town.store, session, 1, by="zhangwei", now=NINE)
    assert attend(town.store, session, WANG, via="code", now=NINE)
    assert names(town) == ["王敏"]


def test_nobody_without_a_name_and_nobody_after_the_end(town: Town, session: str) -> None:
    for who in (Attendee("", "  "), Attendee("", "长" * 41)):
        with pytest.raises(Refused) as refused:
            attend(town.store, session, who, via="code", now=NINE)
        assert refused.value.code == "name_missing"
    town.close(1)
    with pytest.raises(Refused) as refused:
        attend(town.store, session, WANG, via="code", now=NINE)
    assert refused.value.code == "gathering_over"


def test_a_ticket_gives_time_to_find_ones_name_and_no_more() -> None:
    made = ticket(KEY, 1, now=NINE)
    assert ticket_fits(KEY, 1, made, now=NINE + timedelta(minutes=14))
    for number, sent, now in (
        (1, made, NINE + timedelta(minutes=16)),
        (1, made, NINE - timedelta(minutes=1)),
        (2, made, NINE),
        (1, f"9{made}", NINE),
        (1, "", NINE),
        (1, "99999999999999999999999-x", NINE),
        (1, f"{'1' * 5000}-{'a' * 20}", NINE),
        (1, f"9999999999-{'a' * 20}", NINE),
    ):
        assert not ticket_fits(KEY, number, sent, now=now)
