"""A small town office: one duty, its people, its reminders, and the words by which tests ask about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, Table, insert, select

from models.message import messages
from models.occurrence import assignments, occurrences
from models.office import duties, people
from models.record import log_entries
from models.reminder import reminders
from models.store import Store
from planning.ladder import moments, parse_ladder
from planning.workdays import Workdays, builtin_years
from tests.rows import message_row

CHINA = ZoneInfo("Asia/Shanghai")
NINE = time(9, 0)
PLANNED_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
NAMES = {"chenxia": "陈霞", "liqiang": "李强", "wangmin": "王敏", "zhaojun": "赵军", "sunli": "孙丽"}


def at(month: int, day: int, hour: int = 10) -> datetime:
    """An hour in the town, 2026."""
    return datetime(2026, month, day, hour, tzinfo=CHINA)


@dataclass
class Town:
    store: Store
    workdays: Workdays

    def duty(self, key: str, **fields: Any) -> str:
        row = {
            "key": key,
            "kind": "study",
            "title": "党委理论学习中心组法治专题学习",
            "basis": "学法用法制度",
            "basis_mark": "见",
            "as_written": "",
            "note": "",
            "ladder": "T-7 T-3 T0 T+1=owner,overseer",
            "evidence": [],
            "evidence_required": False,
            "measures": [],
            "sign_off": False,
            "standing": False,
            "zero_report": False,
            "login_required": False,
            "source": "calendar/10-study.yaml:1",
            "position": 1,
            "revision": "r1",
            "fingerprint": "f1",
            "active": True,
            "planned_at": PLANNED_AT,
            **fields,
        }
        with self.store.write() as db:
            db.execute(insert(duties), row)
        return key

    def occurrence(
        self,
        duty_key: str = "study-law",
        period: str = "2026-Q1",
        *,
        due: date = date(2026, 3, 5),
        parts: tuple[tuple[str, str], ...] = (("chenxia", "owner"), ("wangmin", "overseer")),
        told: tuple[str, ...] = (),
        now: datetime = PLANNED_AT,
        **fields: Any,
    ) -> str:
        with self.store.write() as db:
            duty = db.execute(select(duties).where(duties.c.key == duty_key)).one()
            occurrence_id = db.execute(
                insert(occurrences).returning(occurrences.c.id),
                {
                    "duty_key": duty_key,
                    "period": period,
                    "kind": duty.kind,
                    "title": duty.title,
                    "nominal_on": due,
                    "planned_on": due,
                    "original_due_on": due,
                    "due_on": due,
                    "due_at": datetime.combine(due, time(18), CHINA),
                    "standing": duty.standing,
                    "sign_off_needed": duty.sign_off,
                    "planned_at": now,
                    **{name: value for name, value in _BLANK.items() if name not in fields},
                    **fields,
                },
            ).scalar_one()
            for person, role in parts:
                assignment_id = db.execute(
                    insert(assignments).returning(assignments.c.id),
                    {
                        "occurrence_id": occurrence_id,
                        "person": person,
                        "name": NAMES[person],
                        "role": role,
                        "active": True,
                        "handed": False,
                        "since": now,
                        "told_due_on": due if person in told else None,
                    },
                ).scalar_one()
                steps = [step for step in parse_ladder(duty.ladder) if role in step.audience]
                rows = [
                    {
                        "assignment_id": assignment_id,
                        "occurrence_id": occurrence_id,
                        "step": step.name,
                        "offset": step.offset or 0,
                        "due_epoch": 0,
                        "fire_at": fire_at,
                        "say": "提前通知讲授人" if step.name == "T-7" else "",
                        "state": "planned",
                        "reason": "",
                    }
                    for step, fire_at in moments(steps, due, workdays=self.workdays, remind_at=NINE, tz=CHINA, assigned_at=None)
                ]
                if rows:
                    db.execute(insert(reminders), rows)
        return f"{duty_key}:{period}"

    def row(self, ref: str) -> Row[Any]:
        key, _, period = ref.partition(":")
        mine = select(occurrences).where(occurrences.c.duty_key == key, occurrences.c.period == period)
        with self.store.read() as db:
            return db.execute(mine).one()

    def rows(self, table: Table, **equal: object) -> list[Row[Any]]:
        wanted = select(table).where(*(table.c[name] == value for name, value in equal.items()))
        with self.store.read() as db:
            return list(db.execute(wanted.order_by(*table.primary_key)))

    def reminders(self, ref: str, person: str | None = None) -> dict[tuple[str, int], str]:
        """step and epoch -> state, for everybody or one person."""
        wanted = select(reminders.c.step, reminders.c.due_epoch, reminders.c.state).join(
            assignments, assignments.c.id == reminders.c.assignment_id
        )
        wanted = wanted.where(reminders.c.occurrence_id == self.row(ref).id)
        if person is not None:
            wanted = wanted.where(assignments.c.person == person)
        with self.store.read() as db:
            return {(one.step, one.due_epoch): one.state for one in db.execute(wanted)}

    def log(self) -> list[Row[Any]]:
        return self.rows(log_entries)

    def message(self, ref: str, *, state: str = "pending", **fields: Any) -> int:
        """A message that holds the occurrence's first planned reminder."""
        with self.store.write() as db:
            first = db.execute(
                select(reminders)
                .join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
                .where(occurrences.c.duty_key + ":" + occurrences.c.period == ref, reminders.c.state == "planned")
                .order_by(reminders.c.fire_at)
                .limit(1)
            ).one()
            message_id: int = db.execute(
                insert(messages).returning(messages.c.id),
                message_row(
                    **{
                        "ref": f"T2602-{first.id:06d}",
                        "dedupe_key": f"key-{first.id}",
                        "person": "chenxia",
                        "name": "陈霞",
                        "address": "chenxia@example.org",
                        "state": state,
                        "built_at": PLANNED_AT,
                        "next_at": PLANNED_AT,
                        **fields,
                    }
                ),
            ).scalar_one()
            db.execute(reminders.update().where(reminders.c.id == first.id).values(state="queued", message_id=message_id))
        return message_id


_BLANK: Mapping[str, Any] = {
    "unit": "fazhi",
    "due_epoch": 0,
    "provisional": False,
    "awaiting_notice": False,
    "silent": False,
    "explanation": "",
    "as_written": "",
    "extensions": 0,
    "extension_days": 0,
    "state": "open",
    "late": False,
    "proved": False,
    "row_version": 0,
}


@pytest.fixture(scope="session")
def workdays() -> Workdays:
    return Workdays(builtin_years())


@pytest.fixture
def town(store: Store, workdays: Workdays) -> Town:
    """The town with its people and the quarterly study, due on Thursday 5 March 2026."""
    made = Town(store, workdays)
    with store.write() as db:
        db.execute(
            insert(people),
            [
                {"key": key, "name": name, "title": "干部", "unit": "fazhi", "position": place}
                for place, (key, name) in enumerate(NAMES.items())
            ],
        )
    made.duty("study-law")
    return made


@pytest.fixture
def clock() -> Callable[..., datetime]:
    return at
