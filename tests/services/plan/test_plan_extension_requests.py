"""A plan that changes what somebody asked a later day for (延期待批)."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from models.occurrence import extension_requests
from models.reminder import reminders
from planning.rules import FixedDay
from services.extension_requests import ask_extension

SHANGHAI = ZoneInfo("Asia/Shanghai")
REF = "study-law:2026"


@pytest.fixture
def asked(march: Any) -> Any:
    """Wang Min asked for 10 April in place of 30 March; nobody has decided, and Chen Xia has not been told yet."""
    march.plan(march.duty())
    said = {"by": "wangmin", "by_name": "王敏", "reason": "出差", "via": "link"}
    ask_extension(march.store, REF, to=date(2026, 4, 10), now=march.now, tz=SHANGHAI, **said)
    return march


def request_state(town: Any) -> str:
    with town.store.read() as db:
        found: str = db.execute(select(extension_requests.c.state)).scalar_one()
    return found


def asked_rows(town: Any) -> list[tuple[int, str]]:
    wanted = select(reminders.c.due_epoch, reminders.c.state).where(reminders.c.step == "extension-asked")
    with town.store.read() as db:
        return [(row.due_epoch, row.state) for row in db.execute(wanted.order_by(reminders.c.id))]


def test_planning_again_leaves_the_request_and_its_notice_alone(asked: Any) -> None:
    before = asked.contents()
    outcome = asked.plan(*asked.basis.duties, full=True)
    assert (outcome.updated, outcome.notices) == (0, 0)
    assert asked.contents() == before


def test_a_day_that_the_plan_moves_keeps_the_question(asked: Any) -> None:
    asked.plan(asked.duty(rule=FixedDay(4, 2)), yes_many=True)
    assert asked.row(REF).due_on == date(2026, 4, 2)
    assert request_state(asked) == "pending"
    assert asked_rows(asked) == [(-1, "superseded"), (1, "planned")]


def test_what_the_plan_withdraws_needs_no_answer(asked: Any) -> None:
    asked.plan(asked.duty(rule=FixedDay(3, 30), key="other"), retire=True, yes_many=True)
    assert asked.row(REF).state == "withdrawn"
    assert request_state(asked) == "withdrawn"
    assert {state for _, state in asked_rows(asked)} == {"cancelled"}
