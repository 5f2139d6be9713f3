"""The town that the machine plays with: real planning, real acts, real ticks; providers that keep account."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event, func, select

from models.message import attempts, messages
from models.occurrence import assignments, due_changes, occurrences
from models.reminder import reminders
from models.store import Store, open_store
from planning.basis import DeliveryPolicy, PlanBasis
from planning.duty import Duty, Kind, Party
from planning.instants import instant
from planning.ladder import parse_ladder
from planning.roster import Destination, Person, Post, Roster, Unit
from planning.rules import FixedDay
from planning.windows import next_open, parse_windows
from planning.workdays import Workdays, builtin_years
from services.change import extend, hand_over, reopen, waive
from services.complete import complete
from services.errors import Refused
from services.failpoints import FailpointReached, arm
from services.plan import plan
from services.tick import tick
from tests.services.delivery.machine.providers import Answer, Handed, Provider

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = {"wangmin": "王敏", "chenxia": "陈霞", "zhaolei": "赵磊", "liguoqiang": "李国强"}
OWNERS = ("wangmin", "chenxia", "zhaolei")
WINDOWS = parse_windows(("08:30-12:00", "14:30-17:30"))
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday, 09:00 in the office
LAST = datetime(2026, 11, 1, tzinfo=UTC)
LEASE = timedelta(minutes=3)
RESTING_WINDOWS = 6
LONGEST_GAP = timedelta(days=40)
"""Below what counts as a wrong clock: whoever comes later is asked first, which is another test's matter."""

WORKDAYS = Workdays(builtin_years())


def memory_store() -> Store:
    """A database in memory: nothing here is about files. Opened once, so that statements are compiled once."""
    store = open_store("sqlite://")
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return store


def begin_anew(store: Store, template: Path) -> None:
    """The store holds what the template's file holds."""
    source = sqlite3.connect(template)
    with store.engine.connect() as db:
        source.backup(db.connection.driver_connection)
    source.close()


def _roster() -> Roster:
    units = (
        Unit("caohui", "曹回镇", "town", head="liguoqiang", position=0),
        Unit("sifasuo", "司法所", "office", parent="caohui", contact="wangmin", head="chenxia", position=1),
    )
    staff = tuple(
        Person(key, name, (Post("caohui" if key == "liguoqiang" else "sifasuo", "干部", ()),), position=place)
        for place, (key, name) in enumerate(NAMES.items())
    )
    return Roster(units={unit.key: unit for unit in units}, people={person.key: person for person in staff})


@dataclass
class World:
    """``account`` is what the providers saw; ``now`` the machine's own clock."""

    store: Store
    account: list[Handed] = field(default_factory=list)
    now: datetime = START
    number: int = 0  # of ticks
    crashes: int = 0
    last_tick: datetime = START
    being_told: set[int] = field(default_factory=set)  # assignments whose message was in somebody's hands at a change
    duties: dict[str, Duty] = field(default_factory=dict)
    basis: PlanBasis = field(init=False)
    policy: DeliveryPolicy = field(init=False)
    channels: dict[str, Provider] = field(init=False)

    def __post_init__(self) -> None:
        self.basis = PlanBasis(
            duties=(),
            roster=_roster(),
            workdays=WORKDAYS,
            years=(2026,),
            tz=SHANGHAI,
            remind_at=time(8, 45),
            day_ends_at=time(17, 30),
            revision="r1",
        )
        # One person has no second address: for whom nothing is left there must be a problem.
        named = {key: ("mail",) if key == "zhaolei" else ("mail", "wecom") for key in NAMES}
        self.policy = DeliveryPolicy(
            tz=SHANGHAI,
            workdays=WORKDAYS,
            windows=WINDOWS,
            title="工作提醒",
            office="曹回镇人民政府",
            base_url="http://127.0.0.1:8600",
            mail_domain="caohui.example",
            link_key=bytes(32),
            destinations={key: tuple(Destination(name, f"{key}@{name}") for name in listed) for key, listed in named.items()},
            roster=self.basis.roster,
        )
        self.channels = {name: Provider(name, self.store, self.account) for name in ("mail", "wecom")}

    # --- the files ---------------------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def add(self, days: int, owner: str, ladder: str) -> None:
        key = f"duty-{len(self.duties) + 1}"
        self.duties[key] = Duty(
            key=key,
            kind=Kind.STUDY,
            title=f"第{len(self.duties) + 1}件",
            rule=self._day(days),
            owner=Party(person=owner),
            overseer=Party(person="liguoqiang"),
            ladder=parse_ladder(ladder),
        )
        self.plan()

    def move(self, key: str, days: int) -> None:
        self.edit(key, rule=self._day(days))

    def edit(self, key: str, **fields: Any) -> None:
        self.duties[key] = replace(self.duties[key], **fields)
        self.plan()

    def person(self, key: str, **fields: Any) -> None:
        people = {**self.basis.roster.people, key: replace(self.basis.roster.people[key], **fields)}
        self.basis = replace(self.basis, roster=replace(self.basis.roster, people=people))
        self.policy = replace(self.policy, roster=self.basis.roster)
        self.plan()

    def plan(self, *, full: bool = False) -> None:
        self._note_who_is_being_told()
        self.basis = replace(self.basis, duties=tuple(self.duties.values()))
        plan(self.store, self.basis, now=self.now, yes_many=True, full=full)

    def _day(self, days: int) -> FixedDay:
        on = min(self.today + timedelta(days=days), date(2026, 12, 20))
        return FixedDay(on.month, on.day)

    # --- what people do ----------------------------------------------------------------------------------------

    def act(self, what: str, key: str, *, days: int = 7, to: str = "chenxia") -> None:
        """One act on the duty's occurrence. A friendly no is an answer like another."""
        self._note_who_is_being_told()
        ref = f"{key}:2026"
        common: dict[str, Any] = {"via": "cli", "now": self.now}
        acts: dict[str, Callable[[], object]] = {
            "complete": lambda: complete(
                self.store,
                ref,
                by="wangmin",
                by_name="王敏",
                recorded_by="wangmin",
                done_on=self.today,
                as_of=self.today,
                workdays=WORKDAYS,
                **common,
            ),
            "reopen": lambda: reopen(self.store, ref, by="office", reason="填错了", **common),
            "waive": lambda: waive(self.store, ref, by="office", reason="会议取消", **common),
            "hand over": lambda: hand_over(self.store, ref, to=to, to_name=NAMES[to], by="office", reason="调整分工", **common),
            "extend": lambda: extend(
                self.store,
                ref,
                to=self._due(key) + timedelta(days=days),
                by="office",
                reason="等清单",
                workdays=WORKDAYS,
                remind_at=time(8, 45),
                tz=SHANGHAI,
                **common,
            ),
            "withdraw": lambda: self.edit(key, until_year=2025),
            "bring back": lambda: self.edit(key, until_year=None),
        }
        try:
            acts[what]()
        except Refused:
            return

    def _note_who_is_being_told(self) -> None:
        leased = select(reminders.c.assignment_id).join(messages, messages.c.id == reminders.c.message_id)
        with self.store.read() as db:
            self.being_told |= set(db.execute(leased.where(messages.c.state == "leased")).scalars())

    def _due(self, key: str) -> date:
        with self.store.read() as db:
            found = db.execute(select(occurrences.c.due_on).where(occurrences.c.duty_key == key)).scalar_one_or_none()
        return found or self.today

    # --- time and sending --------------------------------------------------------------------------------------

    def wait(self, length: timedelta) -> None:
        self.now = min(self.now + length, self.last_tick + LONGEST_GAP, LAST)

    def to_next_window(self) -> None:
        """The next opening of a window that is not the present one."""
        local = self.now.astimezone(SHANGHAI)
        for window in WINDOWS:
            if window.opens <= local.time() < window.closes:
                self.now = instant(local.date(), window.closes, SHANGHAI)
        self.now = min(next_open(WINDOWS, WORKDAYS, self.now, SHANGHAI), LAST)

    def to_work(self) -> None:
        """Into the next window, unless one is open."""
        self.now = min(next_open(WINDOWS, WORKDAYS, self.now, SHANGHAI), LAST)

    def come_to_rest(self, after_each: Callable[[], None]) -> None:
        """Every provider is well and nobody does anything, for the days that the longest wait may take."""
        self.now = max(self.now, self.last_tick)
        for _ in range(RESTING_WINDOWS):
            self.to_work()
            for _ in range(3):
                self.tick()
                after_each()
                self.now += timedelta(minutes=35)
            self.to_next_window()

    def counts(self) -> dict[str, int]:
        """Rows of every table that a plan writes."""
        tables = (occurrences, assignments, reminders, due_changes)
        with self.store.read() as db:
            return {table.name: db.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}

    def tick(self, scripts: dict[str, list[Answer]] | None = None, *, crash: str = "") -> None:
        """One tick. ``crash`` is a failpoint and its turn, ``D7:1``: the process ends there and is started again."""
        self.number += 1
        for name, channel in self.channels.items():
            channel.script = list((scripts or {}).get(name, []))
            channel.overtake = self.overtake
            channel.now, channel.number = self.now, self.number
        before = len(self.account)
        arm(f"{crash}:raise" if crash else "")
        try:
            tick(self.store, dict(self.channels), self.policy, now=self.now)
        except FailpointReached:
            self.crashes += 1
            self._interrupted(self.account[before:])
        finally:
            arm("")
            for channel in self.channels.values():
                channel.before.clear()
        self.last_tick = max(self.last_tick, self.now)

    def _interrupted(self, since: list[Handed]) -> None:
        """Which tries the end of the process left without a word in the rows."""
        with self.store.read() as db:
            unfinished = select(attempts.c.message_id, attempts.c.n).where(attempts.c.outcome.is_(None))
            left = {(row.message_id, row.n) for row in db.execute(unfinished)}
        for handed in since:
            handed.interrupted = (handed.message, handed.n) in left

    def overtake(self) -> None:
        """Another dispatcher finds the lease run out while its holder stands still."""
        self.account[-1].overtaken = self.account[-1].answer is None
        later = self.now = self.now + LEASE
        self.number += 1
        others = {
            name: Provider(name, self.store, self.account, script=_without_slow(held.script), now=later, number=self.number)
            for name, held in self.channels.items()
        }
        tick(self.store, dict(others), self.policy, now=later, alone=False)


def _without_slow(script: list[Answer]) -> list[Answer]:
    """Whoever takes over is not overtaken in his turn."""
    return [one for one in script if one is not Answer.SLOW]
