"""What should be, against what the rows hold: the difference, and nothing else.

Rows that are done, waived, extended or past stay as they are. RELIABILITY §2.11 lists every case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from planning.changes import Cause, Change, DateMove
from planning.crewing import Crewing, compare_crew
from planning.duty import Duty
from planning.fingerprint import only_workdays_changed
from planning.held import RELEASED, SILENT, Held, HeldPart
from planning.placement import Wanted
from planning.reference import reference
from planning.respeaking import (
    Speech,
    Turn,
    join,
    needs_new_epoch,
    release,
    speak_again,
    speak_on,
    untell,
)
from planning.rules import AfterEvent, BeforeExpiry, OnceOn
from planning.stepping import Agenda

_YEAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One duty's difference."""

    added: tuple[Wanted, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a duty is planned, for which years, and for what its due days would move."""

    now: datetime
    today: date  # in the office
    years: frozenset[int]
    cause: Cause


def cause_between(fingerprint_before: str, fingerprint: str) -> Cause:
    return "holidays" if only_workdays_changed(fingerprint_before, fingerprint) else "plan"


def reconcile(duty: Duty, wanted: Iterable[Wanted], held: Iterable[Held], agenda: Agenda, occasion: Occasion) -> Reconciled:
    """Compare one duty's occurrences, period by period."""
    rows = {row.period: row for row in held}
    added: list[Wanted] = []
    changes: list[Change] = []
    for one in wanted:
        row = rows.pop(one.period, None)
        if row is None:
            added.append(one)
        else:
            changes.append(_compare(one, row, agenda, occasion))
    unwanted = (row for row in rows.values() if _period_year(duty, row) in occasion.years)
    changes.extend(withdraw(row, now=occasion.now) for row in unwanted if can_withdraw(row, occasion.today))
    return Reconciled(tuple(added), tuple(change for change in changes if not change.is_empty))


def can_withdraw(row: Held, today: date) -> bool:
    """Only what still lies ahead, with the day that the plan gave it."""
    return row.is_open and row.due_on >= today and not row.moved_by_hand


def withdraw(row: Held, *, now: datetime) -> Change:
    """The plan no longer has it."""
    speech = Speech()
    for part in row.parts:
        if part.active:
            untell(part, due_on=row.due_on, epoch=row.due_epoch, now=now, speech=speech)
    return _change(row, {"state": "withdrawn", "closed_at": now}, speech, withdrawn=True)


def _compare(wanted: Wanted, row: Held, agenda: Agenda, occasion: Occasion) -> Change:
    if not row.is_withdrawn and not row.is_open:
        return _change(row, {}, Speech())
    if row.is_open and row.moved_by_hand:
        return _hear(row, agenda, occasion) if row.silent and not wanted.silent else _change(row, {}, Speech())
    if row.is_open and row.due_on < occasion.today:
        return _compare_past(wanted, row, agenda, occasion)
    return _renew(wanted, row, agenda, occasion)


def _compare_past(wanted: Wanted, row: Held, agenda: Agenda, occasion: Occasion) -> Change:
    """A past row stays, but for one thing: the office may say later from which day on it is to be reminded (启用日)."""
    speech = Speech()
    if wanted.silent == row.silent or wanted.due_on != row.due_on:
        return _change(row, {}, speech)
    if not wanted.silent:
        return _hear(row, agenda, occasion)
    for part in row.parts:
        release(part, speech, reason=SILENT)
    return _change(row, {"silent": True}, speech, overdue=True)


def _hear(row: Held, agenda: Agenda, occasion: Occasion) -> Change:
    """A row that keeps its day and its people leaves silence: it is told like one that is planned late.

    Of the steps that passed meanwhile the newest speaks, to each who hears it; the ladder goes on from there.
    """
    staying = tuple(part for part in row.parts if part.active)
    turn = Turn(
        agenda=agenda,
        now=occasion.now,
        was_due_on=row.due_on,
        due_on=row.due_on,
        epoch=row.due_epoch,
        explanation=row.columns["explanation"],
        silent=False,
        reopened=False,
        present=frozenset(part.role for part in staying),
        heard=True,
    )
    columns: dict[str, Any] = {"silent": False}
    renewed = needs_new_epoch(staying, (), turn)
    if renewed:
        columns["due_epoch"] = row.due_epoch + 1
        turn = replace(turn, epoch=row.due_epoch + 1)
    speech = _speak(Crewing(staying, (), (), ()), turn, renewed=renewed)
    return _change(row, columns, speech, overdue=row.due_on < occasion.today)


def _renew(wanted: Wanted, row: Held, agenda: Agenda, occasion: Occasion) -> Change:
    crewing = compare_crew(row, wanted.crew.parts)
    moves = wanted.due_on != row.due_on
    turn = Turn(
        agenda=agenda,
        now=occasion.now,
        was_due_on=row.due_on,
        due_on=wanted.due_on,
        epoch=row.due_epoch,
        explanation=wanted.explanation,
        silent=wanted.silent,
        reopened=row.is_withdrawn,
        present=wanted.crew.roles | {part.role for part in row.parts if part.active and part.handed},
        heard=row.is_open and row.silent and not wanted.silent,
    )
    renewed = moves or row.is_withdrawn or needs_new_epoch(crewing.staying, crewing.revived, turn)
    columns = {name: value for name, value in columns_of(wanted).items() if row.columns[name] != value}
    if moves:
        columns |= {"planned_on": wanted.due_on, "due_on": wanted.due_on}
    if renewed:
        columns["due_epoch"] = row.due_epoch + 1
        turn = replace(turn, epoch=row.due_epoch + 1)
    if row.is_withdrawn:
        columns |= {"state": "open", "closed_at": None}
    speech = _speak(crewing, turn, renewed=renewed)
    move = DateMove(row.due_on, wanted.due_on, turn.epoch, occasion.cause, _reason(wanted, occasion.cause)) if moves else None
    return _change(row, columns, speech, crewing=crewing, move=move, reopened=row.is_withdrawn)


def columns_of(wanted: Wanted) -> dict[str, Any]:
    """The columns that the plan may edit without moving a due day."""
    return {
        "kind": wanted.kind,
        "title": wanted.title,
        "unit": wanted.crew.unit,
        "starts_on": wanted.starts_on,
        "nominal_on": wanted.nominal_on,
        "due_at": wanted.due_at,
        "provisional": wanted.provisional,
        "awaiting_notice": wanted.awaiting_notice,
        "standing": wanted.standing,
        "silent": wanted.silent,
        "explanation": wanted.explanation,
        "as_written": wanted.as_written,
        "sign_off_needed": wanted.sign_off,
    }


def _speak(crewing: Crewing, turn: Turn, *, renewed: bool) -> Speech:
    speech = Speech()
    for part in crewing.released:
        release(part, speech, reason=RELEASED)
    staying: list[tuple[HeldPart, bool]] = [(part, False) for part in crewing.staying]
    for part, anew in staying + [(part, True) for part in crewing.revived]:
        if renewed:
            speak_again(part, turn, speech, anew=anew)
        else:
            speak_on(part, turn, speech, anew=anew)
    if not turn.silent:
        for joining in crewing.joined:
            join(joining, turn, speech)
    return speech


def _change(
    row: Held,
    columns: dict[str, Any],
    speech: Speech,
    *,
    crewing: Crewing | None = None,
    move: DateMove | None = None,
    reopened: bool = False,
    withdrawn: bool = False,
    overdue: bool = False,
) -> Change:
    return Change(
        row=row.id,
        ref=reference(row.duty_key, row.period),
        title=columns.get("title", row.columns["title"]),
        columns=columns,
        move=move,
        reopened=reopened,
        withdrawn=withdrawn,
        released=tuple(part.id for part in crewing.released) if crewing else (),
        revived=tuple(part.id for part in crewing.revived) if crewing else (),
        joined=crewing.joined if crewing else (),
        ended=tuple(speech.ended),
        adjusted=tuple(speech.adjusted),
        entered=tuple(speech.entered),
        forgotten=tuple(speech.forgotten),
        told=tuple(dict.fromkeys(speech.told)),
        came=crewing.came if crewing else (),
        went=crewing.went if crewing else (),
        overdue=overdue,
    )


def _reason(wanted: Wanted, cause: Cause) -> str:
    return wanted.explanation or ("节假日安排有更新" if cause == "holidays" else "日期规则有修改")


def _period_year(duty: Duty, row: Held) -> int:
    """The year that a row's period belongs to, as :mod:`planning.candidates` counts it.

    Most periods begin with their year, which for a week may not be the year of the due day. A period named by the office
    itself (整改-007, an event) belongs to the year of the rule's day.
    """
    head = row.period[:_YEAR_DIGITS]
    named_by_office = isinstance(duty.rule, AfterEvent | BeforeExpiry | OnceOn)
    return int(head) if head.isdecimal() and len(head) == _YEAR_DIGITS and not named_by_office else row.nominal_on.year
