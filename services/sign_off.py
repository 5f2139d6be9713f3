"""Signing off (销号) by somebody else than the doer, and the review of standing duties (长期坚持)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import Connection, Row

from models.occurrence import OccurrenceState
from models.store import Store
from planning.acts import Act
from planning.duty import Role
from planning.held import SENT_BACK
from services.asking_sign_off import end_asking, stood_in
from services.change import reopen_held
from services.completion import Completed, Doing, close_with
from services.errors import Refused
from services.held import (
    Recorded,
    change,
    day_of,
    hold,
    if_recorded,
    last_completion,
    last_entry,
    name_of,
    needed_text,
    plain_text,
    ref_of,
    write_entry,
)
from services.remaining import active_assignments, plan_reminders, reminder


def sign_off(
    store: Store,
    ref: str,
    *,
    by: str,
    via: str,
    now: datetime,
    note: str = "",
    row_version: int | None = None,
    recorded_by: str | None = None,
) -> Recorded:
    """Confirm that what was reported done is done (谁验收、谁负责). ``recorded_by`` is who stands in for the verifier.

    Raises Refused: not_done, not_needed, already_signed_off, same_person (the doer, who recorded it, an owner, or who
    stood in for one of them), not_verifier (others are named to verify).
    """
    kept_note = plain_text(note, what="验收意见")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        done = last_completion(db, held)
        _refuse_unless_verifier(db, held, done, by=by, recorded_by=recorded_by, now=now)
        change(db, held, row_version=row_version, now=now, signed_off_at=now)
        end_asking(db, held, why=Act.SIGNED_OFF, now=now)
        payload: dict[str, object] = {"by": by, "by_name": name_of(db, by), "note": kept_note}
        payload |= {"turn": done.turn if done is not None else 0, **if_recorded(by, recorded_by)}
        return write_entry(db, held, kind=Act.SIGNED_OFF, actor=recorded_by or by, via=via, now=now, payload=payload)

    return store.transact(work)


def send_back(
    store: Store,
    ref: str,
    *,
    by: str,
    reason: str,
    via: str,
    now: datetime,
    row_version: int | None = None,
    recorded_by: str | None = None,
) -> Recorded:
    """Not fit to be signed off (退回): it is open again, and its owners hear why. For those who may sign it off.

    Raises Refused: reason_missing, changed, and as ``sign_off`` does.
    """
    why = needed_text(reason, what="退回的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        done = last_completion(db, held)
        _refuse_unless_verifier(db, held, done, by=by, recorded_by=recorded_by, now=now)
        said = f"{name_of(db, by)}验收退回：{why}"
        entry = reopen_held(db, held, by=by, reason=said, via=via, now=now, row_version=row_version, recorded_by=recorded_by)
        about = {"occurrence_id": held.id, "step": SENT_BACK, "offset": 0, "due_epoch": held.due_epoch + 1}
        owners = [part for part in active_assignments(db, held.id) if part.role == Role.OWNER]
        plan_reminders(db, (reminder(assignment_id=part.id, fire_at=now, say=said, **about) for part in owners))
        return entry

    return store.transact(work)


def review(store: Store, ref: str, *, note: str, **doing: Unpack[Doing]) -> Completed:
    """Record the review of a standing duty (长期坚持): it stays in force, this period's review is closed.

    Raises Refused as ``complete`` does, and not_standing.
    """

    def refuse(held: Row[Any]) -> None:
        if not held.standing:
            raise Refused(f"“{held.title}”不是长期坚持事项，请直接办结（suishi done {ref_of(held)}）。", code="not_standing")

    kept_note = needed_text(note, what="复核情况", code="note_missing")
    return close_with(store, ref, act=Act.REVIEWED, refuse=refuse, note=kept_note, nothing_to_report=False, **doing)


def _refuse_unless_verifier(
    db: Connection, held: Row[Any], done: Row[Any] | None, *, by: str, recorded_by: str | None, now: datetime
) -> None:
    _refuse_unless_waiting(db, held, done, now=now)
    owners, verifiers = _people_of(db, held)
    concerned = {*owners, *stood_in(db, held)} | ({done.by, done.recorded_by} if done is not None else set())
    for person in (by, recorded_by or by):
        if person in concerned:
            raise Refused(
                f"“{held.title}”由{name_of(db, person)}承办、代办或登记，不能由本人销号。按“谁验收、谁负责”，请另一位同志验收。",
                code="same_person",
            )
    if verifiers and by not in verifiers:
        raise Refused(f"“{held.title}”的验收人是{'、'.join(verifiers.values())}，请由验收人销号。", code="not_verifier")


def _refuse_unless_waiting(db: Connection, held: Row[Any], done: Row[Any] | None, *, now: datetime) -> None:
    if held.state != OccurrenceState.DONE or done is None:
        raise Refused(f"“{held.title}”尚未办结，不能销号。", code="not_done")
    if not held.sign_off_needed:
        raise Refused(f"“{held.title}”办结即可，不需要销号。", code="not_needed")
    if held.signed_off_at is not None:
        raise Refused(f"“{held.title}”{_signed_by(db, held, now=now)}，不用再办。", code="already_signed_off")


def _signed_by(db: Connection, held: Row[Any], *, now: datetime) -> str:
    said = last_entry(db, held, kind=Act.SIGNED_OFF)
    return f"已由{name_of(db, said.actor)}于{day_of(held.signed_off_at, now)}销号" if said else "已销号"


def _people_of(db: Connection, held: Row[Any]) -> tuple[set[str], dict[str, str]]:
    """The keys of the owners, and the verifiers with their names."""
    active = active_assignments(db, held.id)
    owners = {one.person for one in active if one.role == Role.OWNER}
    return owners, {one.person: one.name for one in active if one.role == Role.VERIFIER}
