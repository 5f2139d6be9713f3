from __future__ import annotations

from datetime import date

import pytest

from planning.duty import Party
from planning.lookup import answering, responsible_unit, standing_in, stood_in_for, unit_and_below
from planning.roster import Person, Post, Roster, StandIn, Unit

DAY = date(2026, 7, 10)


def person(key: str, *posts: Post, position: int, stand_ins: tuple[StandIn, ...] = (), left_on: date | None = None) -> Person:
    return Person(key=key, name=key, posts=posts, stand_ins=stand_ins, left_on=left_on, position=position)


def away(stand_in: str, since: date = date(2026, 7, 1), until: date = date(2026, 7, 15)) -> tuple[StandIn, ...]:
    return (StandIn(stand_in, since, until),)


def roster_of(*people: Person) -> Roster:
    units = (
        Unit("town", "曹回镇", "town", head="mayor"),
        Unit("justice", "司法所", "office", parent="town", head="chief", contact="clerk"),
        Unit("huilong", "回龙村", "village", parent="town", contact="huilong-clerk"),
        Unit("group", "回龙村一组", "group", parent="huilong"),
    )
    return Roster(units={unit.key: unit for unit in units}, people={one.key: one for one in people})


MAYOR = person("mayor", Post("town", "镇长", ("主要领导",)), position=0)
CHIEF = person("chief", Post("justice", "司法所所长", ("普法负责人", "学习秘书")), position=2)
CLERK = person("clerk", Post("justice", "干部"), Post("huilong", "驻村干部", ("联络员",)), position=3)
VILLAGE_CLERK = person("huilong-clerk", Post("huilong", "村主任", ("联络员",)), position=4)
GROUP_HEAD = person("group-head", Post("group", "组长", ("联络员",)), position=1)
EVERYBODY = (VILLAGE_CLERK, CLERK, CHIEF, MAYOR, GROUP_HEAD)


def keys(party: Party, roster: Roster, *, unit: str | None = None, on: date = DAY) -> list[str]:
    return [one.key for one in answering(party, roster, unit=unit, on=on)]


def test_a_person_answers_for_himself() -> None:
    assert keys(Party(person="chief"), roster_of(*EVERYBODY)) == ["chief"]


def test_everybody_who_holds_a_role_answers_in_official_order() -> None:
    assert keys(Party(role="联络员"), roster_of(*EVERYBODY)) == ["group-head", "clerk", "huilong-clerk"]


def test_a_title_serves_as_a_role() -> None:
    assert keys(Party(role="镇长"), roster_of(*EVERYBODY)) == ["mayor"]


def test_a_role_may_be_narrowed_to_a_unit_and_what_is_below_it() -> None:
    roster = roster_of(*EVERYBODY)

    assert keys(Party(role="联络员", unit="group"), roster) == ["group-head"]
    assert keys(Party(role="联络员", unit="huilong"), roster) == ["group-head", "clerk", "huilong-clerk"]
    assert keys(Party(role="联络员", unit="justice"), roster) == []


def test_each_means_the_unit_that_the_duty_speaks_of() -> None:
    roster = roster_of(*EVERYBODY)

    assert keys(Party(role="联络员", unit="each"), roster, unit="group") == ["group-head"]
    assert keys(Party(unit="each"), roster, unit="justice") == ["clerk"]
    assert keys(Party(unit="each"), roster) == []
    assert keys(Party(role="联络员", unit="each"), roster) == []


def test_a_units_contact_answers_else_its_head_else_nobody() -> None:
    roster = roster_of(*EVERYBODY)

    assert keys(Party(unit="justice"), roster) == ["clerk"]
    assert keys(Party(unit="town"), roster) == ["mayor"]
    assert keys(Party(unit="group"), roster) == []


@pytest.mark.parametrize("party", [Party(person="nobody"), Party(role="无此岗位"), Party(unit="nowhere"), Party()])
def test_who_is_unknown_answers_nothing(party: Party) -> None:
    assert keys(party, roster_of(*EVERYBODY)) == []


def test_whoever_left_never_answers_from_that_day_on() -> None:
    gone = person("clerk", *CLERK.posts, position=3, left_on=DAY)
    roster = roster_of(gone, CHIEF, VILLAGE_CLERK)

    assert keys(Party(person="clerk"), roster) == []
    assert keys(Party(person="clerk"), roster, on=date(2026, 7, 9)) == ["clerk"]
    assert keys(Party(role="联络员"), roster) == ["huilong-clerk"]
    assert keys(Party(unit="justice"), roster) == ["chief"]


@pytest.mark.parametrize(
    ("on", "answers"),
    [
        (date(2026, 6, 30), "chief"),
        (date(2026, 7, 1), "clerk"),
        (date(2026, 7, 15), "clerk"),
        (date(2026, 7, 16), "chief"),
    ],
)
def test_a_stand_in_answers_on_the_first_and_the_last_day(on: date, answers: str) -> None:
    absent = person("chief", *CHIEF.posts, position=2, stand_ins=away("clerk"))

    assert keys(Party(role="学习秘书"), roster_of(absent, CLERK), on=on) == [answers]


def test_the_chain_of_stand_ins_is_followed() -> None:
    absent = person("chief", *CHIEF.posts, position=2, stand_ins=away("clerk"))
    absent_too = person("clerk", *CLERK.posts, position=3, stand_ins=away("mayor"))

    assert keys(Party(person="chief"), roster_of(absent, absent_too, MAYOR)) == ["mayor"]


def test_stand_ins_in_a_circle_come_to_an_end() -> None:
    one = person("chief", *CHIEF.posts, position=2, stand_ins=away("clerk"))
    other = person("clerk", *CLERK.posts, position=3, stand_ins=away("chief"))
    alone = person("mayor", *MAYOR.posts, position=0, stand_ins=away("mayor"))
    roster = roster_of(one, other, alone)

    assert keys(Party(person="chief"), roster) == ["clerk"]
    assert keys(Party(person="clerk"), roster) == ["chief"]
    assert keys(Party(person="mayor"), roster) == ["mayor"]


def test_who_stands_in_knows_for_whom_at_the_end_of_the_chain_and_only_on_those_days() -> None:
    absent = person("chief", *CHIEF.posts, position=2, stand_ins=away("clerk"))
    absent_too = person("clerk", *CLERK.posts, position=3, stand_ins=away("mayor", until=date(2026, 7, 10)))
    roster = roster_of(absent, absent_too, MAYOR)
    assert [one.key for one in stood_in_for("mayor", roster, date(2026, 7, 5))] == ["chief", "clerk"]
    assert stood_in_for("clerk", roster, date(2026, 7, 5)) == ()
    assert [one.key for one in stood_in_for("clerk", roster, date(2026, 7, 12))] == ["chief"]
    assert stood_in_for("clerk", roster, date(2026, 7, 20)) == ()


def test_nobody_is_told_twice_when_one_stands_in_for_the_other() -> None:
    absent = person("huilong-clerk", *VILLAGE_CLERK.posts, position=4, stand_ins=away("clerk"))

    assert keys(Party(role="联络员"), roster_of(absent, CLERK)) == ["clerk"]


def test_a_stand_in_who_left_leaves_the_duty_with_whom_it_was() -> None:
    absent = person("chief", *CHIEF.posts, position=2, stand_ins=away("clerk"))
    gone = person("clerk", *CLERK.posts, position=3, left_on=date(2026, 7, 5))

    assert keys(Party(person="chief"), roster_of(absent, gone)) == ["chief"]
    assert keys(Party(person="chief"), roster_of(absent)) == ["chief"]


def test_a_named_stand_in_answers_for_one_who_left() -> None:
    gone = person("chief", *CHIEF.posts, position=2, stand_ins=away("clerk"), left_on=date(2026, 7, 1))
    roster = roster_of(gone, CLERK)

    assert keys(Party(person="chief"), roster) == ["clerk"]
    assert standing_in(gone, roster, date(2026, 7, 20)) is None


def test_parents_in_a_circle_come_to_an_end() -> None:
    roster = Roster(units={"a": Unit("a", "甲", "office", parent="b"), "b": Unit("b", "乙", "office", parent="a")})

    assert unit_and_below(roster, "a") == {"a", "b"}


def test_the_responsible_unit_is_the_partys_else_the_first_persons() -> None:
    assert responsible_unit(Party(unit="justice"), [VILLAGE_CLERK], None) == "justice"
    assert responsible_unit(Party(role="联络员", unit="each"), [CLERK], "huilong") == "huilong"
    assert responsible_unit(Party(role="联络员"), [CLERK, VILLAGE_CLERK], None) == "justice"
    assert responsible_unit(Party(role="联络员"), [], "huilong") is None
