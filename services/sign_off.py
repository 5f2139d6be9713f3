"""Signing off (销号) by somebody else than the doer, and the review of standing duties (长期坚持)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from models.occurrence import OccurrenceState
from models.store import Store
from planning.acts import Act
from planning.duty import Role
from planning.workdays import Workdays
from services.completion import Completed, Said, record_completion
from services.errors import Refused
from services.evidence import NewEvidence, stored
from services.held import (
    Recorded,
    change,
    day_of,
    hold,
    last_completion,
    last_entry,
    name_of,
    needed_text,
    plain_text,
    ref_of,
    refuse_unless_open,
    write_entry,
)
from services.remaining import active_assignments


def sign_off(
    store: Store, ref: str, *, by: str, via: str, now: datetime, note: str = "", row_version: int | None = None
) -> Recorded:
    """Confirm that what was reported done is done (谁验收、谁负责).

    Raises Refused: not_done, not_needed, already_signed_off, same_person (the doer, who recorded it, or an owner),
    not_verifier (others are named to verify).
    """
    kept_note = plain_text(note, what="验收意见")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        done = last_completion(db, held)
        _refuse_unless_waiting(db, held, done, now=now)
        owners, verifiers = _people_of(db, held)
        if done is not None and by in {done.by, done.recorded_by, *owners}:
            raise Refused(
                f"“{held.title}”由{name_of(db, by)}承办或登记，不能由本人销号。按“谁验收、谁负责”，请另一位同志验收。",
                code="same_person",
            )
        if verifiers and by not in verifiers:
            raise Refused(f"“{held.title}”的验收人是{'、'.join(verifiers.values())}，请由验收人销号。", code="not_verifier")
        change(db, held, row_version=row_version, now=now, signed_off_at=now)
        payload: dict[str, object] = {"by": by, "by_name": name_of(db, by), "note": kept_note}
        payload["turn"] = done.turn if done is not None else 0
        return write_entry(db, held, kind=Act.SIGNED_OFF, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)


def review(
    store: Store,
    ref: str,
    *,
    by: str,
    by_name: str,
    recorded_by: str,
    via: str,
    now: datetime,
    done_on: date,
    workdays: Workdays,
    note: str,
    measures: Mapping[str, str | int] | None = None,
    evidence: Sequence[NewEvidence] = (),
    folder: Path | None = None,
    row_version: int | None = None,
    as_of: date | None = None,
) -> Completed:
    """Record the review of a standing duty (长期坚持): it stays in force, this period's review is closed.

    Raises Refused as ``complete`` does, and not_standing.
    """
    kept_note = needed_text(note, what="复核情况", code="note_missing")
    with stored(evidence, folder) as files:
        said = Said(
            by=by,
            by_name=by_name,
            recorded_by=recorded_by,
            via=via,
            now=now,
            done_on=done_on,
            as_of=as_of or now.date(),
            measures=measures or {},
            note=kept_note,
            nothing_to_report=False,
            files=files,
            row_version=row_version,
        )

        def work(db: Connection) -> Completed:
            held = hold(db, ref)
            refuse_unless_open(db, held, now=now)
            if not held.standing:
                raise Refused(f"“{held.title}”不是长期坚持事项，请直接办结（suishi done {ref_of(held)}）。", code="not_standing")
            return record_completion(db, held, said, workdays=workdays, act=Act.REVIEWED)

        return store.transact(work)


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
