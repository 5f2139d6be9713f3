"""Entries of the log as they lie in the database: an instant that was spoilt is a finding, not a crash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, String, select, type_coerce

from models.record import log_entries
from planning.instants import utc_text

_CHUNK = 2_000

UNREADABLE = datetime(1970, 1, 1, tzinfo=UTC)
"""Shown where no instant can be read."""


def entries_as_written(db: Connection) -> Select[Any]:
    """All columns of the log, ``at`` as the very text that SQLite holds; PostgreSQL itself keeps it an instant."""
    columns = [column for column in log_entries.c if column.name != "at"]
    at = type_coerce(log_entries.c.at, String) if db.dialect.name == "sqlite" else log_entries.c.at
    return select(*columns, at.label("at"))


def walk_entries(db: Connection) -> Iterator[Row[Any]]:
    """Every entry in order of its number, some thousands at a time: a whole log need not fit in the memory."""
    query = entries_as_written(db).order_by(log_entries.c.seq).limit(_CHUNK)
    chunk = db.execute(query).all()
    while chunk:
        yield from chunk
        chunk = db.execute(query.where(log_entries.c.seq > chunk[-1].seq)).all() if len(chunk) == _CHUNK else []


def read_instant(written: object) -> datetime | None:
    """An aware datetime, or None when what lies there is not exactly what is written there by us.

    SQLite holds fixed-width UTC text: another spelling of the same instant was put there by somebody else.
    """
    if isinstance(written, datetime):
        return written if written.tzinfo is not None else None
    if not isinstance(written, str):
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    if at.tzinfo is None or written_instant(at) != written:
        return None
    return at


def written_instant(at: object) -> str:
    """The text under which an instant is hashed and exported; what is no instant is given as it is."""
    return utc_text(at) if isinstance(at, datetime) else str(at)
