"""One moment of the database for reports that ask several questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from models.store import Store


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """All statements in the block see the same rows, so that figures of one page agree with each other.

    SQLite's read transaction is such a moment by itself; PostgreSQL's is only at this level.
    """
    with store.read() as db:
        if store.dialect == "postgresql":
            db.execution_options(isolation_level="REPEATABLE READ")
        yield db
