"""A small town with rows of its own: only what delivery reads, put straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Table, insert, select, update

from models.message import attempts, messages
from models.occurrence import assignments, occurrences
from models.office import duties, people
from models.reminder import reminders
from models.store import Store
from models.upkeep import problems
from notifications.envelope import Channel, Envelope, Marker, Outcome, Scope, Verdict
from planning.basis import DeliveryPolicy
from planning.ladder import moments, parse_ladder
from planning.roster import Destination
from planning.windows import parse_windows
from planning.workdays import Workdays, builtin_years
from services.tick import TickOutcome, tick

TZ = ZoneInfo("Asia/Shanghai")
NAMES = {"wangmin": "王敏", "chenxia": "陈霞", "liguoqiang": "李国强", "zhangwei": "张伟"}
YES = Outcome(Verdict.ACCEPTED, code="250", provider_id="Q1")
DOWN = Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="no-answer", words="connection refused")
LATER = Outcome(Verdict.DEFERRED, Scope.MESSAGE, code="450", words="greylisted")
GONE = Outcome(Verdict.REJECTED, Scope.PERSON, code="550", words="no such user")
SPAM = Outcome(Verdict.REJECTED, Scope.MESSAGE, code="554", words="content refused")
CUT = Outcome(Verdict.UNKNOWN, Scope.MESSAGE, code="cut-off", words="timed out")


def at(day: date | str, wall: str = "08:45") -> datetime:
    """A moment of the town's own clock."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(on, time.fromisoformat(wall), TZ).astimezone(UTC)


@dataclass
class Wire:
    """A channel that answers as told: the scripted answers in order, then yes. ``marked`` is asked before each yes."""

    name: str = "mail"
    script: list[Outcome] = field(default_factory=list)
    taken: list[Envelope] = field(default_factory=list)

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        outcome = self.script.pop(0) if self.script else YES
        if outcome.scope is Scope.CHANNEL:
            return outcome  # no connection, so no marker
        if not marker():
            return None
        if outcome.verdict in {Verdict.ACCEPTED, Verdict.UNKNOWN}:
            self.taken.append(envelope)
        return outcome

    def close(self) -> None:
        """Nothing is open."""


def policy(**changes: Any) -> DeliveryPolicy:
    plain = DeliveryPolicy(
        tz=TZ,
        workdays=Workdays(builtin_years()),
        windows=parse_windows(["08:30-12:00", "14:30-17:30"]),
        title="法治建设工作提醒",
        office="曹回镇人民政府",
        base_url="http://127.0.0.1:8600",
        mail_domain="caohui.example",
        link_key=b"k" * 32,
        destinations={person: (Destination("mail", f"{person}@caohui.example"),) for person in NAMES},
        remind_at=time(8, 45),
    )
    return replace(plain, **changes)


@dataclass
class Town:
    store: Store
    policy: DeliveryPolicy = field(default_factory=policy)
    wire: Wire = field(default_factory=Wire)

    def occurrence(self, title: str = "法治专题学习", *, due: date | str = "2026-03-06", **columns: Any) -> int:
        """One occurrence with a duty of its own; its id."""
        due_on = date.fromisoformat(due) if isinstance(due, str) else due
        with self.store.write() as db:
            key = f"duty-{len(db.execute(select(duties.c.key)).all()) + 1}"
            db.execute(insert(duties), _duty(key, title))
            row = _occurrence(key, title, due_on) | columns
            return int(db.execute(insert(occurrences).returning(occurrences.c.id), row).scalar_one())

    def assign(self, occurrence: int, person: str = "wangmin", role: str = "owner", **columns: Any) -> int:
        row = {
            "occurrence_id": occurrence,
            "person": person,
            "name": NAMES.get(person, person),
            "role": role,
            "active": True,
            "handed": False,
            "since": at("2026-01-04"),
        }
        with self.store.write() as db:
            return int(db.execute(insert(assignments).returning(assignments.c.id), row | columns).scalar_one())

    def remind(self, assignment: int, step: str = "T-3", fire_at: datetime | None = None, **columns: Any) -> int:
        with self.store.write() as db:
            occurrence = db.execute(select(assignments.c.occurrence_id).where(assignments.c.id == assignment)).scalar_one()
            row = {
                "assignment_id": assignment,
                "occurrence_id": occurrence,
                "step": step,
                "offset": int(step[1:] or 0) if step.startswith("T") else 0,
                "due_epoch": 0,
                "fire_at": fire_at or at("2026-03-03"),
                "say": "",
                "state": "planned",
                "reason": "",
            }
            return int(db.execute(insert(reminders).returning(reminders.c.id), row | columns).scalar_one())

    def item(
        self,
        title: str = "法治专题学习",
        *,
        due: date | str = "2026-03-06",
        person: str = "wangmin",
        role: str = "owner",
        step: str = "T-3",
        fire_at: datetime | None = None,
        **columns: Any,
    ) -> int:
        """An occurrence with one part and one reminder; the occurrence's id."""
        occurrence = self.occurrence(title, due=due, **columns)
        self.remind(self.assign(occurrence, person, role), step, fire_at)
        return occurrence

    def fill(self, count: int, *, fire_at: datetime, due: str = "2026-03-06") -> None:
        """One item for each of so many people p1, p2 …, in one transaction: a crowd."""
        due_on = date.fromisoformat(due)
        with self.store.write() as db:
            db.execute(insert(duties), _duty("crowd", "第几件"))
            numbers = range(1, count + 1)
            shared = _occurrence("crowd", "", due_on)
            db.execute(insert(occurrences), [shared | {"id": n, "title": f"第{n}件", "period": f"{n}"} for n in numbers])
            part = {"role": "owner", "active": True, "handed": False, "since": at("2026-01-04")}
            parts = [part | {"id": n, "occurrence_id": n, "person": f"p{n}", "name": f"第{n}人"} for n in numbers]
            db.execute(insert(assignments), parts)
            step = {"step": "T-3", "offset": -3, "due_epoch": 0, "fire_at": fire_at, "say": "", "state": "planned", "reason": ""}
            db.execute(insert(reminders), [step | {"assignment_id": n, "occurrence_id": n} for n in numbers])

    def ladder(self, title: str, *, due: date | str, owner: str = "wangmin", overseer: str = "liguoqiang") -> int:
        """An occurrence with the standard ladder, for its owner and its overseer; the occurrence's id."""
        due_on = date.fromisoformat(due) if isinstance(due, str) else due
        occurrence = self.occurrence(title, due=due_on)
        parts = {"owner": self.assign(occurrence, owner), "overseer": self.assign(occurrence, overseer, "overseer")}
        steps = parse_ladder("T-7 T-3 T-1 T0 T+1=owner,overseer T+3=owner,overseer T+7=owner,overseer")
        placed = moments(steps, due_on, workdays=self.policy.workdays, remind_at=time(8, 45), tz=TZ, assigned_at=None)
        for step, moment in placed:
            for role in step.audience:
                self.remind(parts[role.value], step.name, moment)
        return occurrence

    def tick(self, now: datetime, **more: Any) -> TickOutcome:
        channels: dict[str, Channel] = {self.wire.name: self.wire, **more.pop("channels", {})}
        return tick(self.store, channels, more.pop("policy", self.policy), now=now, **more)

    def close(self, occurrence: int, *, state: str = "done", now: datetime | None = None) -> None:
        with self.store.write() as db:
            closed = {"state": state, "closed_at": now or at("2026-03-03")}
            db.execute(update(occurrences).where(occurrences.c.id == occurrence).values(closed))

    def change(self, table: Table, number: int, **columns: Any) -> None:
        with self.store.write() as db:
            db.execute(update(table).where(table.c.id == number).values(columns))

    def rows(self, table: Table) -> Sequence[Row[Any]]:
        with self.store.read() as db:
            return db.execute(select(table).order_by(*table.primary_key.columns)).all()

    def states(self, table: Table) -> list[str]:
        return [row.state for row in self.rows(table)]

    @property
    def outcomes(self) -> list[str | None]:
        return [row.outcome for row in self.rows(attempts)]

    @property
    def open_problems(self) -> dict[str, str]:
        return {row.key: row.text for row in self.rows(problems) if row.closed_at is None}

    @property
    def reminder_states(self) -> list[str]:
        return self.states(reminders)

    @property
    def message_states(self) -> list[str]:
        return self.states(messages)

    def add_people(self, names: dict[str, str]) -> None:
        with self.store.write() as db:
            for position, (key, name) in enumerate(names.items()):
                db.execute(insert(people), {"key": key, "name": name, "title": "", "unit": "sifasuo", "position": position})


def destinations(*channels: str, person: str = "wangmin") -> dict[str, tuple[Destination, ...]]:
    return {person: tuple(Destination(channel, f"{person}@{channel}.example") for channel in channels)}


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def _duty(key: str, title: str) -> dict[str, Any]:
    return {
        "key": key,
        "kind": "study",
        "title": title,
        "basis": "",
        "basis_mark": "见",
        "as_written": "",
        "note": "",
        "ladder": "",
        "evidence": [],
        "evidence_required": False,
        "measures": [],
        "sign_off": False,
        "standing": False,
        "zero_report": False,
        "login_required": False,
        "source": "calendar/10.yaml:1",
        "position": 0,
        "revision": "",
        "fingerprint": "",
        "active": True,
        "planned_at": at("2026-01-04"),
    }


def _occurrence(key: str, title: str, due_on: date) -> dict[str, Any]:
    return {
        "duty_key": key,
        "period": "2026-Q1",
        "kind": "study",
        "title": title,
        "nominal_on": due_on,
        "planned_on": due_on,
        "original_due_on": due_on,
        "due_on": due_on,
        "due_at": at(due_on, "17:30"),
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
        "planned_at": at("2026-01-04"),
    }
