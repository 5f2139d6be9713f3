"""A town of three units and four people, planned by hand at moments the tester names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, func, insert, select, update

from models.message import attempts, messages
from models.occurrence import assignments, due_changes, occurrences
from models.office import duties, people, plans, units
from models.record import log_entries
from models.reminder import reminders
from models.store import Store
from models.upkeep import problems
from planning.basis import PlanBasis
from planning.duty import Duty, Kind, Party
from planning.ladder import parse_ladder
from planning.roster import Person, Post, Roster, Unit
from planning.rules import FixedDay
from planning.workdays import Workdays, builtin_years
from services.plan import PlanOutcome, plan
from tests.rows import message_row

SHANGHAI = ZoneInfo("Asia/Shanghai")
LADDER = "T-7 T-3 T-1 T0 T+1=owner,overseer T+3=owner,overseer,leader"
EVERY_TABLE = (occurrences, assignments, reminders, due_changes, duties, units, people, plans, problems, log_entries)


def _roster() -> Roster:
    listed = (
        Unit("caohui", "曹回镇", "town", head="liguoqiang", position=0),
        Unit("sifasuo", "司法所", "office", parent="caohui", contact="wangmin", head="chenxia", position=1),
        Unit("huilong", "回龙村", "village", parent="caohui", contact="zhaolei", position=2),
    )
    staff = (
        Person("liguoqiang", "李国强", (Post("caohui", "镇长", ("主要领导",)),), position=0),
        Person("chenxia", "陈霞", (Post("sifasuo", "司法所所长", ("分管领导",)),), position=1),
        Person("wangmin", "王敏", (Post("sifasuo", "司法助理员", ("学习秘书",)),), position=2),
        Person("zhaolei", "赵磊", (Post("huilong", "村支书", ("法律明白人",)),), position=3),
    )
    return Roster(units={unit.key: unit for unit in listed}, people={person.key: person for person in staff})


@dataclass
class Town:
    """What the tester holds: the files as values, the database, and the moment it is."""

    store: Store
    basis: PlanBasis
    now: datetime

    def at(self, local: str) -> Town:
        """The same town later; ``local`` is its wall clock, 2026-03-02 09:05."""
        self.now = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
        return self

    def duty(self, key: str = "study-law", **fields: Any) -> Duty:
        """A duty due on 30 March that the secretary owns, unless said otherwise."""
        usual: dict[str, Any] = {
            "kind": Kind.STUDY,
            "title": "专题学法",
            "rule": FixedDay(3, 30),
            "owner": Party(role="学习秘书"),
            "overseer": Party(role="分管领导"),
            "ladder": parse_ladder(LADDER),
        }
        return Duty(key=key, **(usual | fields))

    def plan(self, *listed: Duty, **options: Any) -> PlanOutcome:
        """Plan with these duties in the files. Basis fields and plan's own options may be given by name."""
        named = {name: options.pop(name) for name in list(options) if name in PlanBasis.__dataclass_fields__}
        self.basis = replace(self.basis, duties=listed, **named)
        return plan(self.store, self.basis, now=self.now, **options)

    def row(self, ref: str) -> Row[Any]:
        key, _, period = ref.partition(":")
        with self.store.read() as db:
            found = select(occurrences).where(occurrences.c.duty_key == key, occurrences.c.period == period)
            return db.execute(found).one()

    def rows(self) -> Sequence[Row[Any]]:
        with self.store.read() as db:
            return db.execute(select(occurrences).order_by(occurrences.c.due_on, occurrences.c.id)).all()

    def parts(self, ref: str) -> dict[tuple[str, str], Row[Any]]:
        """Assignments of an occurrence by role and person."""
        with self.store.read() as db:
            found = db.execute(select(assignments).where(assignments.c.occurrence_id == self.row(ref).id))
            return {(part.role, part.person): part for part in found}

    def reminders(self, ref: str, person: str = "wangmin", *, epoch: int | None = None) -> dict[str, str]:
        """Step -> state of what one person has of an occurrence, in one epoch; the newest when none is said."""
        row = self.row(ref)
        wanted = (
            select(reminders.c.step, reminders.c.state)
            .join(assignments, assignments.c.id == reminders.c.assignment_id)
            .where(assignments.c.occurrence_id == row.id, assignments.c.person == person)
            .where(reminders.c.due_epoch == (row.due_epoch if epoch is None else epoch))
            .order_by(reminders.c.offset, reminders.c.fire_at)
        )
        with self.store.read() as db:
            return {row.step: row.state for row in db.execute(wanted)}

    def reminder(self, ref: str, step: str, person: str = "wangmin") -> Row[Any]:
        """The newest reminder of that step."""
        wanted = (
            select(reminders)
            .join(assignments, assignments.c.id == reminders.c.assignment_id)
            .where(assignments.c.occurrence_id == self.row(ref).id, assignments.c.person == person, reminders.c.step == step)
            .order_by(reminders.c.due_epoch.desc())
            .limit(1)
        )
        with self.store.read() as db:
            return db.execute(wanted).one()

    def say(self, ref: str, step: str, person: str = "wangmin") -> None:
        """As a tick would: this reminder's message was accepted, and the person knows the day in force."""
        reminder = self.reminder(ref, step, person)
        with self.store.write() as db:
            db.execute(update(reminders).where(reminders.c.id == reminder.id).values(state="sent"))
            told = update(assignments).where(assignments.c.id == reminder.assignment_id)
            db.execute(told.values(told_due_on=self.row(ref).due_on))

    def queue(self, ref: str, step: str, person: str = "wangmin", *, leased: bool = False) -> int:
        """As a tick would: this reminder is in a message; ``leased`` while it is being handed over."""
        reminder = self.reminder(ref, step, person)
        with self.store.write() as db:
            number = db.execute(select(func.count()).select_from(messages)).scalar_one() + 1
            message = {
                "id": number,
                "ref": f"T2603-{number:06}",
                "dedupe_key": str(number),
                "person": person,
                "name": person,
                "channel": "mail",
                "rank": 0,
                "address": f"{person}@caohui.example",
                "subject": "提醒",
                "text": "",
                "html": "",
                "headers": {},
                "links": [],
                "state": "leased" if leased else "pending",
                "lease_token": "t" if leased else None,
                "built_at": self.now,
                "next_at": self.now,
                "tries": 0,
                "crashes": 0,
                "ambiguous": 0,
                "provider_id": "",
                "last_error": "",
            }
            db.execute(insert(messages), message_row(**message))
            queued = update(reminders).where(reminders.c.id == reminder.id)
            db.execute(queued.values(state="queued", message_id=number))
        return number

    def set_row(self, ref: str, **columns: Any) -> None:
        with self.store.write() as db:
            db.execute(update(occurrences).where(occurrences.c.id == self.row(ref).id).values(**columns))

    def swap(self, key: str, **fields: Any) -> None:
        """Edit one person in people.yaml."""
        roster = self.basis.roster
        changed = {**roster.people, key: replace(roster.people[key], **fields)}
        self.basis = replace(self.basis, roster=Roster(units=roster.units, people=changed))

    def problems(self) -> dict[str, str]:
        """Open problems: key -> sentence."""
        with self.store.read() as db:
            found = db.execute(select(problems).where(problems.c.closed_at.is_(None)))
            return {row.key: row.text for row in found}

    def counts(self) -> dict[str, int]:
        """Rows of every table a plan writes."""
        with self.store.read() as db:
            return {table.name: db.execute(select(func.count()).select_from(table)).scalar_one() for table in EVERY_TABLE}

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every such table, and of messages: equal means that nothing at all was written."""
        with self.store.read() as db:
            tables = (*EVERY_TABLE, messages, attempts)
            return {table.name: sorted((tuple(row) for row in db.execute(select(table))), key=repr) for table in tables}


@pytest.fixture(scope="session")
def workdays() -> Workdays:
    return Workdays(builtin_years())


@pytest.fixture
def town(store: Store, workdays: Workdays) -> Town:
    basis = PlanBasis(
        duties=(),
        roster=_roster(),
        workdays=workdays,
        years=(2026,),
        tz=SHANGHAI,
        remind_at=time(8, 45),
        day_ends_at=time(17, 30),
        revision="r1",
    )
    return Town(store=store, basis=basis, now=datetime(2026, 1, 5, 1, 0, tzinfo=UTC))


@pytest.fixture
def march(town: Town) -> Town:
    """The town on the morning of 20 March 2026, which is seven workdays before the 30th less one day."""
    return town.at("2026-03-20 09:00")
