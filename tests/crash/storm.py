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
from datetime import datetime
from email import message_from_bytes
from typing import Any

from sqlalchemy import func, insert, select

from models.message import attempts, messages
from models.occurrence import assignments, occurrences
from models.reminder import reminders
from models.store import open_store
from tests.crash.works import STEP
from tests.notifications.mail_sink import MailSink, serving
from tests.services.delivery.town import Town, at

BEGIN = at("2026-03-03", "00:30")

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

    def run(self, **order: object) -> int:
        return self.wait(self.start(**order))

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


@dataclass
class Post(MailSink):
    """A mail server that knows nobody at gone.example, and that counts copies without keeping every mail in memory."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if address.endswith("@gone.example"):
            return "550 no such user"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = await super().handle_DATA(server, session, envelope)
        self.mails[-1] = self.mails[-1].partition(b"\r\n\r\n")[0]
        return answer

    @property
    def copies(self) -> Counter[str]:
        return Counter(str(message_from_bytes(head)["Message-ID"]) for head in self.mails)

    @property
    def reached(self) -> set[str]:
        """Who got something, by the name before the @: after two doubts it goes to another address of the same person."""
        return {recipient.partition("@")[0] for recipient in self.recipients}


@dataclass(frozen=True, slots=True)
class Count:
    kills: int
    messages: int
    lost: int
    copies: int  # beyond one
    most: int  # copies of one message
    in_doubt: int  # attempts of which nobody knew whether they had arrived
    unsent: int  # reminders that are not recorded as sent

    @property
    def clean(self) -> bool:
        """Everybody got his mail, it is on record, and copies are no more than the doubts."""
        return self.lost == self.unsent == 0 and self.copies <= self.in_doubt and self.most <= 2


@dataclass
class Storm:
    url: str
    zygote: Zygote
    sink: Post
    now: datetime = BEGIN
    people: int = 0
    kills: int = 0
    drawn: random.Random = field(default_factory=lambda: random.Random(20260303))

    def add(self, count: int = NEW_PEOPLE, *, fire_at: datetime = BEGIN) -> None:
        """More people with one reminder each, due at once."""
        store = open_store(self.url)
        town = Town(store)
        for _ in range(count):
            self.people += 1
            town.item(f"第{self.people}件", person=f"p{self.people}", fire_at=fire_at)
        store.close()

    def add_many(self, count: int) -> None:
        """The same in one go: each person with an occurrence and a reminder of his own, under one duty."""
        store = open_store(self.url)
        town = Town(store)
        first = town.occurrence(f"第{self.people + 1}件")
        pattern = dict(next(row for row in town.rows(occurrences) if row.id == first)._mapping)
        del pattern["id"]
        people = [f"p{number}" for number in range(self.people + 1, self.people + count + 1)]
        part = {"role": "owner", "active": True, "handed": False, "since": BEGIN}
        reminder = {"step": "T-3", "offset": -3, "due_epoch": 0, "fire_at": BEGIN, "say": "", "state": "planned", "reason": ""}
        with store.write() as db:
            wanted = [pattern | {"period": person} for person in people]
            made = db.execute(insert(occurrences).returning(occurrences.c.id), wanted).scalars().all()
            parts = [
                part | {"occurrence_id": key, "person": person, "name": person} for key, person in zip(made, people, strict=True)
            ]
            ids = db.execute(insert(assignments).returning(assignments.c.id, assignments.c.occurrence_id), parts).all()
            db.execute(insert(reminders), [reminder | {"assignment_id": key, "occurrence_id": of} for key, of in ids])
        self.people += count
        store.close()

    def start(self, **order: Any) -> int:
        usual = {"url": self.url, "port": self.sink.port, "now": self.now.isoformat()}
        return self.zygote.start(**(usual | order))

    def run(self, **order: Any) -> int:
        return self.zygote.wait(self.start(**order))

    def kill_at_random(self, *, added: int = NEW_PEOPLE) -> None:
        """One dispatcher, ended by SIGKILL at a random moment: before, between or during its mails."""
        child = self.start()
        self.wait_for_mails(self.drawn.randint(-1, added))
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        self.kills += self.zygote.wait(child) == -signal.SIGKILL
        self.now += STEP

    def wait_for_mails(self, more: int) -> None:
        """Until the sink has taken so many more, or for a random while."""
        taken = len(self.sink.mails) + more
        patience = time.monotonic() + self.drawn.uniform(0, LONGEST)
        while len(self.sink.mails) < taken and time.monotonic() < patience:
            time.sleep(0.0005)
        time.sleep(self.drawn.uniform(0, 0.03))

    def calm(self, ticks: int = 4) -> None:
        """Dispatchers that live: everything that waits goes out."""
        for _ in range(ticks):
            assert self.run() == 0
            self.now += STEP

    def count(self) -> Count:
        store = open_store(self.url)
        with store.read() as db:
            built = db.execute(select(func.count()).select_from(messages)).scalar_one()
            unsent = db.execute(select(func.count()).select_from(reminders).where(reminders.c.state != "sent")).scalar_one()
            doubt = select(func.count()).select_from(attempts).where(attempts.c.outcome == "unknown")
            in_doubt = db.execute(doubt).scalar_one()
        store.close()
        copies = self.sink.copies
        total, distinct = sum(copies.values()), len(copies)
        most = max(copies.values(), default=0)
        return Count(self.kills, built, self.people - len(self.sink.reached), total - distinct, most, in_doubt, unsent)


@contextmanager
def storm(url: str, zygote: Zygote) -> Iterator[Storm]:
    with serving(Post()) as sink:
        assert isinstance(sink, Post)
        yield Storm(url, zygote, sink)
