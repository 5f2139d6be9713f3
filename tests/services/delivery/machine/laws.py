"""What must hold after every step, by the numbers of RELIABILITY 2.14: rows on one side, the providers' account on the other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from models.message import attempts, messages
from models.occurrence import assignments, occurrences
from models.reminder import FINAL_REMINDER_STATES, reminders
from models.upkeep import problems
from notifications.envelope import Verdict
from planning.half_days import half_day_began, next_half_day
from planning.held import NOTICES
from tests.services.delivery.machine.providers import CHANNEL_CODES, Answer, Handed
from tests.services.delivery.machine.world import SHANGHAI, World

LIVE = frozenset({"pending", "leased"})
FINAL_MESSAGE_STATES = frozenset({"sent", "failed", "dead", "cancelled"})
FOLLOWS = {"accepted": {Answer.YES}, "rejected": {Answer.BAD_ADDRESS, Answer.SPAM}, "unknown": {Answer.CUT, Answer.VANISHED}}
_COMING = re.compile(r"^.*?(\d+)月(\d+)日.*(?:还剩|即将|将于休息日|今日到期).*$", re.MULTILINE)


@dataclass
class Court:
    """Judges the world; remembers what had ended, so that nothing ended changes."""

    world: World
    ended: dict[tuple[str, int], str] = field(default_factory=dict)
    judged: int = 0  # entries of the account that were looked at
    known: dict[int, date] = field(default_factory=dict)  # assignment -> the day it was last told
    sure: dict[int, tuple[date, datetime]] = field(default_factory=dict)  # the same, where the rows must know it too

    def judge(self) -> None:
        """Every law, after a step."""
        rows = _Rows.of(self.world)
        for law in LAWS:
            law(self, rows)
        self._remember(rows)

    def _remember(self, rows: _Rows) -> None:
        for handed in self.fresh():
            if handed.taken:
                self.known |= handed.tells
                self.sure = _sure_after(handed, self.sure)
                for one in handed.waiting:
                    if one.step == "cancelled":
                        self.known.pop(one.assignment_id, None)
                        self.sure.pop(one.assignment_id, None)
        self.judged = len(self.world.account)
        for one in rows.messages.values():
            if one.state in FINAL_MESSAGE_STATES:
                self.ended["message", one.id] = one.state
        for one in rows.reminders.values():
            if one.state in FINAL_REMINDER_STATES:
                self.ended["reminder", one.id] = one.state

    def fresh(self) -> list[Handed]:
        """What the providers saw since the last judgement."""
        return self.world.account[self.judged :]


def _sure_after(handed: Handed, sure: dict[int, tuple[date, datetime]]) -> dict[int, tuple[date, datetime]]:
    """Which day is known for sure, and since when, once a provider has taken this."""
    kept = {part: told for part, told in sure.items() if part not in handed.tells}
    heard = handed.answer is Answer.YES and not handed.interrupted
    return kept | ({part: (due_on, handed.at) for part, due_on in handed.tells.items()} if heard else {})


@dataclass(frozen=True)
class _Rows:
    reminders: dict[int, Row[Any]]
    messages: dict[int, Row[Any]]
    attempts: list[Row[Any]]
    problems: frozenset[str]

    @classmethod
    def of(cls, world: World) -> _Rows:
        with world.store.read() as db:
            held = db.execute(select(reminders).order_by(reminders.c.id)).all()
            sent = db.execute(select(messages).where(messages.c.kind == "reminders").order_by(messages.c.id)).all()
            tried = db.execute(select(attempts).order_by(attempts.c.message_id, attempts.c.n)).all()
            known = frozenset(db.execute(select(problems.c.key)).scalars())
        numbers = {row.id for row in sent}
        return cls(
            {row.id: row for row in held},
            {row.id: row for row in sent},
            [row for row in tried if row.message_id in numbers],
            known,
        )

    def carried(self) -> dict[int, list[Row[Any]]]:
        """Queued reminders by their message."""
        found: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in self.reminders.values():
            if row.state == "queued":
                found[row.message_id].append(row)
        return found


def i2_one_row_for_each_step(_: Court, rows: _Rows) -> None:
    keys = Counter((row.assignment_id, row.step, row.due_epoch) for row in rows.reminders.values())
    assert all(count == 1 for count in keys.values()), "I2: a step has two rows"


def i3_a_reminder_is_in_one_live_message(court: Court, rows: _Rows) -> None:
    for message, carried in rows.carried().items():
        assert message in rows.messages, "I3: queued without a message"
        assert rows.messages[message].state in LIVE, f"I3/I17: {len(carried)} reminders wait in a finished message"
    keys = Counter(row.dedupe_key for row in rows.messages.values())
    assert all(count == 1 for count in keys.values()), "I3: a dedupe key came twice"
    accepted: dict[int, set[str]] = defaultdict(set)
    for handed in court.world.account:
        if handed.answer is Answer.YES and handed.taken and not handed.interrupted:
            for one in handed.waiting:
                accepted[one.reminder_id].add(handed.ref)
    assert all(len(refs) == 1 for refs in accepted.values()), "I3: one reminder left in two accepted messages"


def i4_sent_is_what_a_provider_accepted(court: Court, rows: _Rows) -> None:
    accepted = {row.message_id for row in rows.attempts if row.outcome == "accepted"}
    for row in rows.messages.values():
        assert (row.state == "sent") == (row.id in accepted), f"I4: {row.ref} is {row.state}"
    for reminder in rows.reminders.values():
        if reminder.state == "sent":
            assert reminder.message_id in accepted, "I4: a reminder is sent and its message was not accepted"
            named = {entry["assignment"] for entry in rows.messages[reminder.message_id].links}
            assert reminder.step == "cancelled" or reminder.assignment_id in named, "I4: sent, and its message says nothing of it"


def i18_an_attempt_says_what_the_provider_said(court: Court, rows: _Rows) -> None:
    seen = {(handed.message, handed.n): handed for handed in court.world.account}
    for row in rows.attempts:
        handed = seen.get((row.message_id, row.n))
        if row.outcome in FOLLOWS and not (row.outcome == "unknown" and handed is not None and handed.in_doubt):
            assert handed is not None, f"I4: {row.outcome}, and no provider was asked"
            assert handed.answer in FOLLOWS[row.outcome], f"I18: {row.outcome}, and the provider said {handed.answer}"
        if row.outcome in {"not_sent", "deferred"}:
            assert handed is None or not handed.taken, f"I6: {row.outcome}, and the provider has it"
        if handed is not None and handed.answer is not None and not handed.in_doubt and not handed.overtaken:
            expected = _verdict(handed.answer)
            assert row.outcome == expected, f"I18: the provider said {expected}, the row {row.outcome}"


def _verdict(answer: Answer) -> str:
    if answer is Answer.YES:
        return Verdict.ACCEPTED
    return Verdict.REJECTED if answer in {Answer.BAD_ADDRESS, Answer.SPAM} else Verdict.DEFERRED


def i6_copies_are_bounded_and_equal(court: Court, rows: _Rows) -> None:
    by_ref: dict[str, list[Handed]] = defaultdict(list)
    for handed in court.world.account:
        by_ref[handed.ref].append(handed)
    for ref, tries in by_ref.items():
        copies = [one for one in tries if one.taken]
        doubts = sum(one.in_doubt for one in tries[:-1])
        assert len(copies) <= min(1 + doubts, 2), f"I6/I9/I10: {len(copies)} copies of {ref} after {doubts} doubts"
        assert all(one.envelope == copies[0].envelope for one in copies), f"I6: the copies of {ref} differ"


def i9_who_lost_the_lease_sends_nothing(court: Court, rows: _Rows) -> None:
    for handed in court.fresh():
        assert not (handed.overtaken and handed.taken), f"I9: {handed.ref} left from somebody who had lost it"


def i7_what_has_ended_stays(court: Court, rows: _Rows) -> None:
    for (kind, number), state in court.ended.items():
        row = (rows.messages if kind == "message" else rows.reminders).get(number)
        assert row is not None, f"I7/I19: a {kind} is gone"
        assert row.state == state, f"I7: {kind} {number} was {state} and is {row.state}"


def i8_nothing_leaves_about_what_is_closed(court: Court, rows: _Rows) -> None:
    for handed in court.fresh():
        if handed.taken:
            assert any(one.still_true for one in handed.waiting), f"I8: {handed.ref} left and all of it was closed"


def i12_nothing_past_is_called_near(court: Court, rows: _Rows) -> None:
    for handed in court.fresh():
        today = handed.at.astimezone(SHANGHAI).date()
        if handed.taken and not handed.again:
            for month, day in _COMING.findall(handed.envelope.text):
                assert (int(month), int(day)) >= (today.month, today.day), f"I12: {month}月{day}日 is past"


def i13_a_moved_day_is_told_to_who_knew_another(court: Court, rows: _Rows) -> None:
    """Who was being told at the moment of the change counts as told; of what may not have arrived nobody is sure."""
    known, sure = dict(court.known), {part: told for part, (told, _) in court.sure.items()}
    for handed in court.fresh():
        for one in handed.waiting if handed.taken and not handed.again else ():
            if one.step == "moved" and "恢复" not in one.say:
                told = one.assignment_id in known or one.assignment_id in court.world.being_told
                assert told, "I13: a notice to somebody who had been told nothing"
                assert handed.tells[one.assignment_id] != sure.get(one.assignment_id), "I13: a notice of a day already known"
        known |= handed.tells if handed.taken else {}
        sure |= handed.tells if handed.answer is Answer.YES and not handed.interrupted else {}


def i13_a_moved_day_is_told_as_moved(court: Court, rows: _Rows) -> None:
    """Who knew another day hears that it changed, and not just a new day. One step may hold several ticks."""
    sure = court.sure
    for handed in court.fresh():
        for one in handed.waiting if handed.taken and not handed.again and handed.first else ():
            due_on, at = sure.get(one.assignment_id, (one.due_on, handed.at))
            told = handed.tells.get(one.assignment_id, due_on)
            excused = one.since > at or one.assignment_id in court.world.being_told
            says_so = one.step in NOTICES or "改为" in handed.envelope.text
            assert told == due_on or says_so or excused, f"I13: {due_on} became {told} and {one.step} does not say so"
        if handed.taken:
            sure = _sure_after(handed, sure)


def i16_a_channels_fault_uses_no_try(court: Court, rows: _Rows) -> None:
    """A message that took over another goes on counting where that one stood."""
    tried: Counter[tuple[str, str]] = Counter()
    for row in rows.attempts:
        message = rows.messages[row.message_id]
        tried[message.person, message.channel] += not (row.outcome == "deferred" and row.code in CHANNEL_CODES)
    for message in rows.messages.values():
        if message.state == "pending":
            count = tried[message.person, message.channel]
            assert message.tries <= count, f"I16: {message.ref} counts {message.tries} tries of {count}"


def i17_what_failed_is_told(court: Court, rows: _Rows) -> None:
    for row in rows.reminders.values():
        if row.state == "failed":
            told = {key.partition(":")[0] for key in rows.problems}
            assert told & {"unreachable", "dead"}, "I17: a reminder failed and no problem says so"


def i11_one_message_for_each_person_and_tick(court: Court, rows: _Rows) -> None:
    first: dict[tuple[int, str], set[str]] = defaultdict(set)
    for handed in court.world.account:
        if handed.taken and not handed.again and handed.first:
            first[handed.number, handed.person].add(handed.ref)
    assert all(len(refs) == 1 for refs in first.values()), "I11: a person got two messages in one tick"


def i11_no_older_step_speaks_after_a_newer_one(court: Court, rows: _Rows) -> None:
    newest: dict[tuple[int, int], int] = {}
    for handed in court.world.account:
        for one in handed.waiting if handed.taken and not handed.again and handed.first else ():
            if one.step.startswith("T"):
                key = (one.assignment_id, one.epoch)
                assert one.offset >= newest.get(key, one.offset), f"I11: {one.step} spoke after a newer step"
                newest[key] = one.offset


def i11_one_message_for_each_person_and_half_day(court: Court, rows: _Rows) -> None:
    """Unless something in it is due today or overdue, or would be by the next half-day."""
    policy = court.world.policy
    first: dict[tuple[str, datetime], datetime] = {}
    for handed in court.world.account:
        if handed.answer is not Answer.YES or handed.interrupted:
            continue
        began = half_day_began(handed.at, SHANGHAI)
        until = next_half_day(policy.windows, policy.workdays, handed.built_at, SHANGHAI)
        today = handed.built_at.astimezone(SHANGHAI).date()
        pressing = any(one.due_on <= today or one.due_at <= until for one in handed.waiting)
        before = first.setdefault((handed.person, began), handed.at)
        second = before < handed.built_at and handed.first and not handed.again
        assert pressing or not second, f"I11: a second message in a half-day ({handed.ref})"


Law = Callable[[Court, _Rows], None]
LAWS: tuple[Law, ...] = (
    i2_one_row_for_each_step,
    i3_a_reminder_is_in_one_live_message,
    i4_sent_is_what_a_provider_accepted,
    i6_copies_are_bounded_and_equal,
    i7_what_has_ended_stays,
    i8_nothing_leaves_about_what_is_closed,
    i9_who_lost_the_lease_sends_nothing,
    i11_one_message_for_each_person_and_tick,
    i11_no_older_step_speaks_after_a_newer_one,
    i11_one_message_for_each_person_and_half_day,
    i12_nothing_past_is_called_near,
    i13_a_moved_day_is_told_to_who_knew_another,
    i13_a_moved_day_is_told_as_moved,
    i16_a_channels_fault_uses_no_try,
    i17_what_failed_is_told,
    i18_an_attempt_says_what_the_provider_said,
)


def judge_the_end(world: World) -> None:
    """After the providers have long been well again: nothing waits, nothing is lost, and everybody knows the day in force."""
    with world.store.read() as db:
        waiting = db.execute(select(messages.c.ref).where(messages.c.state.in_(LIVE), messages.c.kind == "reminders")).all()
        due = reminders.c.fire_at <= world.now - timedelta(minutes=15)
        late = select(reminders).where(reminders.c.state.in_(("planned", "queued")), due)
        held = db.execute(late.where(reminders.c.held_until.is_(None) | (reminders.c.held_until <= world.now))).all()
        open_parts = (
            select(assignments, occurrences.c.due_on)
            .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
            .where(assignments.c.active, occurrences.c.state == "open", ~occurrences.c.silent)
        )
        parts = db.execute(open_parts).all()
        told = {row.key for row in db.execute(select(problems.c.key))}
        rows = db.execute(select(reminders.c.assignment_id, reminders.c.step, reminders.c.state)).all()
    assert not waiting, f"lost: {len(waiting)} messages still wait"
    assert not held, f"I5: {len(held)} reminders are due and neither ended nor held"
    lost = {row.assignment_id for row in rows if row.state in {"failed", "expired"}}
    known = _surely_told(world)
    for part in parts:
        due_on, at = known.get(part.id, (part.due_on, world.now))
        left = f"left:{part.person}" in told  # who has left is told nothing, and the office knows
        excused = part.id in lost or part.since > at or left or any(key.startswith("unreachable:") for key in told)
        assert due_on == part.due_on or excused, f"I13: {part.name} knows {due_on}, and it is {part.due_on}"


def _surely_told(world: World) -> dict[int, tuple[date, datetime]]:
    """By accepted messages, in their order: which day each assignment was told last, and when. None after a cancellation."""
    known: dict[int, tuple[date, datetime]] = {}
    for handed in sorted(world.account, key=_when):
        if handed.taken and handed.answer is Answer.YES and not handed.interrupted:
            known |= {assignment: (due_on, handed.at) for assignment, due_on in handed.tells.items()}
            for one in handed.waiting:
                if one.step == "cancelled":
                    known.pop(one.assignment_id, None)
    return known


def _when(handed: Handed) -> datetime:
    return handed.at
