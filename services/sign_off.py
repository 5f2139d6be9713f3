"""Signing off (销号) by somebody else than the doer, and the review of standing duties (长期坚持)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Unpack

from sqlalchemy import Connection, Row, select

from models.occurrence import OccurrenceState, assignments
from models.record import log_entries
from models.store import Store
from planning.acts import Act
from planning.duty import Role
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
from services.remaining import active_assignments

_BY_HAND = ("link", "page", "program")
"""Ways by which somebody acts in another's place, himself or through a program that acts for his account."""


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
        _refuse_unless_waiting(db, held, done, now=now)
        owners, verifiers = _people_of(db, held)
        concerned = {*owners, *stood_in(db, held)} | ({done.by, done.recorded_by} if done is not None else set())
        for person in (by, recorded_by or by):
            if person in concerned:
                raise Refused(
                    f"“{held.title}”由{name_of(db, person)}承办、代办或登记，不能由本人销号。"
                    "按“谁验收、谁负责”，请另一位同志验收。",
                    code="same_person",
                )
        if verifiers and by not in verifiers:
            raise Refused(f"“{held.title}”的验收人是{'、'.join(verifiers.values())}，请由验收人销号。", code="not_verifier")
        change(db, held, row_version=row_version, now=now, signed_off_at=now)
        payload: dict[str, object] = {"by": by, "by_name": name_of(db, by), "note": kept_note}
        payload |= {"turn": done.turn if done is not None else 0, **if_recorded(by, recorded_by)}
        return write_entry(db, held, kind=Act.SIGNED_OFF, actor=recorded_by or by, via=via, now=now, payload=payload)

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


def stood_in(db: Connection, held: Row[Any]) -> set[str]:
    """Who acted on this occurrence in the name of somebody who does it (代办、代为登记); to have received it is no act."""
    doers = select(assignments.c.person).where(
        assignments.c.occurrence_id == held.id, assignments.c.role.in_((Role.OWNER, Role.PARTNER))
    )
    of_doers = set(db.execute(doers).scalars())
    mine = select(log_entries.c.payload).where(
        log_entries.c.subject == ref_of(held),
        log_entries.c.via.in_(_BY_HAND),
        log_entries.c.kind != Act.ACKNOWLEDGED,
    )
    said = [json.loads(payload) for payload in db.execute(mine).scalars()]
    in_place_of = [(one["recorded_by"], one.get("by")) for one in said if "recorded_by" in one]
    return {pressed for pressed, by in in_place_of if pressed != by and by in of_doers}


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
