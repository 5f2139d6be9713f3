"""What a worker that may be killed does: each kind of work of the program, in rounds, with one failpoint armed.

After each round its number is written to the ledger, so that whoever takes over after a kill goes on with the round
that was cut off, as the next tick or a second press of the button would.
"""

from __future__ import annotations

import ctypes
import json
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks.county import BEFORE_THE_YEAR, county
from models.store import Store, open_store
from notifications.envelope import Channel
from notifications.mail import sender as mail_sender
from notifications.mail.connection import Connection
from planning.basis import DeliveryPolicy, PlanBasis
from planning.delivery_rules import DeliveryRules
from planning.roster import Destination
from planning.rules import MonthlyDay
from planning.windows import parse_windows
from services import failpoints
from services.backup import back_up
from services.complete import complete
from services.errors import Refused
from services.plan import plan
from services.tick import tick
from services.upgrade import upgrade
from services.watch import watch
from tests.crash.databases import pg_dump
from tests.services.delivery.town import policy

ROUNDS = 6
STEP = timedelta(minutes=6)
"""Between two rounds: longer than a lease and than the wait after an unknown ending."""

RULES = DeliveryRules(half_day_limit=False, catch_up_limit=1_000_000, tick_patience_seconds=3_600)
"""The limits are no matter here: whatever is due goes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    url: str
    now: str
    work: str = "send"
    port: int = 0
    spec: str = ""
    alone: bool = True
    first: int = 0
    rounds: int = 1
    ledger: str = ""  # a folder for what the worker leaves: round, tally, memory
    patience: int = 30
    silence: int = 35
    recycle_after: int = 20  # mails over one connection
    file_limit: int = 0  # bytes: no file may grow beyond (RLIMIT_FSIZE); 0: as large as it likes
    may_fail: bool = False
    obey_modes: bool = False  # read-only is read-only for root too

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.now)


def carry_out(order: Order) -> None:
    counts = failpoints.tally() if order.spec == "*" else None
    if counts is None:
        failpoints.arm(order.spec)
    if order.file_limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_limit, order.file_limit))
    if order.obey_modes:
        obey_modes()
    store = open_store(order.url, patience=order.patience, silence=order.silence)
    with _WORKS[order.work](order, store) as one_round:
        for number in range(order.first, order.rounds):
            one_round(number, order.start + number * STEP)
            _write(order, "round", number + 1)
    store.close()
    _write(order, "tally", counts)
    _write(order, "memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def obey_modes() -> None:
    """A child of root gives up the right to write what nobody may write; for everybody else this changes nothing."""
    libc = ctypes.CDLL(None, use_errno=True)
    version_3, this_process = 0x20080522, 0
    header = (ctypes.c_uint32 * 2)(version_3, this_process)
    held = (ctypes.c_uint32 * 6)()
    override = 1 << 1  # CAP_DAC_OVERRIDE
    if libc.capget(header, held) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    held[0] &= ~override
    if libc.capset(header, held) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def read_ledger(folder: Path, name: str) -> Any:
    place = folder / name
    return json.loads(place.read_text()) if place.exists() else None


def _write(order: Order, name: str, value: object) -> None:
    if order.ledger:
        Path(order.ledger, name).write_text(json.dumps(value))


Round = Callable[[int, datetime], object]


@contextmanager
def _sending(order: Order, store: Store, *, address: str = "caohui.example") -> Iterator[Round]:
    mail_sender.Connection = Watched  # type: ignore[misc]  # a child's own copy of the module
    first, second = (
        mail_sender.MailSender(
            name,
            host="127.0.0.1",
            port=order.port,
            security="none",
            sender="a@caohui.example",
            recycle_after=order.recycle_after,
        )
        for name in ("mail", "second")
    )
    channels: dict[str, Channel] = {"mail": first, "second": second}
    yield lambda _, now: tick(store, channels, town_policy(address), now=now, alone=order.alone)
    first.close()
    second.close()


@contextmanager
def _planning(_order: Order, store: Store) -> Iterator[Round]:
    yield lambda number, now: plan(store, year_of(number), now=now, yes_many=True)


@contextmanager
def _completing(_order: Order, store: Store) -> Iterator[Round]:
    def one(number: int, now: datetime) -> None:
        with suppress(Refused):  # already done: what a person reads who presses the button again
            complete_one(store, number, now=now)

    yield one


@contextmanager
def _watching(_order: Order, store: Store) -> Iterator[Round]:
    yield lambda number, now: watch(store, year_of(number), town_policy(), now=now)


@contextmanager
def _upgrading(order: Order, store: Store) -> Iterator[Round]:
    # Every statement of the migration is a place to die at, besides the one before the commit.
    event.listen(store.engine, "before_cursor_execute", lambda *_: failpoints.reach("G2"))
    yield lambda _, now: upgrade(store, Path(order.ledger, "backups"), now=now, pg_dump=pg_dump())


@contextmanager
def _backing_up(order: Order, store: Store) -> Iterator[Round]:
    yield lambda _, now: back_up(store, Path(order.ledger, "backups"), now=now, pg_dump=pg_dump())


_WORKS: dict[str, Callable[[Order, Store], Any]] = {
    "send": _sending,
    "refused": partial(_sending, address="gone.example"),
    "plan": _planning,
    "complete": _completing,
    "watch": _watching,
    "upgrade": _upgrading,
    "backup": _backing_up,
}


class Watched(Connection):
    """The three points that lie inside the channel, which knows nothing of services."""

    answered = 0

    def log_in(self) -> None:
        super().log_in()
        failpoints.reach("D5")

    def getreply(self) -> tuple[int, bytes]:
        if self.handed > self.answered:
            failpoints.reach("D6")
            self.answered = self.handed
        return super().getreply()

    def leave(self) -> None:
        failpoints.reach("D11")
        super().leave()


class Everybody(dict[str, Any]):
    """Every person has an address named after him, and another on a second channel."""

    def __init__(self, domain: str) -> None:
        super().__init__()
        self._domain = domain

    def get(self, person: str, default: object = None) -> Any:
        return (Destination("mail", f"{person}@{self._domain}"), Destination("second", f"{person}@second.example"))

    def __contains__(self, person: object) -> bool:
        return True

    def __getitem__(self, person: str) -> Any:
        return self.get(person)


def town_policy(domain: str = "caohui.example") -> DeliveryPolicy:
    return policy(windows=parse_windows(["00:00-24:00"]), destinations=Everybody(domain), rules=RULES)


def year_of(number: int) -> PlanBasis:
    """The office's files in the given round: each has one duty more, and every duty's day has moved on."""
    village = county(12)
    one = village.duties[0]
    duties = (replace(one, key=f"duty-{n}", rule=MonthlyDay(2 + number), revision=str(number)) for n in range(number + 2))
    return replace(village, duties=tuple(duties), revision=f"round {number}")


def complete_one(store: Store, number: int, *, now: datetime) -> None:
    """The first period of the n-th duty of the planned year, done by its secretary."""
    complete(
        store,
        f"duty-{number}:2026-01.village-0",
        by="secretary-0",
        by_name="村支书1",
        recorded_by="secretary-0",
        via="cli",
        now=now,
        done_on=date(2026, 1, 5),
        workdays=county(12).workdays,
    )


def plan_first_year(store: Store) -> None:
    """What must be there before a completion: a year with one duty for each round."""
    plan(store, year_of(ROUNDS), now=BEFORE_THE_YEAR)
