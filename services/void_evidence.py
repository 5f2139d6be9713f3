"""Marking a wrong file (作废佐证): it stays as it was handed in and is told as void; it proves nothing any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from models.record import evidence, evidence_voids
from models.store import Store
from planning.acts import Act
from services.errors import Refused
from services.evidence import is_proved
from services.held import Recorded, change, hold, if_recorded, last_completion, needed_text, write_entry


def void_evidence(
    store: Store,
    ref: str,
    *,
    number: int,
    by: str,
    reason: str,
    via: str,
    now: datetime,
    row_version: int | None = None,
    recorded_by: str | None = None,
) -> Recorded:
    """``number`` counts the files of the occurrence from 1, in the order in which they were handed in.

    Raises Refused: reason_missing, no_such_file, already_void, changed.
    """
    why = needed_text(reason, what="作废的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        mine = select(evidence).where(evidence.c.occurrence_id == held.id).order_by(evidence.c.id)
        files = db.execute(mine).all()
        if not 1 <= number <= len(files):
            raise Refused(f"“{held.title}”没有第{number}份佐证，请刷新后重新选择。", code="no_such_file")
        file = files[number - 1]
        if db.execute(select(evidence_voids.c.evidence_id).where(evidence_voids.c.evidence_id == file.id)).first() is not None:
            raise Refused(f"佐证“{file.name}”已经作废，不用再办。", code="already_void")
        db.execute(insert(evidence_voids), {"evidence_id": file.id, "by": by, "reason": why, "at": now})
        done = last_completion(db, held)
        proved = held.proved and done is not None and is_proved(db, done.id)
        change(db, held, row_version=row_version, now=now, proved=proved)
        payload: dict[str, object] = {"by": by, "reason": why, "name": file.name, "stored_as": file.stored_as}
        payload |= if_recorded(by, recorded_by)
        return write_entry(db, held, kind=Act.EVIDENCE_VOIDED, actor=recorded_by or by, via=via, now=now, payload=payload)

    return store.transact(work)
