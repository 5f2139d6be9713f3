"""What the world outside saw: two providers that keep an exact account, and answer as the machine tells them.

The account is the machine's truth. The database may be wrong about what a provider took; this cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from sqlalchemy import select

from models.message import attempts, messages
from models.store import Store
from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from services.waiting import Waiting, load_of_message

CHANNEL_CODES = frozenset({"no-answer", "45009"})
"""Codes of answers that are about the channel: they use up no message's tries."""


class Answer(Enum):
    """How a provider behaves for one message."""

    YES = "yes"
    LATER = "later"
    BAD_ADDRESS = "bad address"
    SPAM = "spam"
    CUT = "cut"  # taken, and the answer is lost
    VANISHED = "vanished"  # not taken, and the answer is lost as well
    DOWN = "down"
    BUSY = "busy"  # a rate: not before a minute has passed
    SLOW = "slow"  # the answer comes when the lease has run out and somebody else has taken over


_OUTCOMES = {
    Answer.YES: Outcome(Verdict.ACCEPTED, code="250", provider_id="Q1"),
    Answer.SLOW: Outcome(Verdict.ACCEPTED, code="250", provider_id="Q2"),
    Answer.LATER: Outcome(Verdict.DEFERRED, Scope.MESSAGE, code="450", words="greylisted"),
    Answer.BAD_ADDRESS: Outcome(Verdict.REJECTED, Scope.PERSON, code="550", words="no such user"),
    Answer.SPAM: Outcome(Verdict.REJECTED, Scope.MESSAGE, code="554", words="content refused"),
    Answer.CUT: Outcome(Verdict.UNKNOWN, Scope.MESSAGE, code="cut-off", words="timed out"),
    Answer.VANISHED: Outcome(Verdict.UNKNOWN, Scope.MESSAGE, code="cut-off", words="timed out"),
    Answer.DOWN: Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="no-answer", words="connection refused"),
    Answer.BUSY: Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="45009", words="too often", retry_after=60.0),
}
_TAKEN = frozenset({Answer.YES, Answer.SLOW, Answer.CUT})


@dataclass(slots=True)
class Handed:
    """One try as the provider saw it."""

    message: int
    n: int  # of the attempt
    ref: str
    person: str
    channel: str
    first: bool  # not passed on from another destination
    built_at: datetime
    at: datetime
    number: int  # of the tick
    envelope: Envelope
    tells: dict[int, date]  # assignment -> the due day that the text names
    again: bool  # a provider may have had it before
    answer: Answer | None = None  # None: the marker said no, or the sender died before
    taken: bool = False
    waiting: tuple[Waiting, ...] = ()  # what it carried when the marker was written
    interrupted: bool = False  # the sender died before it wrote the answer down
    overtaken: bool = False  # somebody else took the message over before its marker: from here on nothing may leave

    @property
    def in_doubt(self) -> bool:
        return self.interrupted or self.answer in {Answer.CUT, Answer.VANISHED, Answer.SLOW}


@dataclass
class Provider:
    """A channel. ``before`` is done once before the next marker: what people do while a conversation runs."""

    name: str
    store: Store
    account: list[Handed]
    script: list[Answer] = field(default_factory=list)
    before: list[Callable[[], None]] = field(default_factory=list)
    overtake: Callable[[], None] = lambda: None  # what becomes of a message whose sender stands still
    now: datetime | None = None
    number: int = 0

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        answer = self.script.pop(0) if self.script else Answer.YES
        handed = self._look(envelope)
        self.account.append(handed)
        if self.before:
            self.before.pop(0)()
        outcome = _OUTCOMES[answer]
        if outcome.scope is Scope.CHANNEL:
            handed.answer = answer
            return outcome
        if not marker():
            return None
        with self.store.read() as db:
            handed.waiting = tuple(load_of_message(db, handed.message))
        handed.answer = answer
        handed.taken = answer in _TAKEN
        if answer is Answer.SLOW:
            self.overtake()
        return outcome

    def close(self) -> None:
        """Nothing is open."""

    def _look(self, envelope: Envelope) -> Handed:
        """What the rows say of the message at the moment it is taken in hand."""
        newest = attempts.c.message_id == messages.c.id
        wanted = select(messages, attempts.c.n).join(attempts, newest).where(messages.c.ref == envelope.ref)
        with self.store.read() as db:
            row = db.execute(wanted.order_by(attempts.c.n.desc()).limit(1)).one()
        assert self.now is not None
        return Handed(
            message=row.id,
            n=row.n,
            ref=row.ref,
            person=row.person,
            channel=self.name,
            first=row.fallback_of is None,
            built_at=row.built_at,
            at=self.now,
            number=self.number,
            envelope=envelope,
            tells={entry["assignment"]: date.fromisoformat(entry["due_on"]) for entry in row.links},
            again=row.ambiguous > 0,
        )
