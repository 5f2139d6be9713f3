"""A small office whose record is made through the services, as people would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from models.occurrence import assignments, extension_requests, occurrences
from models.office import duties, people, units
from models.reminder import reminders
from models.store import Store
from planning.workdays import Workdays, builtin_years
from services.complete import complete

CHINA = ZoneInfo("Asia/Shanghai")
PLANNED_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
NAMES = {"chenxia": "陈霞", "liqiang": "李强", "wangmin": "王敏", "zhaojun": "赵军"}
UNITS = {"fazhi": "平安法治办公室", "dangzheng": "党政办公室"}

_DUTY: Mapping[str, Any] = {
    "kind": "study",
    "title": "中心组法治专题学习",
    "basis": "学法用法制度",
    "basis_mark": "见",
    "as_written": "",
    "note": "",
    "ladder": "T-3 T0 T+1",
    "evidence": [],
    "evidence_required": False,
    "measures": [],
    "sign_off": False,
    "standing": False,
    "zero_report": False,
    "login_required": False,
    "source": "calendar/10-study.yaml:1",
    "revision": "r",
    "fingerprint": "f",
    "active": True,
    "planned_at": PLANNED_AT,
}
_OCCURRENCE: Mapping[str, Any] = {
    "unit": "fazhi",
    "due_epoch": 0,
    "provisional": False,
    "awaiting_notice": False,
    "standing": False,
    "silent": False,
    "explanation": "",
    "as_written": "",
    "extensions": 0,
    "extension_days": 0,
    "state": "open",
    "late": False,
    "proved": False,
    "sign_off_needed": False,
    "row_version": 0,
    "planned_at": PLANNED_AT,
}


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=CHINA)


@dataclass
class Office:
    store: Store
    workdays: Workdays
    keys: list[str] = field(default_factory=list)

    def duty(self, key: str, **fields: Any) -> None:
        with self.store.write() as db:
            db.execute(insert(duties), {**_DUTY, "key": key, "position": len(self.keys), **fields})
        self.keys.append(key)

    def occurrence(
        self, duty_key: str = "study-law", period: str = "2026-Q1", due: date = date(2026, 3, 5), **fields: Any
    ) -> str:
        owner = fields.pop("owner", "chenxia")
        asked_to = fields.pop("asked_to", None)
        with self.store.write() as db:
            duty = db.execute(select(duties).where(duties.c.key == duty_key)).one()
            row = {**_OCCURRENCE, "kind": duty.kind, "title": duty.title, "duty_key": duty_key, "period": period, **fields}
            days = dict.fromkeys(("nominal_on", "planned_on", "original_due_on", "due_on"), due)
            if row["state"] != "open":
                row.setdefault("closed_at", PLANNED_AT)
            closing = {**days, "due_at": datetime.combine(due, time(18), CHINA)}
            occurrence_id = db.execute(insert(occurrences).returning(occurrences.c.id), {**closing, **row}).scalar_one()
            part = {"occurrence_id": occurrence_id, "person": owner, "name": NAMES[owner], "role": "owner"}
            db.execute(insert(assignments), {**part, "active": True, "handed": False, "since": PLANNED_AT})
            if asked_to is not None:
                asked = {"asked_by": owner, "asked_name": NAMES[owner], "asked_at": PLANNED_AT, "reason": "领导出差"}
                days = {"from_on": due, "to_on": asked_to, "state": "pending"}
                none = {"decided_by": "", "decided_name": "", "answer": ""}
                db.execute(insert(extension_requests), {"occurrence_id": occurrence_id, **asked, **days, **none})
        return f"{duty_key}:{period}"

    def reminder(self, ref: str, step: str, fire_at: datetime, *, state: str = "planned", **fields: Any) -> int:
        key, _, period = ref.partition(":")
        with self.store.write() as db:
            part = db.execute(
                select(assignments.c.id, assignments.c.occurrence_id)
                .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
                .where(occurrences.c.duty_key == key, occurrences.c.period == period)
            ).first()
            assert part is not None
            row = {"assignment_id": part.id, "occurrence_id": part.occurrence_id, "step": step, "offset": 0, "due_epoch": 0}
            row |= {"fire_at": fire_at, "say": "", "state": state, "reason": "", **fields}
            added: int = db.execute(insert(reminders).returning(reminders.c.id), row).scalar_one()
        return added

    def done(self, ref: str, now: datetime, **fields: Any) -> Any:
        said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "done_on": now.date(), **fields}
        return complete(self.store, ref, now=now, workdays=self.workdays, **said)


@pytest.fixture(scope="session")
def workdays() -> Workdays:
    return Workdays(builtin_years())


@pytest.fixture
def office(store: Store, workdays: Workdays) -> Office:
    made = Office(store, workdays)
    with store.write() as db:
        for place, (key, name) in enumerate(NAMES.items()):
            db.execute(insert(people), {"key": key, "name": name, "title": "干部", "unit": "fazhi", "position": place})
        for place, (key, name) in enumerate(UNITS.items()):
            db.execute(insert(units), {"key": key, "name": name, "kind": "office", "position": place})
    made.duty("study-law")
    return made


@pytest.fixture
def clock() -> Any:
    return at
