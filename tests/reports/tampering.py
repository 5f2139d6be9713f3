"""The database as its owner has it: what can be done to the rows when no trigger is in the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from models.schema import create_triggers
from planning.chain import GENESIS, entry_hash
from reports.log import log
from reports.verification import Verification, verify_in


def _by_question_marks(db: Any) -> Callable[..., int]:
    """Statements with ``?``, as sqlite3 takes them, for both databases."""

    def run(statement: str, *values: object) -> int:
        names = [f"v{n}" for n in range(len(values))]
        named = statement.replace("?", "{}").format(*(f":{name}" for name in names))
        found: int = db.execute(text(named), dict(zip(names, values, strict=True))).rowcount
        return found

    return run


def _without_triggers(db: Any) -> None:
    if db.dialect.name != "sqlite":
        db.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for name in db.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
        db.execute(text(f"DROP TRIGGER {name}"))


@contextmanager
def behind_our_back(office: Any) -> Iterator[Callable[..., int]]:
    """The database as its owner has it: no triggers, and a driver of its own on SQLite; then the triggers are back."""
    with office.store.write() as db:
        _without_triggers(db)
        if office.store.dialect != "sqlite":
            yield _by_question_marks(db)
            return
    raw = sqlite3.connect(office.store.engine.url.database)
    raw.execute("PRAGMA ignore_check_constraints = ON")
    yield lambda statement, *values: raw.execute(statement, values).rowcount
    raw.commit()
    raw.close()
    with office.store.write() as db:
        create_triggers(db)


@contextmanager
def tampered(office: Any) -> Iterator[tuple[Callable[..., int], Callable[[], Verification]]]:
    """The same for a while: what was done is seen by the check, and undone at the end."""
    with office.store.engine.connect() as db:
        _without_triggers(db)

        def check() -> Verification:
            create_triggers(db)
            return verify_in(db)

        yield _by_question_marks(db), check
        db.rollback()


def rebuild(office: Any, since: int, **changed: str) -> None:
    """What a patient forger does: change columns of an entry and count every hash after it anew."""
    lines = log(office.store, limit=None).lines[::-1]
    previous = GENESIS if since == 1 else lines[since - 2].hash
    with behind_our_back(office) as run:
        for line in lines[since - 1 :]:
            told = {name: getattr(line, name) for name in ("actor", "via", "kind", "subject", "payload")}
            if line.seq == since:
                told |= changed
            made = entry_hash(seq=line.seq, at=line.at, prev_hash=previous, **told)
            columns = ", ".join(f"{name} = ?" for name in told)
            statement = f"UPDATE completion_log SET {columns}, prev_hash = ?, hash = ? WHERE seq = ?"
            run(statement, *told.values(), previous, made, line.seq)
            previous = made
