"""Completing an occurrence (办结): one transaction, one completion, one log entry, however often the button is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Unpack

from sqlalchemy import Connection, Row

from models.occurrence import OccurrenceState
from models.store import Store
from planning.acts import Act
from services.completion import Completed, Doing, close_with
from services.errors import Refused
from services.evidence import NewEvidence, add_rows, refuse_known, stored
from services.held import Recorded, change, hold, last_completion, plain_text, ref_of, write_entry

__all__ = ["Completed", "NewEvidence", "complete", "prove"]


def complete(store: Store, ref: str, *, note: str = "", nothing_to_report: bool = False, **doing: Unpack[Doing]) -> Completed:
    """Record that it was done on ``done_on`` by ``by``; whoever pressed the button is ``recorded_by``.

    Late completions are taken and stamped once. Raises Refused: unknown_occurrence, already_done, waived, withdrawn,
    changed, standing, or the first of done_on, measures, nothing_to_report, evidence_missing with every problem in one
    sentence.
    """

    def refuse(held: Row[Any]) -> None:
        if held.standing:
            raise Refused(
                f"“{held.title}”是长期坚持事项，不能办结，请记录复核（suishi review {ref_of(held)}）。", code="standing"
            )

    kept_note = plain_text(note, what="说明")
    return close_with(store, ref, act=Act.DONE, refuse=refuse, note=kept_note, nothing_to_report=nothing_to_report, **doing)


def prove(
    store: Store,
    ref: str,
    *,
    by: str,
    via: str,
    now: datetime,
    evidence: Sequence[NewEvidence],
    folder: Path,
    note: str = "",
    row_version: int | None = None,
) -> Recorded:
    """Hand in evidence for what is already done. Raises Refused: not_done, evidence_missing, already_proved, the file's own."""
    kept_note = plain_text(note, what="说明")
    if not evidence:
        raise Refused("请选择要补交的佐证文件。", code="evidence_missing")
    with stored(evidence, folder) as files:

        def work(db: Connection) -> Recorded:
            held = hold(db, ref)
            done = last_completion(db, held)
            if held.state != OccurrenceState.DONE or done is None:
                raise Refused(f"“{held.title}”尚未办结，请在办结时一并提交佐证。", code="not_done")
            refuse_known(db, files, occurrence_id=held.id, now=now)
            add_rows(db, files, occurrence_id=held.id, completion_id=done.id, by=by, now=now)
            change(db, held, row_version=row_version, now=now, proved=True)
            payload: dict[str, object] = {"by": by, "note": kept_note, "evidence": [one.for_log() for one in files]}
            return write_entry(db, held, kind=Act.PROVED, actor=by, via=via, now=now, payload=payload)

        return store.transact(work)
