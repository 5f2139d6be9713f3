"""A town whose dispatcher is killed again and again, and the count of what came of it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from models.message import attempts, messages
from models.reminder import reminders
from models.store import open_store
from tests.notifications.mail_sink import MailSink, serving
from tests.services.delivery.town import Town, at

BEGIN = at("2026-03-03", "00:30")
STEP = timedelta(minutes=6)
"""Between two ticks: longer than a lease and than the wait after an unknown ending."""


NEW_PEOPLE = 6
"""Messages added before each kill, so that there is always something to send."""

LONGEST = 1.5
"""Seconds after which a kill comes even when the mails it waited for did not."""


@dataclass
class Zygote:
    process: subprocess.Popen[str]

    def start(self, **order: object) -> int:
        return self._ask(order)

    def wait(self, pid: int) -> int:
        """The signal that ended the child, as a negative number; else its exit code."""
        return os.waitstatus_to_exitcode(self._ask({"wait": pid}))

    def _ask(self, order: dict[str, object]) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def hatching() -> Iterator[Zygote]:
    command = [sys.executable, "-m", "tests.crash.zygote"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Zygote(process)
        assert process.stdin is not None
        process.stdin.close()


@dataclass(frozen=True, slots=True)
class Count:
    kills: int
    messages: int
    lost: int
    copies: int  # beyond one
    most: int  # copies of one message
    in_doubt: int  # attempts of which nobody knew whether they had arrived
    unsent: int  # reminders that are not recorded as sent


@dataclass
class Storm:
    url: str
    zygote: Zygote
    sink: MailSink
    now: datetime = BEGIN
    people: int = 0
    kills: int = 0
    drawn: random.Random = field(default_factory=lambda: random.Random(20260303))

    def add(self, count: int = NEW_PEOPLE) -> None:
        """More people with one reminder each, due at once."""
        store = open_store(self.url)
        town = Town(store)
        for _ in range(count):
            self.people += 1
            town.item(f"第{self.people}件", person=f"p{self.people}", fire_at=BEGIN)
        store.close()

    def start(self, *, spec: str = "", alone: bool = True) -> int:
        return self.zygote.start(url=self.url, port=self.sink.port, now=self.now.isoformat(), spec=spec, alone=alone)

    def kill_at_random(self) -> None:
        """One dispatcher, ended by SIGKILL at a random moment: before, between or during its mails."""
        taken = len(self.sink.mails) + self.drawn.randint(-1, NEW_PEOPLE)
        child = self.start()
        patience = time.monotonic() + self.drawn.uniform(0, LONGEST)
        while len(self.sink.mails) < taken and time.monotonic() < patience:
            time.sleep(0.0005)
        time.sleep(self.drawn.uniform(0, 0.03))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        self.kills += self.zygote.wait(child) == -signal.SIGKILL
        self.now += STEP

    def calm(self, ticks: int = 4) -> None:
        """Dispatchers that live: everything that waits goes out."""
        for _ in range(ticks):
            assert self.zygote.wait(self.start()) == 0
            self.now += STEP

    def count(self) -> Count:
        store = open_store(self.url)
        with store.read() as db:
            built = db.execute(select(func.count()).select_from(messages)).scalar_one()
            unsent = db.execute(select(func.count()).select_from(reminders).where(reminders.c.state != "sent")).scalar_one()
            doubt = select(func.count()).select_from(attempts).where(attempts.c.outcome == "unknown")
            in_doubt = db.execute(doubt).scalar_one()
        store.close()
        copies = Counter(str(mail["Message-ID"]) for mail in self.sink.read)
        total, distinct = sum(copies.values()), len(copies)
        return Count(self.kills, built, self.people - distinct, total - distinct, max(copies.values()), in_doubt, unsent)


@contextmanager
def storm(url: str, zygote: Zygote) -> Iterator[Storm]:
    with serving(MailSink()) as sink:
        yield Storm(url, zygote, sink)
