from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from models.gate import HEAD, prepare, schema_version
from models.schema import missing_triggers
from models.store import open_store
from models.upkeep import facts
from services.errors import Refused
from services.upgrade import upgrade

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_an_empty_database_becomes_a_whole_one(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'suishi.db'}")
    made = upgrade(store, tmp_path / "backups", now=NOW)
    assert (made.before, made.after, made.copy) == ("", HEAD, "")
    prepare(store)
    store.close()


def test_an_upgrade_keeps_every_row_makes_missing_triggers_again_and_leaves_a_copy(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'suishi.db'}")
    prepare(store)
    with store.write() as db:
        db.execute(insert(facts), {"name": "kept", "value": 1, "at": NOW})
        db.execute(text("DROP TRIGGER keep_completion_log_update"))
    made = upgrade(store, tmp_path / "backups", now=NOW)
    assert Path(made.copy).is_file()
    with store.read() as db:
        assert missing_triggers(db) == []
        assert db.execute(select(facts.c.name)).scalars().all() == ["kept"]
    store.close()


def test_a_database_newer_than_the_program_is_left_alone(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'suishi.db'}")
    prepare(store)
    with store.write() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="新版本"):
        upgrade(store, tmp_path / "backups", now=NOW)
    assert schema_version(store) == "9999"
    assert not (tmp_path / "backups").exists()
    store.close()


def test_foreign_keys_hold_again_after_an_upgrade(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'suishi.db'}")
    upgrade(store, tmp_path / "backups", now=NOW)
    with store.read() as db:
        assert db.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    store.close()
    shutil.rmtree(tmp_path / "backups", ignore_errors=True)
