from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import SQLModel

from models.gate import HEAD, SchemaMismatch, prepare, schema_version
from models.migrate import configuration, upgrade
from models.schema import missing_tables, missing_triggers
from models.store import Store, open_store


@pytest.fixture
def empty(bare_store: Store) -> Store:
    return bare_store


def test_all_migrations_together_make_the_very_schema_that_the_tables_declare(empty: Store) -> None:
    upgrade(empty)
    with empty.read() as db:
        assert missing_tables(db) == []
        assert missing_triggers(db) == []
        differences = compare_metadata(MigrationContext.configure(db, opts={"compare_type": True}), SQLModel.metadata)
    assert differences == []


def test_the_program_knows_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD


def test_a_fresh_database_is_stamped_and_found_ready_the_second_time(empty: Store) -> None:
    assert schema_version(empty) is None
    prepare(empty)
    prepare(empty)
    assert schema_version(empty) == HEAD


@pytest.mark.parametrize(("found", "remedy"), [("0000", "suishi upgrade"), ("9999", "新版本")])
def test_a_program_refuses_a_database_of_another_version(empty: Store, found: str, remedy: str) -> None:
    prepare(empty)
    with empty.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    with pytest.raises(SchemaMismatch, match=remedy):
        prepare(empty)


def test_a_home_in_a_folder_with_chinese_and_blanks_opens(tmp_path: Path) -> None:
    folder = tmp_path / "曹回镇 法治办"
    folder.mkdir()
    store = open_store(f"sqlite:///{folder / 'suishi.db'}")
    prepare(store)
    assert schema_version(store) == HEAD
    store.close()
