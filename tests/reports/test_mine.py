"""我的事项: what is to be done, what waits for somebody's word, and nothing of anybody else's."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from models.occurrence import assignments, occurrences
from reports.mine import Asking, Mine, mine

PLANNED_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
CHEN = Asking("chenxia")


def look(office: Any, asking: Asking = CHEN, *, on: date = TODAY) -> Mine:
    return mine(office.store, asking, as_of=on, workdays=office.workdays)


def periods(lines: Any) -> list[str]:
    return [one.line.period for one in lines]


def part(office: Any, ref: str, person: str, role: str) -> None:
    key, _, period = ref.partition(":")
    with office.store.write() as db:
        wanted = select(occurrences.c.id).where(occurrences.c.duty_key == key, occurrences.c.period == period)
        row = {
            "occurrence_id": db.execute(wanted).scalar_one(),
            "person": person,
            "name": {"zhaojun": "赵军"}.get(person, person),
        }
        db.execute(insert(assignments), {**row, "role": role, "active": True, "handed": False, "since": PLANNED_AT})


def test_what_is_to_be_done_stands_under_overdue_today_and_the_two_weeks_to_come(office: Any) -> None:
    for period, due in (("a", 1), ("b", 2), ("c", 3), ("d", 16), ("e", 17), ("f", 31)):
        office.occurrence(period=period, due=date(2026, 3, due))
    office.occurrence(period="g", due=date(2026, 3, 3), owner="liqiang")
    found = look(office)
    assert (periods(found.overdue), periods(found.today), periods(found.coming)) == (["a"], ["b"], ["c", "d"])
    assert (found.later, found.waiting, found.deciding) == (2, (), ())


def test_what_lies_before_the_start_or_is_closed_is_not_to_be_done(office: Any) -> None:
    office.occurrence(period="a", due=date(2026, 3, 1), silent=True)
    office.occurrence(period="b", due=date(2026, 3, 1), state="waived")
    office.occurrence(period="c", due=date(2026, 3, 1), state="withdrawn")
    office.occurrence(period="d", due=date(2026, 3, 1), state="done")
    assert look(office).is_empty


def test_what_waits_for_its_notice_is_coming_and_not_overdue(office: Any) -> None:
    office.occurrence(period="a", due=date(2026, 3, 1), awaiting_notice=True)
    assert periods(look(office).coming) == ["a"]


def test_an_asked_extension_waits_for_whoever_may_decide_and_is_never_overdue(office: Any) -> None:
    ref = office.occurrence(period="a", due=date(2026, 3, 1), asked_to=date(2026, 3, 20))
    part(office, ref, "zhaojun", "overseer")
    assert (periods(look(office).waiting), look(office).overdue) == (["a"], ())
    [line] = look(office, Asking("zhaojun")).deciding
    assert (line.line.extension_to, line.asked_by) == (date(2026, 3, 20), "陈霞")
    assert look(office, Asking("zhaojun", deciding_roles={"leader"})).deciding != ()  # no leader is named
    part(office, ref, "liqiang", "leader")
    assert look(office, Asking("zhaojun", deciding_roles={"leader"})).is_empty
    assert periods(look(office, Asking("liqiang", deciding_roles={"leader"})).deciding) == ["a"]


def test_what_nobody_can_decide_is_the_admins(office: Any) -> None:
    office.occurrence(period="a", asked_to=date(2026, 3, 20))
    assert periods(look(office, Asking("wangmin", admin="wangmin")).deciding) == ["a"]
    assert look(office, Asking("liqiang", admin="wangmin")).is_empty
    assert look(office, Asking("chenxia", admin="chenxia")).deciding == ()  # his own wish


def test_what_is_done_waits_for_its_verifier(office: Any) -> None:
    ref = office.occurrence(period="a", state="done", sign_off_needed=True)
    part(office, ref, "zhaojun", "verifier")
    assert periods(look(office).waiting) == ["a"]
    assert periods(look(office, Asking("zhaojun")).deciding) == ["a"]
    with office.store.write() as db:
        db.execute(occurrences.update().values(signed_off_at=PLANNED_AT))
    assert look(office).is_empty
    assert look(office, Asking("zhaojun")).is_empty


def test_the_verifier_has_nothing_to_do_before_it_is_done(office: Any) -> None:
    ref = office.occurrence(period="a", sign_off_needed=True)
    part(office, ref, "zhaojun", "verifier")
    part(office, ref, "wangmin", "overseer")
    assert look(office, Asking("zhaojun")).is_empty
    assert look(office, Asking("wangmin")).is_empty


def test_who_stands_in_sees_in_whose_place(office: Any) -> None:
    office.occurrence(period="a", due=date(2026, 3, 1))
    ref = office.occurrence(period="b", due=date(2026, 3, 2))
    part(office, ref, "zhaojun", "partner")
    found = look(office, Asking("zhaojun", frozenset({"chenxia"})))
    assert [(one.line.period, one.in_place_of) for one in (*found.overdue, *found.today)] == [("a", "陈霞"), ("b", "")]


def test_who_only_helps_sees_who_is_responsible_and_so_does_who_decides(office: Any) -> None:
    ref = office.occurrence(period="a", due=date(2026, 3, 2))
    asked = office.occurrence(period="b", due=date(2026, 3, 2), asked_to=date(2026, 3, 20))
    part(office, ref, "zhaojun", "partner")
    part(office, asked, "zhaojun", "overseer")
    found = look(office, Asking("zhaojun"))
    assert [(one.owners, one.only_helps) for one in (*found.today, *found.deciding)] == [(("陈霞",), True), (("陈霞",), False)]
    own = look(office)
    assert [(one.owners, one.only_helps) for one in (*own.today, *own.waiting)] == [((), False)] * 2
    instead = look(office, Asking("wangmin", frozenset({"zhaojun"})))
    assert [(one.in_place_of, one.owners, one.only_helps) for one in instead.today] == [("赵军", ("陈霞",), True)]


def test_who_has_handed_it_over_does_not_see_it_any_more(office: Any) -> None:
    office.occurrence(period="a")
    with office.store.write() as db:
        db.execute(assignments.update().values(active=False))
    assert look(office).is_empty


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL's plans depend on its statistics
@pytest.mark.parametrize("asking", [CHEN, Asking("wangmin", frozenset({"chenxia"}), admin="wangmin")])
def test_no_list_walks_through_everybodys_rows(office: Any, asking: Asking) -> None:
    office.occurrence(period="a", due=date(2026, 3, 1))
    asked: list[tuple[str, Any]] = []
    event.listen(office.store.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    look(office, asking)
    with office.store.read() as db:
        for statement, values in [one for one in asked if one[0].startswith("SELECT")]:
            steps = db.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            walked = [step[3] for step in steps if re.match(r"SCAN (occurrence|assignment)|.*ix_occurrence_", step[3])]
            assert walked == [], statement
