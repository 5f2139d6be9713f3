"""Build: due reminders become messages, one for each person, in one transaction.

Which reminders are due is asked through the partial index alone, so that a tick with nothing due costs the same
whatever lies ahead. A person whose message cannot be worded stays as he was and is reported; the others go on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import OperationalError

from models.message import MessageState, messages
from models.office import people
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.basis import DeliveryPolicy
from planning.lookup import standing_in
from planning.roster import Destination
from services.downtime import forget_stop, known_stop, worked_long
from services.failpoints import reach
from services.fates import Fate, by_assignment, decide
from services.lease import PENDING
from services.letters import Reader, Stop, add_message, lock_numbering
from services.problems import report_problem
from services.waiting import Waiting, chunks, load_by_ids, load_of_message

PLANNED = text("reminder.state = 'planned'")
"""Written out, not bound: SQLite uses a partial index only when it can see that the condition fits."""


@dataclass(slots=True)
class Composed:
    """What one build did."""

    built: int = 0
    ended: dict[ReminderState, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, state: ReminderState) -> int:
        return self.ended.get(state, 0)


def compose(store: Store, policy: DeliveryPolicy, channels: Collection[str], *, now: datetime) -> Composed:
    """Build what is due at ``now`` for the channels that are open. Reminders that say nothing end with their reason."""
    with store.read() as db:
        something = db.execute(select(reminders.c.id).where(PLANNED, reminders.c.fire_at <= now).limit(1)).first()
    if something is None:
        return Composed()

    def work(db: Connection) -> Composed:
        composed = _compose(db, policy, channels, now=now)
        reach("B1")
        return composed

    composed = store.transact(work)
    reach("B2")
    return composed


def reader_of(person: str, policy: DeliveryPolicy, *, on: date) -> str:
    """Who reads what is meant for the person on that day: himself, or who stands in and can be reached."""
    known = policy.roster.people.get(person)
    other = None if known is None else standing_in(known, policy.roster, on)
    if other is None or not policy.destinations.get(other.key):
        return person
    return other.key


def _compose(db: Connection, policy: DeliveryPolicy, channels: Collection[str], *, now: datetime) -> Composed:
    lock_numbering(db)
    ids = db.execute(select(reminders.c.id).where(PLANNED, reminders.c.fire_at <= now).order_by(reminders.c.fire_at)).scalars()
    due = load_by_ids(db, ids.all(), lock=True)
    composed = Composed()
    stop = known_stop(db)
    of_reader: dict[str, list[Waiting]] = {}
    today = now.astimezone(policy.tz).date()
    for one in due:
        of_reader.setdefault(reader_of(one.person, policy, on=today), []).append(one)
    held = _unsent_messages(db, of_reader)
    names = _names(db, of_reader)
    for person in sorted(of_reader):
        desk = _Desk(db, policy, channels, now, stop, composed)
        desk.serve(person, names.get(person) or of_reader[person][0].name, of_reader[person], held.get(person, []))
    _tell_of_expired(db, composed, now=now)
    if stop is not None:
        forget_stop(db)
    return composed


@dataclass(frozen=True, slots=True)
class _Held:
    """A message that waits for its first acceptance: what is newly due joins it in a new one."""

    id: int
    tries: int


@dataclass(frozen=True, slots=True)
class _Desk:
    """Builds one reader's message in a savepoint of its own."""

    db: Connection
    policy: DeliveryPolicy
    channels: Collection[str]
    now: datetime
    stop: Stop | None
    composed: Composed

    def serve(self, person: str, name: str, due: Sequence[Waiting], held: Sequence[_Held]) -> None:
        counted = dict(self.composed.ended)
        try:
            with self.db.begin_nested():
                self.composed.built += self._build(person, name, due, held)
        except OperationalError:
            raise  # a lost lock: the whole build starts again
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one person's rows: the others get theirs
            self.composed.ended = counted
            sentence = f"给{name}的提醒无法生成（{type(error).__name__}: {error}），请检查其办理项的内容。"
            self._report(f"compose:{person}", "compose", sentence)

    def _build(self, person: str, name: str, due: Sequence[Waiting], held: Sequence[_Held]) -> int:
        if self.policy.roster_faulty and person not in self.policy.destinations:
            # A slip of the pen in people.yaml must not end a reminder: it stays as it is and goes out once mended.
            sentence = f"people.yaml 有错，读不到{name}，{len(due)}条提醒在等待。请运行 suishi check 并改正。"
            self._report(f"unreachable:{person}", "unreachable", sentence)
            return 0
        taken, absorbed = self._absorb(person, held)
        speaking: list[Waiting] = []
        stale_before = self.now - timedelta(days=self.policy.stale_after_days)
        for group in by_assignment((*due, *absorbed)):
            decision = decide(group, stale_before=stale_before)
            if decision.speaks is not None:
                speaking.append(decision.speaks)
            self._end(decision.ended)
        if not speaking:
            return 0
        found = next_destination(self.policy.destinations.get(person, ()), self.channels)
        if found is None:
            self._unreachable(person, name, speaking)
            return 0
        rank, destination = found
        reader = Reader(person, name, destination, rank)
        message_id = add_message(
            self.db,
            speaking,
            reader,
            policy=self.policy,
            now=self.now,
            stop=self._stop_behind(due),
            after=[message.id for message in taken],
        )
        self._queue(message_id, speaking)
        return 1

    def _absorb(self, person: str, held: Sequence[_Held]) -> tuple[list[_Held], list[Waiting]]:
        """Take over what earlier messages of this reader could not deliver, so that he gets one and not several."""
        taken: list[_Held] = []
        absorbed: list[Waiting] = []
        for message in held:
            waiting = load_of_message(self.db, message.id)
            today = self.now.astimezone(self.policy.tz).date()
            if any(reader_of(one.person, self.policy, on=today) != person for one in waiting):
                continue  # a stand-in began or ended since: it stays as it was built
            gone = update(messages).where(messages.c.id == message.id, messages.c.state == MessageState.PENDING)
            if self.db.execute(gone.values(state=MessageState.CANCELLED, last_error="并入新的消息")).rowcount == 1:
                absorbed += waiting
                taken.append(message)
        return taken, absorbed

    def _stop_behind(self, due: Sequence[Waiting]) -> Stop | None:
        """The stop, when this reader's oldest reminder really waited for its end."""
        oldest = min(one.fire_at for one in due)
        return self.stop if self.stop is not None and worked_long(self.policy, oldest, self.now) else None

    def _end(self, ended: Iterable[tuple[Waiting, Fate]]) -> None:
        for one, fate in ended:
            self._change([one], state=fate.state, reason=fate.reason)
            self.composed.ended[fate.state] = self.composed.ended.get(fate.state, 0) + 1

    def _queue(self, message_id: int, speaking: Sequence[Waiting]) -> None:
        for some in chunks(speaking_ids(speaking)):
            queued = (
                update(reminders)
                .where(reminders.c.id.in_(some), reminders.c.state.in_((ReminderState.PLANNED, ReminderState.QUEUED)))
                .values(state=ReminderState.QUEUED, message_id=message_id)
            )
            _expect(self.db.execute(queued).rowcount, len(some))

    def _unreachable(self, person: str, name: str, speaking: Sequence[Waiting]) -> None:
        self._end((one, Fate(ReminderState.FAILED, "没有可用的地址")) for one in speaking)
        sentence = f"{name}没有可用的提醒地址，{len(speaking)}条提醒没有发出。请在 people.yaml 中补上地址，并当面告知。"
        self._report(f"unreachable:{person}", "unreachable", sentence)

    def _change(self, some: Sequence[Waiting], *, state: ReminderState, reason: str) -> None:
        changed = (
            update(reminders)
            .where(reminders.c.id.in_(speaking_ids(some)), reminders.c.state.in_((ReminderState.PLANNED, ReminderState.QUEUED)))
            .values(state=state, reason=reason)
        )
        _expect(self.db.execute(changed).rowcount, len(some))

    def _report(self, key: str, kind: str, sentence: str) -> None:
        report_problem(self.db, key=key, kind=kind, text=sentence, now=self.now)
        self.composed.problems.append(sentence)


def next_destination(
    destinations: Sequence[Destination], channels: Collection[str], *, after: int = -1
) -> tuple[int, Destination] | None:
    """The next destination with its rank: one on an open channel if there is any.

    Else the next in line: its message waits until the channel is back, and a problem says so. A slip in channels.yaml
    must not make anybody unreachable.
    """
    left = [(rank, destination) for rank, destination in enumerate(destinations) if rank > after]
    opened = (found for found in left if found[1].channel in channels)
    return next(opened, left[0] if left else None)


def speaking_ids(some: Sequence[Waiting]) -> list[int]:
    return [one.reminder_id for one in some]


def _expect(changed: int, wanted: int) -> None:
    if changed != wanted:
        raise RuntimeError(f"{wanted} reminders were to change, {changed} did")


def _unsent_messages(db: Connection, readers: Collection[str]) -> dict[str, list[_Held]]:
    """Messages to these readers that no provider can have yet; there are none on an ordinary day."""
    query = select(messages.c.id, messages.c.person, messages.c.tries).where(PENDING, messages.c.ambiguous == 0)
    if db.dialect.name == "postgresql":
        query = query.with_for_update()
    held: dict[str, list[_Held]] = {}
    for row in db.execute(query.where(messages.c.rank == 0).order_by(messages.c.id)):
        if row.person in readers:
            held.setdefault(row.person, []).append(_Held(row.id, row.tries))
    return held


def _names(db: Connection, persons: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in chunks(sorted(persons)):
        for row in db.execute(select(people.c.key, people.c.name).where(people.c.key.in_(some))):
            found[row.key] = row.name
    return found


def _tell_of_expired(db: Connection, composed: Composed, *, now: datetime) -> None:
    expired = composed.count(ReminderState.EXPIRED)
    if expired:
        sentence = f"{expired}条提醒等待太久，已不再发送。请在“发件箱”中查看，并直接告知承办人。"
        report_problem(db, key=f"expired:{now:%Y-%m-%d}", kind="expired", text=sentence, now=now)
        composed.problems.append(sentence)
