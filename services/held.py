"""One occurrence, held for the transaction that is about to change it, and the sentences for when it cannot be."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from models.occurrence import OccurrenceState, due_changes, occurrences
from models.office import people
from models.record import completions, log_entries
from planning.acts import VIAS, act_name
from planning.reference import reference, split_reference
from planning.wording import day_name
from services import journal
from services.errors import Refused

TEXT_LIMIT = 2000
"""Characters of a note or a reason."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written: the occurrence and its entry in the log."""

    ref: str
    seq: int
    hash: str


def hold(db: Connection, ref: str) -> Row[Any]:
    """The occurrence's row, locked until the transaction ends. Refused when there is none."""
    try:
        duty_key, period = split_reference(ref)
    except ValueError as error:
        raise Refused(f"{error}。", code="unknown_occurrence") from None
    wanted = select(occurrences).where(occurrences.c.duty_key == duty_key, occurrences.c.period == period)
    row = db.execute(wanted.with_for_update()).one_or_none()
    if row is None:
        raise Refused(
            f"没有编号为“{duty_key}:{period}”的办理项。请核对编号，或用 suishi list 查看全部。", code="unknown_occurrence"
        )
    return row


def ref_of(held: Row[Any]) -> str:
    return reference(held.duty_key, held.period)


def change(db: Connection, held: Row[Any], *, row_version: int | None, now: datetime, **values: object) -> None:
    """Write to the occurrence, if it still is in the state and version that the caller saw.

    ``row_version`` is what a page showed; without one the row as it was held counts.
    """
    seen = held.row_version if row_version is None else row_version
    written = db.execute(
        update(occurrences)
        .where(occurrences.c.id == held.id, occurrences.c.state == held.state, occurrences.c.row_version == seen)
        .values(**values, row_version=occurrences.c.row_version + 1)
    )
    if written.rowcount == 0:
        raise Refused(_changed_meanwhile(db, held, now), code="changed")


def write_entry(
    db: Connection,
    held: Row[Any],
    *,
    kind: str,
    actor: str,
    via: str,
    now: datetime,
    payload: dict[str, object],
) -> Recorded:
    """The log entry of an act, in the caller's transaction."""
    if via not in VIAS:
        raise ValueError(f"unknown way of recording: {via!r}")
    ref = ref_of(held)
    body = {"title": held.title, **payload}
    entry = journal.append(db, at=now, actor=actor, via=via, kind=kind, subject=ref, payload=body)
    return Recorded(ref, entry.seq, entry.hash)


def if_recorded(by: str, recorded_by: str | None) -> dict[str, object]:
    """What an entry says of who pressed the button, when that was not the one in whose name it was done."""
    return {"recorded_by": recorded_by} if recorded_by not in {None, by} else {}


def write_due_change(db: Connection, held: Row[Any], *, epoch: int, to: date, cause: str, reason: str, now: datetime) -> None:
    db.execute(
        insert(due_changes),
        {
            "occurrence_id": held.id,
            "due_epoch": epoch,
            "from_on": held.due_on,
            "to_on": to,
            "cause": cause,
            "reason": reason,
            "at": now,
        },
    )


def refuse_unless_open(db: Connection, held: Row[Any], *, now: datetime) -> None:
    """An open occurrence passes; of any other the sentence says who closed it and when."""
    if held.state == OccurrenceState.DONE:
        raise Refused(_already_done(db, held), code="already_done")
    if held.state == OccurrenceState.WAIVED:
        said = last_entry(db, held, kind="waived")
        by = f"由{name_of(db, said.actor)}于{day_of(said.at, now)}" if said else ""
        reason = f"，原因：{json.loads(said.payload).get('reason', '')}" if said else ""
        raise Refused(
            f"“{held.title}”已{by}免办{reason}。如需办理，请先恢复待办（suishi reopen {ref_of(held)}）。", code="waived"
        )
    if held.state == OccurrenceState.WITHDRAWN:
        raise Refused(f"“{held.title}”（{ref_of(held)}）已不在计划内，不能再办理。", code="withdrawn")


def refuse_if_stale(db: Connection, held: Row[Any], *, row_version: int | None, now: datetime) -> None:
    """Before other answers, which would be about something that the person does not see yet."""
    if row_version not in {None, held.row_version}:
        raise Refused(_changed_meanwhile(db, held, now), code="changed")


def plain_text(text: str, *, what: str) -> str:
    """A note or reason as it is kept: composed (NFC), without control characters, of bounded length."""
    whole = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    kept = "".join(char for char in whole if char in "\n\t" or unicodedata.category(char) != "Cc").strip()
    if len(kept) > TEXT_LIMIT:
        raise Refused(f"{what}太长：有{len(kept)}字，最多{TEXT_LIMIT}字。请写短一些，细节放进佐证材料。", code="too_long")
    return kept


def needed_text(text: str, *, what: str, code: str = "reason_missing") -> str:
    kept = plain_text(text, what=what)
    if not kept:
        raise Refused(f"请写明{what}。", code=code)
    return kept


def name_of(db: Connection, person: str) -> str:
    """The name in the roster; somebody unknown is called by the key."""
    found = db.execute(select(people.c.name).where(people.c.key == person)).scalar_one_or_none()
    return str(found) if found else person


def last_entry(db: Connection, held: Row[Any], *, kind: str | None = None) -> Row[Any] | None:
    wanted = select(log_entries).where(log_entries.c.subject == ref_of(held)).order_by(log_entries.c.seq.desc()).limit(1)
    if kind is not None:
        wanted = wanted.where(log_entries.c.kind == kind)
    return db.execute(wanted).one_or_none()


def last_completion(db: Connection, held: Row[Any]) -> Row[Any] | None:
    mine = select(completions).where(completions.c.occurrence_id == held.id)
    return db.execute(mine.order_by(completions.c.turn.desc()).limit(1)).one_or_none()


def _already_done(db: Connection, held: Row[Any]) -> str:
    done = last_completion(db, held)
    if done is None:
        return f"“{held.title}”已办结。"
    verb = "复核" if held.standing else "办结"
    again = f"不用再登记；如有误，可先撤回（suishi reopen {ref_of(held)}）"
    return f"“{held.title}”已由{done.by_name}于{day_name(done.done_on)}{verb}，{again}。"


def _changed_meanwhile(db: Connection, held: Row[Any], now: datetime) -> str:
    said = last_entry(db, held)
    by = f"（{day_of(said.at, now)}{name_of(db, said.actor)}办理了{act_name(said.kind)}）" if said else ""
    return f"“{held.title}”刚刚有了变化{by}，您看到的已不是最新内容。请刷新后核对，再办理一次。"


def day_of(at: datetime, now: datetime) -> str:
    """The day of a kept instant, in the zone of the caller's ``now``."""
    return day_name(at.astimezone(now.tzinfo).date())
