"""The only writer of the completion log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, text

from models.record import log_entries
from planning.chain import GENESIS, canonical, entry_hash
from services.failpoints import reach


@dataclass(frozen=True, slots=True)
class Appended:
    seq: int
    hash: str


def append(
    db: Connection, *, at: datetime, actor: str, via: str, kind: str, subject: str, payload: Mapping[str, object]
) -> Appended:
    """Add one entry inside the caller's write transaction: the fact and its entry stand or fall together.

    The numbers have no gaps, so no sequence is used: SQLite's write lock, and here PostgreSQL's table lock, make
    «the highest plus one» safe.
    """
    if db.dialect.name == "postgresql":
        db.execute(text("LOCK TABLE completion_log IN EXCLUSIVE MODE"))
    last = db.execute(select(log_entries.c.seq, log_entries.c.hash).order_by(log_entries.c.seq.desc()).limit(1)).one_or_none()
    seq = 1 if last is None else last.seq + 1
    prev_hash = GENESIS if last is None else last.hash
    written = canonical(dict(payload))
    made = entry_hash(seq=seq, at=at, actor=actor, via=via, kind=kind, subject=subject, payload=written, prev_hash=prev_hash)
    db.execute(
        insert(log_entries),
        {
            "seq": seq,
            "at": at,
            "actor": actor,
            "via": via,
            "kind": kind,
            "subject": subject,
            "payload": written,
            "prev_hash": prev_hash,
            "hash": made,
        },
    )
    reach("L1")
    return Appended(seq, made)
