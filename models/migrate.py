"""Bring a database to this program's schema, keeping every row and every trigger.

On SQLite a changed table is made anew; with foreign keys on, that would delete the rows that point to it, and its
triggers would be gone without a word. So foreign keys rest during the change, are checked after it, and the triggers
are made again from their one list.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from models.schema import create_triggers, missing_triggers
from models.store import Store

FOLDER = Path(__file__).with_name("migrations")


def configuration(db: Connection | None = None) -> Config:
    """Alembic's settings without an ini file; ``db`` is the connection to work on."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    if db is not None:
        made.attributes["connection"] = db
    return made


def upgrade(store: Store, *, to: str = "head", before_commit: Callable[[], None] | None = None) -> None:
    """Apply what is missing, in one transaction. Raises RuntimeError when the result is not sound.

    ``before_commit`` is called when everything is written and checked: a test ends the process there.
    """
    with store.engine.connect() as db:
        if store.dialect == "sqlite":
            db.execution_options(suishi_read=True)  # a plain BEGIN: the pragma below must come before any write
            db.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]  # sqlite3's own
        with db.begin():
            command.upgrade(configuration(db), to)
            create_triggers(db)
            _check(db)
            if before_commit is not None:
                before_commit()
        if store.dialect == "sqlite":
            db.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]  # sqlite3's own


def _check(db: Connection) -> None:
    missing = missing_triggers(db)
    if missing:
        raise RuntimeError(f"triggers missing after the migration: {missing}")
    if db.dialect.name == "sqlite":
        broken = db.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"rows point nowhere after the migration: {broken[:5]}")
