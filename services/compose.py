"""Build: due reminders become messages, one for each reader, in one transaction.

Which reminders are due is asked through the partial index alone, so that a tick with nothing due costs the same
whatever lies ahead. A reader whose message cannot be worded stays as he was and is reported; the others go on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, or_, select, text, update

from models.message import MessageKind, MessageState, messages
from models.occurrence import occurrences
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.basis import DeliveryPolicy
from planning.held import rests_meanwhile
from planning.windows import closes_at, is_open, next_open
from services.database_gone import DATABASE_GONE
from services.downtime import forget_stop, known_stop, remember_stop, worked_long
from services.failpoints import reach
from services.fates import Fate, by_assignment, decide
from services.holding import catch_up, gather, hold_for_half_day, late_ones, readers_told, something_gathered
from services.lease import PENDING
from services.letters import Stop, add_messages, lock_numbering
from services.problems import report_problem
from services.readers import Post, Sorted, sort_by_reader
from services.waiting import QUEUED, Waiting, chunks, load_of_message, load_planned

LEFT_REASON = "已离任，不再提醒本人；在办事项请移交"

PLANNED = text("reminder.state = 'planned'")
"""Written out, not bound: SQLite uses a partial index only when it can see that the condition fits."""

_UNSPOKEN = update(reminders).where(reminders.c.id.in_(bindparam("ids", expanding=True)), or_(PLANNED, QUEUED))
"""Reminders that have not had their say. What they become comes with the parameters, under the columns' names."""


@dataclass(slots=True)
class Composed:
    """What one build did."""

    built: int = 0
    held: int = 0  # reminders that are due and wait for a stated reason
    ended: dict[ReminderState, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, state: ReminderState) -> int:
        return self.ended.get(state, 0)


def compose(store: Store, policy: DeliveryPolicy, channels: Collection[str], *, now: datetime) -> Composed:
    """Build what is due at ``now`` for the channels that are open. Reminders that say nothing end with their reason."""
    with store.read() as db:
        something = bool(_due_ids(db, policy, now=now, limit=1))
    if not something:
        return Composed()

    def work(db: Connection) -> Composed:
        composed = _compose(db, policy, channels, now=now)
        reach("B1")
        return composed

    composed = store.transact(work)
    reach("B2")
    return composed


def _due_ids(db: Connection, policy: DeliveryPolicy, *, now: datetime, limit: int | None = None) -> list[int]:
    """What is due, and what would come too late if it waited for its own moment."""
    unheld = or_(reminders.c.held_until.is_(None), reminders.c.held_until <= now)
    due = select(reminders.c.id).where(PLANNED, reminders.c.fire_at <= now, unheld).order_by(reminders.c.fire_at).limit(limit)
    found = list(db.execute(due).scalars())
    reopens = early_until(policy, now=now)
    if reopens is not None and not (limit and found):
        joined = reminders.join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
        ahead = or_(reminders.c.fire_at > now, reminders.c.held_until > now)
        # A step after the due day speaks of what was not done by then: it has its own moment.
        before = and_(reminders.c.offset <= 0, occurrences.c.due_at.between(now, reopens))
        early = select(reminders.c.id).select_from(joined).where(PLANNED, ahead, before).limit(limit)
        found += db.execute(early).scalars()
    return found


def early_until(policy: DeliveryPolicy, *, now: datetime) -> datetime | None:
    """Shortly before a window closes: when the next one opens. What ends before that is told now, not afterwards."""
    if not is_open(policy.windows, policy.workdays, now, policy.tz):
        return None
    closes = closes_at(policy.windows, now, policy.tz)
    if closes - now > timedelta(minutes=policy.rules.early_minutes):
        return None
    return next_open(policy.windows, policy.workdays, closes, policy.tz)


def _compose(db: Connection, policy: DeliveryPolicy, channels: Collection[str], *, now: datetime) -> Composed:
    lock_numbering(db)
    composed = Composed()
    today = now.astimezone(policy.tz).date()
    speaking = _without_undecided(load_planned(db, _due_ids(db, policy, now=now)), composed)
    due = gather(db, speaking, policy, now=now)
    composed.held += len(speaking) - len(due)
    late = late_ones(due, policy, now=now)  # but for what would be told too late if it had to wait
    found = sort_by_reader(db, due, policy, channels, on=today)
    late_posts = sum(any(one.reminder_id in late for one in post.waiting) for post in found.posts.values())
    crowd = catch_up(db, late_posts, policy, now=now)
    if crowd.holds:
        composed.problems.append(crowd.sentence)
        composed.held += len(late)
        _leave_out(found, late)
    stop = known_stop(db)
    desk = _Desk(db, policy, channels, now, stop, composed)
    for person in sorted(found.unread):
        _tell_of_unread(db, composed, person, found.unread[person], now=now)
    for person in sorted(found.left):
        desk.leave_alone(found.left[person])
    for person in sorted(found.unreachable):
        desk.give_up(person, found.unreachable[person])
    taken_back = _unsent_messages(db, found.posts)
    told = readers_told(db, found.posts, policy, now=now) if policy.rules.half_day_limit else set()
    for key in sorted(found.posts):
        desk.serve(found.posts[key], taken_back.get(key, []), told_already=key in told)
    _tell_of_expired(db, composed, now=now)
    if stop is not None and not crowd.holds and not something_gathered(db, now=now):
        forget_stop(db)
    return composed


def _without_undecided(due: Sequence[Waiting], composed: Composed) -> list[Waiting]:
    """While a wish for a later day is undecided the ladder rests; notices of changes are told all the same."""
    speaking = [one for one in due if not (one.undecided and rests_meanwhile(one.step))]
    composed.held += len(due) - len(speaking)
    return speaking


def _leave_out(found: Sorted, late: Collection[int]) -> None:
    for key, post in list(found.posts.items()):
        post.waiting = [one for one in post.waiting if one.reminder_id not in late]
        if not post.waiting:
            del found.posts[key]


@dataclass(frozen=True, slots=True)
class _Held:
    """A message that waits for its first acceptance: what is newly due joins it in a new one."""

    id: int
    tries: int
    built_at: datetime


@dataclass(frozen=True, slots=True)
class _Desk:
    """Builds one reader's messages in a savepoint of its own."""

    db: Connection
    policy: DeliveryPolicy
    channels: Collection[str]
    now: datetime
    stop: Stop | None
    composed: Composed

    @property
    def today(self) -> date:
        return self.now.astimezone(self.policy.tz).date()

    def serve(self, post: Post, held: Sequence[_Held], *, told_already: bool) -> None:
        counted = dict(self.composed.ended)
        try:
            with self.db.begin_nested():
                self.composed.built += self._build(post, held, told_already=told_already)
        except DATABASE_GONE:
            raise  # a lost lock: the whole build starts again
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one reader's rows: the others get theirs
            self.composed.ended = counted
            sentence = f"给{post.reader.name}的提醒无法生成（{type(error).__name__}: {error}），请检查其办理项的内容。"
            _report(self.db, self.composed, f"compose:{post.reader.person}", "compose", sentence, now=self.now)

    def leave_alone(self, waiting: Sequence[Waiting]) -> None:
        """Who has left is told nothing; the plan reports what he leaves behind, until it is handed over."""
        speaking, ended = self._decide(waiting)
        self._end(ended)
        self._end((one, Fate(ReminderState.CANCELLED, LEFT_REASON)) for one in speaking)

    def give_up(self, person: str, waiting: Sequence[Waiting]) -> None:
        """Nobody knows an address: the reminders end as failed, and somebody is told."""
        speaking, ended = self._decide(waiting)
        self._end(ended)
        if not speaking:
            return
        self._end((one, Fate(ReminderState.FAILED, "没有可用的地址")) for one in speaking)
        name = speaking[0].name
        sentence = f"{name}没有可用的提醒地址，{len(speaking)}条提醒没有发出。请在 people.yaml 中补上地址，并当面告知。"
        _report(self.db, self.composed, f"unreachable:{person}", "unreachable", sentence, now=self.now)

    def _build(self, post: Post, held: Sequence[_Held], *, told_already: bool) -> int:
        if told_already:
            speaking, ended = self._decide(post.waiting)
            if speaking and hold_for_half_day(self.db, speaking, self.policy, now=self.now):
                self._end(ended)
                self.composed.held += len(speaking)
                return 0
        taken, absorbed = self._absorb(post, held)
        speaking, ended = self._decide((*post.waiting, *absorbed))
        self._end(ended)
        if not speaking:
            return 0
        stop = self._stop_behind(post.waiting)
        after = sorted({message.id for message in taken} | {one.message_id for one in speaking if one.message_id is not None})
        tries = max((message.tries for message in taken), default=0)
        built = add_messages(
            self.db, speaking, post.reader, policy=self.policy, now=self.now, stop=stop, after=after, tries=tries
        )
        for one in built:
            self._queue(one.id, one.told)
            if taken:  # whoever waits does not begin anew with each thing that joins
                oldest = min(message.built_at for message in taken)
                self.db.execute(update(messages).where(messages.c.id == one.id).values(built_at=oldest))
            if stop is not None:
                remember_stop(self.db, one.id, stop)
        return len(built)

    def _decide(self, waiting: Iterable[Waiting]) -> tuple[list[Waiting], list[tuple[Waiting, Fate]]]:
        speaking: list[Waiting] = []
        ended: list[tuple[Waiting, Fate]] = []
        stale_before = self.now - timedelta(days=self.policy.rules.stale_after_days)
        for group in by_assignment(waiting):
            decision = decide(group, stale_before=stale_before)
            if decision.speaks is not None:
                speaking.append(decision.speaks)
            ended += decision.ended
        return speaking, ended

    def _absorb(self, post: Post, held: Sequence[_Held]) -> tuple[list[_Held], list[Waiting]]:
        """Take over what earlier messages of this reader could not deliver, so that he gets one and not several."""
        taken: list[_Held] = []
        absorbed: list[Waiting] = []
        for message in held:
            waiting = load_of_message(self.db, message.id)
            now_for = sort_by_reader(self.db, waiting, self.policy, self.channels, on=self.today)
            if set(now_for.posts) != {post.reader.person} or not now_for.all_placed:
                continue  # a stand-in began or ended since: it stays as it was built
            gone = update(messages).where(messages.c.id == message.id, messages.c.state == MessageState.PENDING)
            if self.db.execute(gone.values(state=MessageState.CANCELLED, last_error="并入新的消息")).rowcount == 1:
                absorbed += waiting
                taken.append(message)
        return taken, absorbed

    def _stop_behind(self, due: Sequence[Waiting]) -> Stop | None:
        """The stop, when this reader's oldest reminder really waited for its end."""
        oldest = min(one.waits_since for one in due)
        return self.stop if self.stop is not None and worked_long(self.policy, oldest, self.now) else None

    def _end(self, ended: Iterable[tuple[Waiting, Fate]]) -> None:
        for one, fate in ended:
            _change(self.db, [one], state=fate.state, reason=fate.reason)
            self.composed.ended[fate.state] = self.composed.ended.get(fate.state, 0) + 1

    def _queue(self, message_id: int, speaking: Sequence[Waiting]) -> None:
        _change(self.db, speaking, state=ReminderState.QUEUED, message_id=message_id, held_until=None, reason="")


def _change(db: Connection, some: Sequence[Waiting], **columns: object) -> None:
    for ids in chunks([one.reminder_id for one in some]):
        _expect(db.execute(_UNSPOKEN, {"ids": ids, **columns}).rowcount, len(ids))


def _expect(changed: int, wanted: int) -> None:
    if changed != wanted:
        raise RuntimeError(f"{wanted} reminders were to change, {changed} did")


def _report(db: Connection, composed: Composed, key: str, kind: str, sentence: str, *, now: datetime) -> None:
    report_problem(db, key=key, kind=kind, text=sentence, now=now)
    composed.problems.append(sentence)


def _unsent_messages(db: Connection, readers: Collection[str]) -> dict[str, list[_Held]]:
    """Messages to these readers that no provider can have yet; there are none on an ordinary day."""
    query = select(messages.c.id, messages.c.person, messages.c.tries, messages.c.built_at).where(
        PENDING, messages.c.ambiguous == 0, messages.c.kind == MessageKind.REMINDERS, messages.c.fallback_of.is_(None)
    )
    if db.dialect.name == "postgresql":
        query = query.with_for_update()
    held: dict[str, list[_Held]] = {}
    # Sorting in SQL would walk the whole table, not the index of the few that wait.
    for row in sorted(db.execute(query), key=lambda row: int(row.id)):
        if row.person in readers:
            held.setdefault(row.person, []).append(_Held(row.id, row.tries, row.built_at))
    return held


def _tell_of_unread(db: Connection, composed: Composed, person: str, waiting: Sequence[Waiting], *, now: datetime) -> None:
    """A slip of the pen in people.yaml must not end a reminder: it stays as it is and goes out once mended."""
    sentence = f"people.yaml 有错，读不到{waiting[0].name}，{len(waiting)}条提醒在等待。请运行 suishi check 并改正。"
    _report(db, composed, f"unreachable:{person}", "unreachable", sentence, now=now)
    composed.held += len(waiting)


def _tell_of_expired(db: Connection, composed: Composed, *, now: datetime) -> None:
    expired = composed.count(ReminderState.EXPIRED)
    if expired:
        sentence = f"{expired}条提醒等待太久，已不再发送。请在“发件箱”中查看，并直接告知承办人。"
        report_problem(db, key=f"expired:{now:%Y-%m-%d}", kind="expired", text=sentence, now=now)
        composed.problems.append(sentence)
