"""A file system whose k-th write, flush or cut fails, under the program's own transactions.

At every k: what a transaction acknowledged is there afterwards, what it did not acknowledge is wholly there or not at
all, the file is sound, and the next tick, on a healthy disk, brings every message to its end.
"""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import Connection as Session
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from models.gate import prepare
from models.message import attempts, messages
from models.reminder import reminders
from models.schema import TABLES
from models.store import Store, _begin_sqlite, _prepare_sqlite, open_store
from planning.windows import parse_windows
from reports.verification import verify
from services.tick import tick
from tests.crash import apsw_driver
from tests.crash.works import RULES, STEP, complete_one, plan_first_year
from tests.services.delivery.town import Town, Wire, at, destinations, policy

CALLS = ("write", "flush", "cut")
NOW = at("2026-03-03", "09:00")
_names = itertools.count(1)


@dataclass
class Weather:
    """Which call fails. ``lasting``: every call of any kind after it fails too, until the disk is healthy again."""

    call: str = ""
    kth: int = 0
    lasting: bool = False
    seen: Counter[str] = field(default_factory=Counter)
    failed: int = 0

    def pass_by(self, call: str) -> None:
        self.seen[call] += 1
        hit = call == self.call and self.seen[call] == self.kth
        if hit or (self.lasting and self.failed):
            self.failed += 1
            raise apsw.FullError("no space") if call == "write" else apsw.IOError("input/output error")


class _File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], weather: Weather) -> None:
        super().__init__("", name, flags)
        self._weather = weather

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._weather.pass_by("write")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self._weather.pass_by("flush")
        super().xSync(flags)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - SQLite's name
        self._weather.pass_by("cut")
        super().xTruncate(size)


class _Files(apsw.VFS):
    def __init__(self, name: str, weather: Weather) -> None:
        super().__init__(name, "")
        self._weather = weather

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802 - SQLite's name
        return _File(name, flags, self._weather)


@dataclass(frozen=True)
class _Noting(Store):
    """A store that notes what the database held after each write that it acknowledged."""

    acknowledged: str = ""

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as db:
            yield db
        object.__setattr__(self, "acknowledged", contents(self))  # the store itself is frozen


def contents(store: Store) -> str:
    """Every row of every table."""
    with store.read() as db:
        return repr([db.execute(select(table).order_by(*table.primary_key.columns)).all() for table in TABLES])


@dataclass(frozen=True, slots=True)
class Found:
    """What one position came to. ``exact``: visible was what was acknowledged; else one whole transaction more."""

    failed: bool
    exact: bool
    wrong: tuple[str, ...]


@dataclass
class Stage:
    """The scene for all positions: a year with two people's mails due and two completions to be made."""

    folder: Path
    vfs: str = field(default_factory=lambda: f"failing{next(_names)}")

    def __post_init__(self) -> None:
        self._weather = Weather()
        self._files = _Files(self.vfs, self._weather)
        self._template = self.folder / "template.db"
        store = open_store(f"sqlite:///{self._template}")
        prepare(store)
        plan_first_year(store)
        with store.write() as db:
            db.execute(text("UPDATE reminder SET fire_at = '2027-01-01T00:00:00.000000Z'"))
        town = Town(store)
        for person in ("wangmin", "chenxia"):
            town.item("专题学法", person=person, fire_at=at("2026-03-03"))
        store.close()

    def positions(self) -> dict[str, int]:
        """How many calls of each kind an undisturbed run makes."""
        place = self._fresh()
        self._weather.__init__()  # type: ignore[misc]  # the files hold on to this very object
        _, _, error = self._work(place)
        if error is not None:
            raise error
        return {call: self._weather.seen[call] for call in CALLS}

    def fail_at(self, call: str, kth: int, *, lasting: bool = False) -> Found:
        place = self._fresh()
        self._weather.__init__(call, kth, lasting)  # type: ignore[misc]  # as above
        store, wire, error = self._work(place)
        healthy = open_store(f"sqlite:///{place}")
        exact = contents(healthy) == store.acknowledged
        wrong = [] if exact or error is not None else ["nothing was said to have failed, and something is missing"]
        wrong += _unsound(healthy)
        if not exact:
            wrong += _half(healthy)
        wrong += _ends_well(healthy, wire)
        healthy.close()
        return Found(self._weather.failed > 0, exact, tuple(wrong))

    def _fresh(self) -> Path:
        place = self.folder / f"{self.vfs}.db"
        for left in self.folder.glob(f"{place.name}*"):
            left.unlink()
        shutil.copy(self._template, place)
        return place

    def _work(self, place: Path) -> tuple[_Noting, Wire, Exception | None]:
        """One tick and two completions over the failing files; the first error ends it, as it ends a command."""
        engine = create_engine(
            "sqlite://",
            module=apsw_driver,
            poolclass=QueuePool,
            creator=lambda: apsw_driver.connect(str(place), vfs=self.vfs),
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        store = _Noting(engine)
        healthy = open_store(f"sqlite:///{place}")
        object.__setattr__(store, "acknowledged", contents(healthy))
        healthy.close()
        wire, error = Wire(), None
        try:
            tick(store, {"mail": wire}, _policy(), now=NOW, alone=False)
            for number in range(2):
                complete_one(store, number, now=NOW)
        except DBAPIError as failure:
            error = failure
        with suppress(DBAPIError):
            store.close()
        self._weather.lasting = False
        return store, wire, error


def _policy() -> Any:
    both = destinations("mail") | destinations("mail", person="chenxia")
    return policy(windows=parse_windows(["00:00-24:00"]), destinations=both, rules=RULES)


def _unsound(store: Store) -> list[str]:
    with store.read() as db:
        found = db.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        pointing = db.exec_driver_sql("PRAGMA foreign_key_check").all()
    verified = verify(store)
    return [*([] if found == "ok" and not pointing else [f"{found} {pointing}"]), *([] if verified.ok else verified.sentences)]


def _half(store: Store) -> list[str]:
    """Not what was acknowledged: then it must be one whole transaction more, whose commit could not say that it had come."""
    with store.read() as db:
        half = db.execute(
            select(reminders.c.id)
            .outerjoin(messages, messages.c.id == reminders.c.message_id)
            .where((reminders.c.state == "sent") != (messages.c.state == "sent"))
            .where(reminders.c.message_id.is_not(None))
        ).all()
    return [f"half a transaction: {half}"] if half else []


def _ends_well(store: Store, wire: Wire) -> list[str]:
    """The next ticks, on a healthy disk: everybody has his mail, and a copy only where nobody could know."""
    for number in (1, 2, 3):
        tick(store, {"mail": wire}, _policy(), now=NOW + number * STEP, alone=False)
    with store.read() as db:
        states = db.execute(select(reminders.c.state).where(reminders.c.fire_at <= NOW)).scalars().all()
        doubts = len(db.execute(select(attempts.c.n).where(attempts.c.outcome == "unknown")).all())
    copies = Counter(envelope.headers["Message-ID"] for envelope in wire.taken)
    wrong = []
    if set(states) != {"sent"} or len(copies) != 2:
        wrong.append(f"states {states}, {len(copies)} of 2 people have their mail")
    if copies.total() - len(copies) > doubts:
        wrong.append(f"{copies.total() - len(copies)} copies, {doubts} in doubt")
    return wrong
