"""The schema as a whole: every table, and the triggers that hold what must never change.

The triggers stop accidents and honest mistakes. Whoever owns the database can drop them: that is what the hash
chain and its anchors are for (services/journal.py).
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from models import access, gathering, message, occurrence, office, record, reminder, store, upkeep

__all__ = ["TABLES", "create_schema", "create_triggers", "missing_tables", "missing_triggers"]

_MODULES = (access, gathering, message, occurrence, office, record, reminder, upkeep)  # importing them fills the metadata

TABLES = tuple(SQLModel.metadata.sorted_tables)

APPEND_ONLY = ("completion", "evidence", "evidence_void", "completion_log", "due_change")
"""Neither UPDATE nor DELETE nor, on PostgreSQL, TRUNCATE."""

FINAL_STATES = {
    "message": ("sent", "failed", "dead", "cancelled"),
    "reminder": ("sent", "folded", "cancelled", "superseded", "expired", "failed"),
}
"""A row in one of these states keeps it for ever."""


def create_schema(opened: store.Store) -> None:
    """Make every table and trigger that is not there; what is there is left alone."""
    with opened.write() as db:
        SQLModel.metadata.create_all(db)
        create_triggers(db)


def create_triggers(db: Connection) -> None:
    statements = _wanted_triggers(db)
    present = _present_triggers(db)
    for name, statement in statements.items():
        if name not in present:
            db.execute(text(statement))


def missing_triggers(db: Connection) -> list[str]:
    return sorted(name for name in set(_wanted_triggers(db)) - _present_triggers(db) if not name.startswith("function "))


def _wanted_triggers(db: Connection) -> dict[str, str]:
    """Those of the tables that are there: a database on its way up may not have the youngest table yet."""
    made = _sqlite_triggers() if db.dialect.name == "sqlite" else _postgres_triggers()
    absent = tuple(f"keep_{table}_" for table in missing_tables(db))
    return {name: statement for name, statement in made.items() if not absent or not name.startswith(absent)}


def missing_tables(db: Connection) -> list[str]:
    present = set(inspect(db).get_table_names())
    return [table.name for table in TABLES if table.name not in present]


def _sqlite_triggers() -> dict[str, str]:
    made: dict[str, str] = {}

    def refuse(name: str, when: str, why: str) -> None:
        made[name] = f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"

    for table in APPEND_ONLY:
        refuse(f"keep_{table}_update", f"UPDATE ON {table}", f"{table} is append-only")
        refuse(f"keep_{table}_delete", f"DELETE ON {table}", f"{table} is append-only")
    # INSERT OR REPLACE deletes without a DELETE trigger where recursive_triggers is off.
    refuse(
        "keep_completion_log_replace",
        "INSERT ON completion_log WHEN EXISTS (SELECT 1 FROM completion_log WHERE seq = NEW.seq)",
        "completion_log is append-only",
    )
    for table, states in FINAL_STATES.items():
        leaving = f"WHEN OLD.state IN {states!r} AND NEW.state <> OLD.state"
        refuse(f"keep_{table}_final", f"UPDATE OF state ON {table} {leaving}", f"a finished {table} keeps its state")
        refuse(f"keep_{table}_row", f"DELETE ON {table}", f"{table} rows are kept")
    refuse("keep_attempt_ended", "UPDATE ON attempt WHEN OLD.outcome IS NOT NULL", "an ended attempt is kept as it is")
    refuse("keep_attempt_row", "DELETE ON attempt", "attempt rows are kept")
    return made


def _postgres_triggers() -> dict[str, str]:
    made = {
        "function suishi_keep": (
            "CREATE OR REPLACE FUNCTION suishi_keep() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
    }

    def refuse(name: str, when: str, each: str) -> None:
        made[name] = f"CREATE TRIGGER {name} BEFORE {when} ON {each} EXECUTE FUNCTION suishi_keep()"

    for table in (*APPEND_ONLY, "attempt", *FINAL_STATES):
        verbs = "UPDATE OR DELETE" if table in APPEND_ONLY else "DELETE"
        refuse(f"keep_{table}_row", verbs, f"{table} FOR EACH ROW")
        refuse(f"keep_{table}_truncate", "TRUNCATE", f"{table} FOR EACH STATEMENT")
    for table, states in FINAL_STATES.items():
        leaving = f"WHEN (OLD.state IN {states!r} AND NEW.state <> OLD.state)"
        refuse(f"keep_{table}_final", "UPDATE OF state", f"{table} FOR EACH ROW {leaving}")
    refuse("keep_attempt_ended", "UPDATE", "attempt FOR EACH ROW WHEN (OLD.outcome IS NOT NULL)")
    return made


def _present_triggers(db: Connection) -> set[str]:
    if db.dialect.name == "sqlite":
        found = db.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        return {name for (name,) in found}
    found = db.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
    return {name for (name,) in found}
