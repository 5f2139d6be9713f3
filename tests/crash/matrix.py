"""The crash matrix: what each kind of work leaves behind when it is killed at each point, and what it must leave.

One case is: a fresh database, one worker killed when it comes to the point for the nth time, another that takes over
where the first was cut off, and a count of what is missing and what is there twice.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy import func, insert, select

from benchmarks.county import BEFORE_THE_YEAR
from models.gate import HEAD, schema_version
from models.migrate import upgrade
from models.occurrence import assignments, due_changes, occurrences
from models.record import completions, log_entries
from models.reminder import reminders
from models.schema import missing_triggers
from models.store import Store, open_store
from models.upkeep import facts, problems
from reports.verification import verify
from tests.crash.databases import Databases, pg_dump
from tests.crash.storm import BEGIN, Storm, Zygote, storm
from tests.crash.works import ROUNDS, STEP, plan_first_year, read_ledger
from tests.models.first_schema import expected, fill, kept

Rows = Counter[tuple[object, ...]]

LATER = (ROUNDS + 1) * STEP

POINTS: Mapping[str, tuple[str, ...]] = {
    "plan": ("P1", "P2", "P3", "P4", "P5"),
    "send": ("B1", "B2", "D1", "D2", "D3", "D4", "D5", "D5b", "D5c", "D6", "D7", "D8", "D9", "D11"),
    "refused": ("D10",),
    "recover": ("D12",),
    "watch": ("D13",),
    "complete": ("C1", "C2", "L1"),
    "upgrade": ("G1", "G2", "G3"),
    "backup": ("K1",),
}
"""Every failpoint, by the work that comes to it."""

COPIES = {"D6": 1, "D7": 1, "D8": 1}
"""Between the final dot and our commit nobody can know: exactly one copy for each kill. Everywhere else none."""

IN_DOUBT = COPIES | {"D5c": 1}


@dataclass(frozen=True, slots=True)
class Left:
    """What a case came to. ``wrong`` has a sentence for whatever else must hold and does not."""

    lost: int
    copies: int
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    work: str
    point: str
    nth: int

    @property
    def copies(self) -> int:
        return COPIES.get(self.point, 0)

    @property
    def spec(self) -> str:
        return f"{self.point}:{self.nth}:kill"


@dataclass
class Bench:
    """Runs cases on one kind of database. ``folder`` is for ledgers and backups."""

    databases: Databases
    zygote: Zygote
    folder: Path
    rounds: int = ROUNDS  # of work in a case: how often each point can be reached
    _passes: dict[str, dict[str, int]] = field(default_factory=dict)
    _wanted: dict[str, Rows] = field(default_factory=dict)
    _number: int = 0

    def cases(self, work: str) -> Iterator[Case]:
        """Each point of the work, when it is reached first, for the fifth time, and last."""
        passes = self.passes(work)
        for point in POINTS[work]:
            reached = passes.get(point, 0)
            assert reached, f"{work} never came to {point}"
            for nth in sorted({1, min(5, reached), reached}):
                yield Case(work, point, nth)

    def passes(self, work: str) -> dict[str, int]:
        """How often an undisturbed run comes to each point."""
        if work not in self._passes:
            with self._town(work) as town:
                assert town.go("*") == 0
                self._passes[work] = read_ledger(town.ledger, "tally")
        return self._passes[work]

    def run(self, case: Case) -> Left:
        with self._town(case.work) as town:
            ended = town.go(case.spec)
            if ended != -signal.SIGKILL:
                return Left(0, 0, (f"the point was not reached: exit {ended}",))
            return _JUDGES[case.work](town, case, self)

    def wanted(self, work: str) -> Rows:
        """The rows that an undisturbed run leaves."""
        if work not in self._wanted:
            with self._town(work) as town:
                assert town.go("") == 0
                with opened(town.url) as store:
                    self._wanted[work] = _ROWS[work](store)
        return self._wanted[work]

    def _town(self, work: str) -> _Scene:
        self._number += 1
        ledger = self.folder / f"{self.databases.name}-{self._number}"
        ledger.mkdir()
        url = self.databases.bare() if work == "upgrade" else self.databases.fresh()
        return _Scene(work, url, ledger, self.zygote, rounds=self.rounds)


class opened:  # noqa: N801 - used as a block
    def __init__(self, url: str) -> None:
        self._store = open_store(url)

    def __enter__(self) -> Store:
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()


class _Scene:
    """The world of one case: a database with what the work needs, and for sending a mail server that counts."""

    def __init__(self, work: str, url: str, ledger: Path, zygote: Zygote, *, rounds: int) -> None:
        self.work, self.url, self.ledger, self._rounds = work, url, ledger, rounds
        self._storm = storm(url, zygote)

    def __enter__(self) -> Self:
        self.storm: Storm = self._storm.__enter__()
        self._prepare()
        return self

    def __exit__(self, *error: object) -> None:
        self._storm.__exit__(None, None, None)

    def go(self, spec: str) -> int:
        """The worker that is to be killed, or that is only looked at."""
        return self._order(spec, first=0, later=False)

    def go_on(self) -> int:
        """Whoever takes over: with the round that was cut off."""
        return self._order("", first=read_ledger(self.ledger, "round") or 0, later=True)

    def _order(self, spec: str, *, first: int, later: bool) -> int:
        begin = BEFORE_THE_YEAR if self.work == "plan" else BEGIN
        return self.storm.run(
            work="send" if self.work == "recover" else self.work,
            spec=spec,
            now=(begin + (LATER if later else STEP if self.work == "recover" else 0 * STEP)).isoformat(),
            first=first,
            rounds=1 if self.work == "upgrade" else self._rounds,
            recycle_after=2,  # so that connecting and leaving come as often as the rounds
            ledger=str(self.ledger),
        )

    def _prepare(self) -> None:
        if self.work in {"send", "refused"}:
            for number in range(self._rounds):
                self.storm.add(2, fire_at=BEGIN + number * STEP)
        elif self.work == "recover":
            self.storm.add(7)
            assert self.storm.run(spec="D5c:2:kill") == -signal.SIGKILL  # one sent, one in doubt, five only claimed
        else:
            with opened(self.url) as store:
                _furnish(self.work, store)


def _furnish(work: str, store: Store) -> None:
    if work == "upgrade":
        upgrade(store, to="0001")
        fill(store)
    elif work in {"complete", "watch", "backup"}:
        plan_first_year(store)
        with store.write() as db:
            db.execute(insert(facts), {"name": "kept", "value": ["中文"], "at": BEGIN})


def _sent(town: _Scene, case: Case, _bench: Bench) -> Left:
    went = town.storm.run(work="refused" if case.work == "refused" else "send", now=(BEGIN + LATER).isoformat(), rounds=3)
    count = town.storm.count()
    wrong = [f"the next worker ended with {went}"] if went else []
    # A reminder that a refused address left behind was passed on: its message failed, its own state is sent.
    if count.unsent:
        wrong.append(f"{count.unsent} reminders are not recorded as sent")
    doubts = 1 if case.work == "recover" else IN_DOUBT.get(case.point, 0)
    if count.in_doubt != doubts:
        wrong.append(f"{count.in_doubt} attempts in doubt, not {doubts}")
    if count.most > 2:
        wrong.append(f"{count.most} copies of one message")
    return Left(count.lost, count.copies, tuple(wrong))


def _done_over(town: _Scene, case: Case, bench: Bench) -> Left:
    """Work that ends in rows: the same rows as if nothing had happened, and a log that holds together."""
    wrong = []
    with opened(town.url) as store:
        if case.work == "complete":
            wrong += _first_entries(store, case)
    went = town.go_on()
    if went:
        wrong.append(f"the next worker ended with {went}")
    with opened(town.url) as store:
        found = _ROWS[case.work](store)
        verified = verify(store)
    if not verified.ok:
        wrong += verified.sentences
    wanted = bench.wanted(case.work)
    return Left((wanted - found).total(), (found - wanted).total(), tuple(wrong))


def _first_entries(store: Store, case: Case) -> list[str]:
    """Before anybody tries again: the completion that was cut off is wholly there or not at all."""
    there = case.nth if case.point == "C2" else case.nth - 1
    with store.read() as db:
        done = db.execute(select(func.count()).select_from(completions)).scalar_one()
        logged = db.execute(select(func.count()).where(log_entries.c.kind == "done")).scalar_one()
    return [] if done == logged == there else [f"{done} completions and {logged} entries, not {there}"]


def _upgraded(town: _Scene, _case: Case, _bench: Bench) -> Left:
    """The old database whole, or the new one complete; and after another try the new one."""
    wrong: list[str] = []
    with opened(town.url) as store:
        version = schema_version(store)
        if version not in {"0001", HEAD}:
            wrong.append(f"the database stands at {version}")
        lost = _missing(store)
        wrong += _unguarded(store)
        wrong += _broken_copies(town.ledger / "backups")
    went = town.go_on()
    if went:
        wrong.append(f"the second upgrade ended with {went}")
    with opened(town.url) as store:
        if schema_version(store) != HEAD:
            wrong.append("the second upgrade did not reach the newest schema")
        wrong += _unguarded(store)
        return Left(lost + _missing(store), 0, tuple(wrong))


def _missing(store: Store) -> int:
    there = kept(store)
    return sum(row not in there[name] for name, rows in expected().items() for row in rows)


def _unguarded(store: Store) -> list[str]:
    with store.read() as db:
        missing = missing_triggers(db)
        if store.dialect == "sqlite" and db.exec_driver_sql("PRAGMA integrity_check").scalar_one() != "ok":
            missing.append("integrity")
    return [f"missing: {missing}"] if missing else []


def _backed_up(town: _Scene, case: Case, _bench: Bench) -> Left:
    folder = town.ledger / "backups"
    before = len(_copies(folder))
    wrong = _broken_copies(folder)
    went = town.go_on()
    if went:
        wrong.append(f"the next backup ended with {went}")
    wrong += _broken_copies(folder)
    # Copies of one day give way to the newest, so one good copy is what must be there from the second round on.
    lost = max(min(case.nth - 1, 1) - before, 0) + max(1 - len(_copies(folder)), 0)
    return Left(lost, 0, tuple(wrong))


def _copies(folder: Path) -> list[Path]:
    return sorted(place for place in folder.glob("suishi-*") if place.suffix in {".db", ".dump"})


def _broken_copies(folder: Path) -> list[str]:
    """Every copy that bears its name can be read in full."""
    wrong = []
    for place in _copies(folder):
        if place.suffix == ".db":
            with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True)) as copy:
                good = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        else:
            restore = pg_dump().replace("pg_dump", "pg_restore")
            good = subprocess.run([restore, "--file=/dev/null", place], capture_output=True, check=False).returncode == 0
        if not good:
            wrong.append(f"{place.name} is broken")
    return wrong


def _planned_rows(store: Store) -> Rows:
    """The year without the numbers of its rows: they may differ where a round was done over."""
    one = select(occurrences.c.duty_key, occurrences.c.period, occurrences.c.due_on, occurrences.c.due_epoch, occurrences.c.state)
    whose = (occurrences.c.duty_key, occurrences.c.period, assignments.c.person, assignments.c.role)
    joined = assignments.join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
    part = select(*whose, assignments.c.active).select_from(joined)
    reminder = select(*whose, reminders.c.step, reminders.c.due_epoch, reminders.c.fire_at, reminders.c.state)
    reminder = reminder.select_from(joined.join(reminders, reminders.c.assignment_id == assignments.c.id))
    move = select(
        occurrences.c.duty_key, occurrences.c.period, due_changes.c.due_epoch, due_changes.c.from_on, due_changes.c.to_on
    )
    move = move.select_from(due_changes.join(occurrences, occurrences.c.id == due_changes.c.occurrence_id))
    with store.read() as db:
        return Counter(tuple(row) for query in (one, part, reminder, move) for row in db.execute(query))


def _completed_rows(store: Store) -> Rows:
    done = select(completions.c.occurrence_id, completions.c.turn, completions.c.by)
    logged = select(log_entries.c.subject).where(log_entries.c.kind == "done")
    with store.read() as db:
        return Counter(tuple(row) for query in (done, logged) for row in db.execute(query))


def _problem_rows(store: Store) -> Rows:
    with store.read() as db:
        return Counter(tuple(row) for row in db.execute(select(problems.c.key, problems.c.closed_at.is_(None))))


_ROWS: Mapping[str, Callable[[Store], Rows]] = {
    "plan": _planned_rows,
    "complete": _completed_rows,
    "watch": _problem_rows,
}

_JUDGES: Mapping[str, Callable[[_Scene, Case, Bench], Left]] = {
    "plan": _done_over,
    "send": _sent,
    "refused": _sent,
    "recover": _sent,
    "watch": _done_over,
    "complete": _done_over,
    "upgrade": _upgraded,
    "backup": _backed_up,
}
