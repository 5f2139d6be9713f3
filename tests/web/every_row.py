"""The whole database in a few lines, to see that something left it as it was."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from models.schema import TABLES
from models.store import Store


def digests(store: Store) -> dict[str, str]:
    """Of every row of every table, each table by its name: what differs is told."""
    found = {}
    with store.read() as db:
        for table in TABLES:
            rows = db.execute(select(table).order_by(*table.primary_key.columns))
            found[table.name] = hashlib.sha256("\n".join(repr(tuple(row)) for row in rows).encode()).hexdigest()
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables in which some row is another."""
    return [name for name in before if before[name] != after[name]]
