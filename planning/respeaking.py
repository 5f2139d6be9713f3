"""One assignment's reminders, against the ladder at the due day in force.

A due day has an epoch; each step is written once for each epoch. While the day stands, missing steps are added and
needless ones end (``speak_on``). When it moves, whatever is unsent ends and the ladder begins anew in the next epoch;
who had been told a day gets one notice of the new one (``speak_again``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from planning.changes import Adjusted, Ending, NewReminder
from planning.duty import Role
from planning.held import (
    CANCELLED,
    FIRST_HEARD,
    HANDED_OVER,
    MOVED,
    NOTICES,
    OWED,
    PLAN_REV,
    PLANNED_LATE,
    SILENT,
    HeldPart,
    HeldReminder,
    Stage,
)
from planning.placement import Part
from planning.stepping import AT_ASSIGNMENT, Agenda, Moment, enter
from planning.wording import day_name

NEW_OWNER = "人员有变动，今后由您承办"
"""What somebody reads whom the files made the owner of something that is planned already."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Under what the reminders of one occurrence are compared."""

    agenda: Agenda
    now: datetime
    was_due_on: date
    due_on: date
    epoch: int  # in force after this plan
    explanation: str
    silent: bool
    reopened: bool
    present: frozenset[Role]  # roles that somebody holds
    heard: bool = False  # it leaves silence: nobody was told while it lasted

    def moments(self, part: HeldPart) -> tuple[Moment, ...]:
        return () if self.silent else self.agenda.moments(self.due_on, part.role, self.present)


@dataclass(slots=True)
class Speech:
    """What is to be written about reminders; filled part by part."""

    ended: list[Ending] = field(default_factory=list)
    adjusted: list[Adjusted] = field(default_factory=list)
    entered: list[NewReminder] = field(default_factory=list)
    forgotten: list[int] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def needs_new_epoch(staying: Sequence[HeldPart], revived: Sequence[HeldPart], turn: Turn) -> bool:
    """Whether a step is wanted whose row of this epoch an earlier plan has ended for good."""
    return any(_wants_dropped(part, turn, also_past=turn.heard) for part in staying) or any(
        _wants_dropped(part, turn, also_past=True) for part in revived
    )


def speak_on(part: HeldPart, turn: Turn, speech: Speech, *, anew: bool) -> None:
    """The due day stands: add the steps that are missing, end those no longer wanted, set right those still waiting.

    ``anew``: the person comes back to the occurrence; when the day moved meanwhile, nobody else would tell him.
    """
    notice = _notice(part, turn, part.told_due_on) if anew and not turn.silent and not _has(part, MOVED, turn.epoch) else None
    if notice is not None:
        speech.entered.append(NewReminder(part.id, Moment(MOVED, 0, turn.now, notice), turn.epoch))
        speech.told.append(part.name)
    wanted = turn.moments(part)
    present = {one.step: one for one in part.reminders if one.due_epoch == turn.epoch and one.step not in NOTICES}
    named = {moment.step for moment in wanted}
    needless = [one for step, one in present.items() if step not in named and one.can_be_called_back]
    speech.ended.extend(Ending(one.id, "cancelled", SILENT if turn.silent else PLAN_REV) for one in needless)
    for moment in wanted:
        known = present.get(moment.step)
        if known is not None and known.stage is Stage.WAITING and _differs(known, moment, now=turn.now):
            fire_at = known.fire_at if moment.offset == AT_ASSIGNMENT else moment.fire_at
            speech.adjusted.append(Adjusted(known.id, moment.offset, fire_at, moment.say))
    missing = [moment for moment in wanted if moment.step not in present]
    newest_speaks = not present and (part.told_due_on is None or turn.heard)
    spoken = _enter(part, missing, turn, speech, newest_speaks=newest_speaks)
    if anew and notice is None and not spoken:
        _greet(part, turn, speech)


def speak_again(part: HeldPart, turn: Turn, speech: Speech, *, anew: bool) -> None:
    """A new epoch. ``anew``: the person comes back to the occurrence and hears where it stands."""
    told_on = _told(part, turn)
    unsaid = [one for one in part.reminders if one.can_be_called_back]
    speech.ended.extend(Ending(one.id, "superseded", MOVED if turn.due_on != turn.was_due_on else PLAN_REV) for one in unsaid)
    # The words of a hand over, or about an extension, are still owed, whatever the day.
    speech.entered.extend(
        NewReminder(part.id, Moment(one.step, one.offset, one.fire_at, one.say), turn.epoch) for one in unsaid if one.step in OWED
    )
    notice = None if turn.silent else _notice(part, turn, told_on)
    if notice is not None:
        speech.entered.append(NewReminder(part.id, Moment(MOVED, 0, turn.now, notice), turn.epoch))
        speech.told.append(part.name)
    if turn.reopened and _heard_of_withdrawal(part):
        speech.forgotten.append(part.id)
    was_due_to_hear = any(one.step not in NOTICES and one.fire_at <= turn.now for one in unsaid)
    newest_speaks = notice is None and (told_on is None or anew or was_due_to_hear or turn.heard)
    spoken = _enter(part, turn.moments(part), turn, speech, newest_speaks=newest_speaks)
    if anew and notice is None and not spoken and not turn.reopened:
        _greet(part, turn, speech)


def join(part: Part, turn: Turn, speech: Speech) -> None:
    """Somebody new begins at the current step; an owner for whom none has come yet is told that the item is his."""
    entries = turn.agenda.entries(turn.due_on, part.role, turn.present)
    speech.entered.extend(NewReminder(part, entry.moment, turn.epoch, PLANNED_LATE if entry.folded else "") for entry in entries)
    spoken = any(entry.moment.fire_at <= turn.now and not entry.folded for entry in entries)
    if part.role is Role.OWNER and not spoken and not turn.reopened:
        speech.entered.append(NewReminder(part, Moment(HANDED_OVER, 0, turn.now, NEW_OWNER), turn.epoch))


def release(part: HeldPart, speech: Speech, *, reason: str) -> None:
    """Nothing more is to be said to this person about the occurrence."""
    speech.ended.extend(Ending(one.id, "cancelled", reason) for one in part.reminders if one.can_be_called_back)


def untell(part: HeldPart, *, due_on: date, epoch: int, now: datetime, speech: Speech) -> None:
    """The occurrence is withdrawn: what is unsent ends, and who had been told of it is told so."""
    release(part, speech, reason="withdrawn")
    told_on = part.told_due_on or (due_on if _is_being_told(part) else None)
    if told_on is not None and not _has(part, CANCELLED, epoch):
        say = f"原定{day_name(told_on)}，现已撤销，不再办理"
        speech.entered.append(NewReminder(part.id, Moment(CANCELLED, 0, now, say), epoch))
        speech.told.append(part.name)


def _enter(part: HeldPart, wanted: Sequence[Moment], turn: Turn, speech: Speech, *, newest_speaks: bool) -> bool:
    """Whether one of them speaks at once."""
    entries = enter(wanted, now=turn.now, newest_speaks=newest_speaks)
    speaking = [entry.moment for entry in entries if entry.moment.fire_at <= turn.now and not entry.folded]
    for entry in entries:
        moment = _first_heard(entry.moment, turn) if turn.heard and entry.moment in speaking else entry.moment
        speech.entered.append(NewReminder(part.id, moment, turn.epoch, PLANNED_LATE if entry.folded else ""))
    return bool(speaking)


def _first_heard(moment: Moment, turn: Turn) -> Moment:
    """It is due from now on: by its own moment it would count as waiting since then, and after a fortnight as too old."""
    return moment._replace(fire_at=turn.now, say=f"{moment.say}（{FIRST_HEARD}）" if moment.say else FIRST_HEARD)


def _greet(part: HeldPart, turn: Turn, speech: Speech) -> None:
    """An owner who comes back, while no step of the ladder has come yet, is told that the item is his."""
    owed = any(one.assignment == part.id and one.moment.step == HANDED_OVER for one in speech.entered)
    if part.role is Role.OWNER and not turn.silent and not owed and not _has(part, HANDED_OVER, turn.epoch):
        speech.entered.append(NewReminder(part.id, Moment(HANDED_OVER, 0, turn.now, NEW_OWNER), turn.epoch))


def _notice(part: HeldPart, turn: Turn, told_on: date | None) -> str | None:
    """The one sentence owed to who knows another day, or who was told that it is off."""
    with_year = told_on is not None and told_on.year != turn.due_on.year
    new_day = day_name(turn.due_on, with_year=with_year)
    why = f"（{turn.explanation}）" if turn.explanation else ""
    if turn.reopened and _heard_of_withdrawal(part):
        return f"此前通知撤销，现恢复办理，{new_day}到期{why}"
    if told_on is None or told_on == turn.due_on:
        return None
    return f"原定{day_name(told_on, with_year=with_year)}，改为{new_day}{why}"


def _heard_of_withdrawal(part: HeldPart) -> bool:
    return any(one.step == CANCELLED and one.stage in {Stage.SENT, Stage.ON_THE_WIRE} for one in part.reminders)


def _told(part: HeldPart, turn: Turn) -> date | None:
    """The day this person knows, or is just being told while the plan is made."""
    return turn.was_due_on if _is_being_told(part) else part.told_due_on


def _is_being_told(part: HeldPart) -> bool:
    return any(one.stage is Stage.ON_THE_WIRE and one.step != CANCELLED for one in part.reminders)


def _has(part: HeldPart, step: str, epoch: int) -> bool:
    return any(one.step == step and one.due_epoch == epoch for one in part.reminders)


def _differs(known: HeldReminder, moment: Moment, *, now: datetime) -> bool:
    """``assigned`` keeps the moment at which it was written: it would move with every plan.

    What left silence late was entered late on purpose, and with a word of its own.
    """
    if known.say.endswith((FIRST_HEARD, f"（{FIRST_HEARD}）")) and moment.fire_at <= now:
        return False
    if moment.offset == AT_ASSIGNMENT:
        return known.say != moment.say
    return (known.fire_at, known.say) != (moment.fire_at, moment.say)


def _wants_dropped(part: HeldPart, turn: Turn, *, also_past: bool) -> bool:
    dropped = {one.step for one in part.reminders if one.stage is Stage.DROPPED and one.due_epoch == turn.epoch}
    return bool(dropped) and any(
        moment.step in dropped and (also_past or moment.fire_at > turn.now) for moment in turn.moments(part)
    )
