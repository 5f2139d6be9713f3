from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError, StatementError

from models.record import log_entries
from models.schema import create_schema, missing_tables, missing_triggers
from models.store import Store
from models.upkeep import facts

AT = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
ENTRY = {
    "seq": 1,
    "at": AT,
    "actor": "chenxia",
    "via": "cli",
    "kind": "done",
    "subject": "study:2026-Q1",
    "payload": "{}",
    "prev_hash": "",
    "hash": "a",
}


def test_every_table_and_trigger_is_there_and_making_them_again_changes_nothing(store: Store) -> None:
    create_schema(store)
    with store.read() as db:
        assert missing_tables(db) == []
        assert missing_triggers(db) == []


@pytest.mark.parametrize("change", [update(log_entries).values(actor="someone"), delete(log_entries)])
def test_the_log_refuses_edits_and_deletions(store: Store, change: object) -> None:
    with store.write() as db:
        db.execute(insert(log_entries), ENTRY)
    with pytest.raises(DBAPIError, match="append-only"), store.write() as db:
        db.execute(change)  # type: ignore[call-overload]  # update and delete alike
    with store.read() as db:
        assert db.execute(select(log_entries.c.actor)).scalar_one() == "chenxia"


def test_an_instant_comes_back_with_its_zone(store: Store) -> None:
    with store.write() as db:
        db.execute(insert(facts), {"name": "last_tick", "value": {"中文": 1}, "at": AT})
    with store.read() as db:
        row = db.execute(select(facts)).one()
    assert row.at == AT
    assert row.at.tzinfo is not None
    assert row.value == {"中文": 1}


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="naive"), store.write() as db:
        db.execute(insert(facts), {"name": "x", "value": 1, "at": AT.replace(tzinfo=None)})


def test_a_failed_write_leaves_nothing_behind(store: Store) -> None:
    class Cut(Exception):
        pass

    with pytest.raises(Cut), store.write() as db:
        db.execute(insert(facts), {"name": "half", "value": 1, "at": AT})
        raise Cut
    with store.read() as db:
        assert db.execute(select(facts)).all() == []
