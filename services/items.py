"""From a waiting reminder to what a letter tells of it: plain values, with everything the wording leans on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from notifications.letter import Item, SheetForm, Tone
from planning.basis import DeliveryPolicy
from planning.duty import Role
from planning.held import SIGN_OFF_STEPS, SIGN_OFF_UP_STEPS
from planning.lookup import standing_in
from services.sheets import load_sheets, load_units
from services.waiting import Background, Waiting, load_background

OVERSEEING = frozenset({Role.OVERSEER, Role.LEADER})
_NOTICE_TONES = {
    **{
        tone.value: tone
        for tone in (
            Tone.MOVED,
            Tone.HANDED_OVER,
            Tone.CANCELLED,
            Tone.EXTENSION_ASKED,
            Tone.EXTENSION_DECIDED,
            Tone.SENT_BACK,
        )
    },
    **dict.fromkeys(SIGN_OFF_STEPS, Tone.SIGN_OFF),
    **dict.fromkeys(SIGN_OFF_UP_STEPS, Tone.SIGN_OFF_LATE),
}
_SUPERVISED_FROM = 3
"""Workdays overdue from which a 催办 becomes a 督办 (DOMAIN 4: T+3), where the office has no sheets of its own."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What the rows say around the reminders of one message."""

    background: Background
    sheets: dict[int, SheetForm]  # reminder -> the letter it takes the form of
    units: dict[int, str]  # occurrence -> the name of the unit that answers, where there are sheets


def load_notes(db: Connection, waiting: Sequence[Waiting], *, policy: DeliveryPolicy, today: date) -> Notes:
    overdue = [one for one in waiting if is_pressing(one, today=today) and not one.undecided]
    sheets = load_sheets(db, ((one, -policy.workdays.between(today, one.due_on)) for one in overdue), policy.sheets)
    pressed = {one.occurrence_id for one in overdue if one.reminder_id in sheets}
    return Notes(load_background(db, waiting), sheets, load_units(db, pressed))


def is_pressing(one: Waiting, *, today: date) -> bool:
    """Whether it is a step of the ladder about something overdue."""
    return one.due_on < today and tone_of_step(one) is None and one.offset > 0


def item_of(one: Waiting, notes: Notes, reader: str | None, *, policy: DeliveryPolicy, today: date, link: str = "") -> Item:
    """``reader`` is the person who reads it; None: a group does, and the item names whom it is for."""
    tone = _tone(one, today)
    uncertain = one.provisional and policy.workdays.is_provisional(one.due_on.year)
    background = notes.background
    return Item(
        title=_typed(one.title),
        tone=tone,
        due_on=one.due_on,
        workdays_left=policy.workdays.between(today, one.due_on),
        owners=background.owners.get(one.occurrence_id, ()),
        partner=one.role == Role.PARTNER,
        verifier=one.role == Role.VERIFIER,
        provisional=one.provisional,
        unpublished_year=one.due_on.year if uncertain else None,
        awaiting_notice=one.awaiting_notice,
        standing=one.standing,
        explanation=_typed(one.explanation),
        as_written=_typed(one.as_written),
        say=_typed(one.say),
        told_on=_other_day(one, background, tone),
        extended_from=one.original_due_on if one.extensions else None,
        waived=one.state == "waived",
        from_name=background.handed_by.get((one.occurrence_id, one.role), ""),
        stands_in_for=one.name if reader not in {None, one.person} else "",
        link=link,
        number=one.ref,
        unit=notes.units.get(one.occurrence_id, ""),
        person=_named(one, policy, on=today) if reader is None else "",
        oversees=one.role in OVERSEEING,
        awaiting_approval=one.undecided,
        sheet=notes.sheets.get(one.reminder_id),
    )


def _typed(words: str) -> str:
    """What people typed is no placeholder of a link, whatever it looks like."""
    return words.replace("{link:", "｛link:")


def _named(one: Waiting, policy: DeliveryPolicy, *, on: date) -> str:
    """The person as a group knows who is meant: 王敏, or 王敏(陈霞代) while another stands in."""
    known = policy.roster.people.get(one.person)
    other = None if known is None else standing_in(known, policy.roster, on)
    stands_in = other is not None and other.key != one.person and policy.destinations.get(other.key)
    return f"{one.name}（{other.name}代）" if other is not None and stands_in else one.name


def _other_day(one: Waiting, background: Background, tone: Tone) -> date | None:
    """The day that the reader knows, if it is not the one in force: a notice of the move may have failed."""
    if tone is Tone.MOVED:
        return _known_day(one, background)
    return None if tone is Tone.CANCELLED or one.told_on == one.due_on else one.told_on


def _known_day(one: Waiting, background: Background) -> date | None:
    """The day the reader knows: the one last told, else the one before this change."""
    return one.told_on or background.moved_from.get((one.occurrence_id, one.epoch))


def _tone(one: Waiting, today: date) -> Tone:
    by_step = tone_of_step(one)
    if by_step is not None:
        return by_step
    if one.role not in OVERSEEING:
        return Tone.ASSIGNED if one.step == "assigned" else Tone.REMIND
    if one.due_on >= today or one.undecided:  # 延期待批 is never pressed for
        return Tone.INFORM
    return Tone.SUPERVISE if one.role == Role.LEADER or one.offset >= _SUPERVISED_FROM else Tone.PRESS


def tone_of_step(one: Waiting) -> Tone | None:
    """The tone of a step that stands outside the ladder."""
    return _NOTICE_TONES.get(one.step)
