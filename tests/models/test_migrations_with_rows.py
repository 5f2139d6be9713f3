"""What an office wrote under the first release is still there, whole and guarded, under this one and back again."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.gate import HEAD, SchemaMismatch, prepare, schema_version
from models.migrate import configuration, upgrade
from models.schema import create_schema, missing_triggers
from models.store import Store, open_store
from tests.models.first_schema import ROWS, expected, fill, kept, tables_of
from tests.models.schema_dump import dump, names


@pytest.fixture
def first(bare_store: Store) -> Store:
    """A database of the first release, in use."""
    upgrade(bare_store, to="0001")
    fill(bare_store)
    return bare_store


def downgrade(store: Store, *, to: str) -> None:
    with store.engine.connect() as db:
        if store.dialect == "sqlite":
            db.execution_options(suishi_read=True)
            db.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]  # sqlite3's own
        with db.begin():
            command.downgrade(configuration(db), to)
        if store.dialect == "sqlite":
            db.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]  # sqlite3's own


def test_the_fixture_has_rows_in_every_table_of_the_first_release(first: Store) -> None:
    assert tables_of(first) == set(ROWS)
    assert all(ROWS.values())
    assert kept(first) == expected()


def test_every_row_of_the_first_release_survives_the_upgrade(first: Store) -> None:
    upgrade(first)
    assert schema_version(first) == HEAD
    assert kept(first) == expected()
    prepare(first)


def test_older_messages_say_what_was_true_of_them(first: Store) -> None:
    upgrade(first)
    with first.read() as db:
        told = db.execute(text("SELECT DISTINCT kind, fallback_of, calendar, verified FROM message")).all()
    assert [tuple(row) for row in told] == [("reminders", None, "", 1)]


def test_the_records_are_guarded_after_the_upgrade_as_before(first: Store) -> None:
    upgrade(first)
    with first.read() as db:
        assert missing_triggers(db) == []
    for statement in (
        "UPDATE completion_log SET actor = 'x'",
        "DELETE FROM completion",
        "UPDATE due_change SET reason = 'x'",
        "UPDATE message SET state = 'pending' WHERE id = 1",
        "DELETE FROM attempt",
        "UPDATE attempt SET detail = 'x' WHERE message_id = 1",
    ):
        with pytest.raises(DBAPIError), first.write() as db:
            db.execute(text(statement))
    assert kept(first) == expected()


def test_rows_that_break_a_rule_are_refused_after_the_upgrade(first: Store) -> None:
    upgrade(first)
    for statement in (
        "UPDATE message SET kind = 'letter' WHERE id = 2",
        "UPDATE message SET fallback_of = 99 WHERE id = 2",
        "UPDATE message SET lease_token = 'x' WHERE id = 2",
        "UPDATE reminder SET message_id = 99 WHERE id = 4",
    ):
        with pytest.raises(DBAPIError), first.write() as db:
            db.execute(text(statement))


def test_down_and_up_again_keeps_every_row_and_every_guard(first: Store) -> None:
    upgrade(first)
    downgrade(first, to="0001")
    assert kept(first) == expected()
    with pytest.raises(SchemaMismatch, match="suishi upgrade"):
        prepare(first)
    upgrade(first)
    assert kept(first) == expected()
    with first.read() as db:
        assert missing_triggers(db) == []


def test_a_program_of_the_first_release_refuses_the_database_of_this_one(first: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(first)
    monkeypatch.setattr("models.gate.HEAD", "0001")
    with pytest.raises(SchemaMismatch, match="新版本程序"):
        prepare(first)
    assert kept(first) == expected()


def test_migrated_and_made_new_are_one_schema_down_to_checks_partial_indexes_and_triggers(first: Store) -> None:
    upgrade(first)
    with first.read() as db:
        migrated = dump(db)
    downgrade(first, to="base")
    create_schema(first)
    with first.read() as db:
        made = dump(db)
    for kind, entries in made.items():
        assert migrated[kind] == entries, kind


@pytest.mark.postgres
def test_both_databases_have_the_same_schema(postgres_town: str, sqlite_template: Path) -> None:
    store, other = open_store(postgres_town), open_store(f"sqlite:///{sqlite_template}")
    with store.read() as db, other.read() as sqlite:
        assert names(dump(db)) == names(dump(sqlite))
    store.close()
    other.close()


def test_what_was_proved_by_files_of_a_completion_taken_back_is_judged_anew(first: Store) -> None:
    proved = text("SELECT id FROM occurrence WHERE proved")
    with first.write() as db:
        db.execute(text("UPDATE occurrence SET proved = (1 = 1)"))
    upgrade(first)
    with first.read() as db:
        in_force = text(
            "SELECT o.id FROM occurrence o JOIN evidence e ON e.occurrence_id = o.id "
            "WHERE o.state = 'done' AND e.completion_id IN "
            "(SELECT max(c.id) FROM completion c WHERE c.occurrence_id = o.id)"
        )
        after = set(db.execute(proved).scalars())
        assert after == set(db.execute(in_force).scalars())
        assert after < set(db.execute(text("SELECT id FROM occurrence")).scalars())
