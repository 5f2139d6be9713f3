"""A code that was kept in a mail or on paper, held against the log."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from models.record import log_entries
from models.store import Store
from planning.chain import short_code
from reports.kept_code import Comparison, KeptCode, Verdict, compare, read_kept_code
from reports.log import head

CODE = "3f2a-91c0-77de-0b12"
DIGITS = "3f2a91c077de0b12"


@pytest.mark.parametrize(
    ("written", "seq"),
    [
        (f"完成记录：第142条，校验码 {CODE}", 142),
        (f"各位领导：\n完成记录：第142条，校验码 {CODE}。\n2026年10月22日", 142),
        ("完成记录：第１４２条，校验码　３ｆ２ａ－９１ｃ０－７７ｄｅ－０ｂ１２", 142),
        (f"第 142 条 校验码：{CODE.upper()}", 142),
        (f"142:{CODE}", 142),
        (f"142：{DIGITS}", 142),
        (CODE, None),
        ("3f2a 91c0 77de 0b12", None),
        ("3f2a—91c0—77de—0b12", None),
        (f"校验码{CODE}", None),
    ],
)
def test_it_is_read_however_it_was_pasted(written: str, seq: int | None) -> None:
    assert read_kept_code(written) == KeptCode(seq, DIGITS)


def test_a_whole_hash_is_a_code_too() -> None:
    assert read_kept_code("7:" + "ab" * 32) == KeptCode(7, "ab" * 32)


@pytest.mark.parametrize(
    "written", ["", "什么", "142", "第142条", "3f2a-91c0-77de-0b1", "3f2a-91c0-77de-0b123", "zf2a-91c0-77de-0b12"]
)
def test_what_holds_no_whole_code_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match="没有完整的校验码"):
        read_kept_code(written)


@pytest.fixture
def written(office: Any, clock: Any) -> list[str]:
    """The full hashes of five entries, the oldest first."""
    for month in range(1, 6):
        office.done(office.occurrence(period=f"2026-{month:02}"), clock(3, month))
    with office.store.read() as db:
        return list(db.execute(select(log_entries.c.hash).order_by(log_entries.c.seq)).scalars())


def held(store: Store, seq: int | None, full: str) -> Comparison:
    said = f"完成记录：第{seq}条，校验码 {short_code(full)}" if seq else short_code(full)
    return compare(store, read_kept_code(said))


def test_an_entry_that_still_has_its_code_agrees_and_what_came_after_is_counted(office: Any, written: list[str]) -> None:
    assert held(office.store, 2, written[1]) == Comparison(Verdict.AGREES, 2, 5)
    assert held(office.store, None, written[1]) == Comparison(Verdict.AGREES, 2, 5)
    assert held(office.store, 2, written[1]).later == 3
    newest = head(office.store)
    assert compare(office.store, read_kept_code(newest.sentence)).later == 0


def test_another_code_a_cut_tail_and_a_gap_are_told_apart(office: Any, written: list[str]) -> None:
    assert held(office.store, 2, written[2]).verdict is Verdict.DIFFERS
    assert held(office.store, None, "0" * 64).verdict is Verdict.UNKNOWN
    assert held(office.store, 6, written[1]) == Comparison(Verdict.BEYOND, 6, 5)
    tamper(office.store, delete(log_entries).where(log_entries.c.seq.in_([3, 5])))
    assert held(office.store, 3, written[2]).verdict is Verdict.MISSING
    assert held(office.store, 5, written[4]) == Comparison(Verdict.BEYOND, 5, 4)
    tamper(office.store, update(log_entries).where(log_entries.c.seq == 4).values(hash="ab" * 32))
    assert held(office.store, 4, written[3]).verdict is Verdict.DIFFERS


def tamper(store: Store, statement: Any) -> None:
    """As somebody with the database in his hands could: past the triggers."""
    with store.engine.begin() as db:
        if store.dialect == "postgresql":
            db.execute(text("SET LOCAL session_replication_role = replica"))
            db.execute(statement)
            return
        names = db.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'completion_log'"))
        for name in names.scalars().all():
            db.execute(text(f'DROP TRIGGER "{name}"'))
        db.execute(statement)
