"""Completing an occurrence (办结): one transaction, one completion, one log entry, however often the button is pressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from models.occurrence import OccurrenceState
from models.store import Store
from planning.acts import Act
from planning.workdays import Workdays
from services.completion import Completed, Said, record_completion
from services.errors import Refused
from services.evidence import NewEvidence, add_rows, stored
from services.held import Recorded, change, hold, last_completion, plain_text, ref_of, refuse_unless_open, write_entry

__all__ = ["Completed", "NewEvidence", "complete", "prove"]


def complete(
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
    measures: Mapping[str, str | int] | None = None,
    note: str = "",
    nothing_to_report: bool = False,
    evidence: Sequence[NewEvidence] = (),
    folder: Path | None = None,
    row_version: int | None = None,
    as_of: date | None = None,
) -> Completed:
    """Record that it was done on ``done_on`` by ``by``; whoever pressed the button is ``recorded_by``.

    ``folder`` is where evidence is stored. ``as_of`` is the office's own day; without it the day of ``now`` in the
    zone it carries. Late completions are taken and stamped once. Raises Refused: unknown_occurrence, already_done,
    waived, withdrawn, changed, standing, or the first of done_on, measures, nothing_to_report, evidence_missing with
    every problem in one sentence.
    """
    kept_note = plain_text(note, what="说明")
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
            nothing_to_report=nothing_to_report,
            files=files,
            row_version=row_version,
        )

        def work(db: Connection) -> Completed:
            held = hold(db, ref)
            refuse_unless_open(db, held, now=now)
            if held.standing:
                raise Refused(
                    f"“{held.title}”是长期坚持事项，不能办结，请记录复核（suishi review {ref_of(held)}）。", code="standing"
                )
            return record_completion(db, held, said, workdays=workdays, act=Act.DONE)

        return store.transact(work)


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
    """Hand in evidence for what is already done. Raises Refused: not_done, evidence_missing and the file's own."""
    kept_note = plain_text(note, what="说明")
    if not evidence:
        raise Refused("请选择要补交的佐证文件。", code="evidence_missing")
    with stored(evidence, folder) as files:

        def work(db: Connection) -> Recorded:
            held = hold(db, ref)
            done = last_completion(db, held)
            if held.state != OccurrenceState.DONE or done is None:
                raise Refused(f"“{held.title}”尚未办结，请在办结时一并提交佐证。", code="not_done")
            add_rows(db, files, occurrence_id=held.id, completion_id=done.id, by=by, now=now)
            change(db, held, row_version=row_version, now=now, proved=True)
            payload: dict[str, object] = {"by": by, "note": kept_note, "evidence": [one.for_log() for one in files]}
            return write_entry(db, held, kind=Act.PROVED, actor=by, via=via, now=now, payload=payload)

        return store.transact(work)
