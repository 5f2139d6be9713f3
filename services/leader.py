"""At most one dispatcher at a time. The lock dies with its holder: no clock and no clean-up are involved.

It is a convenience, not the promise: without it two dispatchers still send each message once, because every
claim and every result is a guarded statement.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from models.store import Store

_ADVISORY_KEY = 0x5355495348490001
"""«SUISHI» and a number: advisory locks of one PostgreSQL database share one space of keys."""

Holds = Callable[[], bool]
"""Whether the lock is still ours; asked before each claim."""


@contextmanager
def leadership(store: Store) -> Iterator[Holds | None]:
    """The lock for the length of the block, or None when another dispatcher has it."""
    if store.dialect == "postgresql":
        with _advisory_lock(store) as holds:
            yield holds
    elif store.engine.url.database:
        with _file_lock(Path(f"{store.engine.url.database}.lock")) as holds:
            yield holds
    else:
        yield _always  # a database in memory has one process by nature


@contextmanager
def _file_lock(path: Path) -> Iterator[Holds | None]:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield _always


@contextmanager
def _advisory_lock(store: Store) -> Iterator[Holds | None]:
    """On a connection of its own, outside any transaction: the server drops the lock when the connection goes."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        if not db.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}).scalar_one():
            yield None
            return
        try:
            yield lambda: _alive(db)
        except DBAPIError:
            db.invalidate()  # the line may be dead: asking over it would only make the failure take longer
            raise
        finally:
            if not db.invalidated and _alive(db):
                db.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
            else:
                db.invalidate()


def _alive(db: Connection) -> bool:
    try:
        db.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True


def _always() -> bool:
    return True
