from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from models.schema import create_triggers
from planning.chain import entry_hash
from reports.log import export_log, head, log, parse_anchor
from reports.verification import HONEST_CLAIM, verify
from services.change import extend, reopen, waive
from services.evidence import NewEvidence
from services.sign_off import sign_off
from tests.reports.tampering import behind_our_back, rebuild, tampered

ENTRIES = 9
COLUMNS = ("at", "actor", "via", "kind", "subject", "payload", "prev_hash", "hash")
CHINA = ZoneInfo("Asia/Shanghai")
AUDIT = Path(__file__).parents[2] / "deploy" / "verify_log.py"


@pytest.fixture
def recorded(office: Any, clock: Any, tmp_path: Path) -> Any:
    """An office with nine entries: done, undone, done again, extended, waived, signed off."""
    office.duty("rectify", kind="rectification", title="整改", sign_off=True)
    for number in range(1, 5):
        office.occurrence(period=f"2026-0{number}", due=date(2026, 3, 5))
    signed = office.occurrence("rectify", "整改-001", sign_off_needed=True)
    office.done("study-law:2026-01", clock(3, 2), note="第一次")
    reopen(office.store, "study-law:2026-01", by="chenxia", reason="点错", via="link", now=clock(3, 2))
    proof = [NewEvidence("记录.pdf", b"%PDF-1")]
    office.done("study-law:2026-01", clock(3, 3), note="第二次", evidence=proof, folder=tmp_path / "e")
    rest = {"workdays": office.workdays, "remind_at": time(9), "tz": CHINA}
    extend(
        office.store, "study-law:2026-02", to=date(2026, 3, 9), by="wangmin", reason="出差", via="page", now=clock(3, 3), **rest
    )
    waive(office.store, "study-law:2026-03", by="wangmin", reason="取消", via="page", now=clock(3, 3))
    office.done("study-law:2026-02", clock(3, 12))
    office.done(signed, clock(3, 4))
    sign_off(office.store, signed, by="wangmin", via="page", now=clock(3, 5), note="属实")
    office.done("study-law:2026-04", clock(3, 5))
    return office


def anchor_of(office: Any, seq: int) -> tuple[int, str]:
    return next((line.seq, line.code) for line in log(office.store, limit=None).lines if line.seq == seq)


def test_an_honest_log_passes_and_says_what_it_can_and_cannot_show(recorded: Any) -> None:
    found = verify(recorded.store)
    assert (found.ok, found.entries, found.first_bad, found.head_seq) == (True, ENTRIES, None, ENTRIES)
    assert found.sentences[0].startswith(f"通过：共{ENTRIES}条记录")
    assert "没有提供留存的校验码" in found.sentences[1]
    assert HONEST_CLAIM in found.sentences[-1]
    assert found.head_code == head(recorded.store).code


def test_an_empty_log_passes(office: Any) -> None:
    assert verify(office.store).sentences[0] == "通过：还没有记录。"


def test_old_mails_are_anchors_with_and_without_dashes(recorded: Any) -> None:
    seq, code = anchor_of(recorded, 5)
    full_width = f"{seq}\N{FULLWIDTH COLON}{code.replace('-', '').upper()}"
    found = verify(recorded.store, anchors=[(seq, code), parse_anchor(full_width), (9, head(recorded.store).code[:9])])
    assert found.ok
    assert "与留存的2个校验码一致" in found.sentences[1] or "与留存的3个校验码一致" in found.sentences[1]
    for bad in ("5", "五：3f2a", "5:3f2a", "5:zzzzzzzzzz"):
        with pytest.raises(ValueError, match="看不懂"):
            parse_anchor(bad)


SPOILT = {
    "at": "2026-03-09T01:00:00.000000Z",
    "actor": "someone",
    "via": "cli",
    "kind": "unheard",
    "subject": "study-law:2027-01",
    "payload": "{}",
    "prev_hash": "0" * 63 + "1",
    "hash": "f" * 64,
}


def test_an_edit_of_any_column_of_any_entry_is_found_at_that_entry(recorded: Any) -> None:
    for column in COLUMNS:
        for seq in range(1, ENTRIES + 1):
            with tampered(recorded) as (run, check):
                run(f"UPDATE completion_log SET {column} = ? WHERE seq = ?", SPOILT[column], seq)
                found = check()
                assert (found.ok, found.first_bad) == (False, seq), (column, seq)
                assert found.sentences[0].startswith("不通过")
    assert verify(recorded.store).ok


def test_a_file_edited_by_another_program_is_found(recorded: Any) -> None:
    with behind_our_back(recorded) as run:
        run("UPDATE completion_log SET payload = replace(payload, '第二次', '第三次') WHERE seq = 3")
    assert verify(recorded.store).first_bad == 3


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL keeps instants, not their spelling
@pytest.mark.parametrize("spelling", ["2026-03-02T10:00:00+08:00", "2026-03-02T02:00:00Z", "yesterday", b"\xff"])
def test_another_spelling_of_the_same_instant_is_an_edit_too(recorded: Any, spelling: str | bytes) -> None:
    with behind_our_back(recorded) as run:
        run("UPDATE completion_log SET at = ? WHERE seq = 1", spelling)
    assert verify(recorded.store).first_bad == 1
    assert len(list(export_log(recorded.store))) == ENTRIES
    assert log(recorded.store).total == ENTRIES


ODD_PAYLOADS = (
    '{"evidence":["x"]}',
    '{"evidence":5}',
    '{"evidence":{"a":1}}',
    '{"measures":{"e\u0301":1,"\u00e9":[2]},"turn":[],"done_on":{}}',
    '{"evidence":[{"stored_as":"\\ud800","size":"x"}]}',
    "[1]",
    "null",
    "rubbish",
    "1" * 5000,
    "[" * 100_000,
    '{"note":' + "[" * 900 + "]" * 900 + "}",
)


@pytest.mark.parametrize("seq", [3, 5])
def test_a_payload_of_odd_shape_is_a_finding_and_no_crash(recorded: Any, seq: int) -> None:
    for payload in ODD_PAYLOADS:
        with tampered(recorded) as (run, check):
            run("UPDATE completion_log SET payload = ? WHERE seq = ?", payload, seq)
            found = check()
            assert (found.ok, found.first_bad) == (False, seq), payload[:40]
            assert f"第一处在第{seq}条" in found.sentences[0]


def test_a_payload_of_odd_shape_under_a_hash_counted_anew_is_found_too(recorded: Any) -> None:
    last = log(recorded.store, limit=1).lines[0]
    values = {"at": last.at, "actor": last.actor, "via": last.via, "kind": last.kind, "subject": last.subject}
    for payload in ODD_PAYLOADS:
        made = entry_hash(seq=last.seq, payload=payload, prev_hash=last.prev_hash, **values)
        with tampered(recorded) as (run, check):
            run("UPDATE completion_log SET payload = ?, hash = ? WHERE seq = ?", payload, made, last.seq)
            found = check()
            assert (found.ok, found.first_bad) == (False, last.seq), payload[:40]
            "\n".join(found.sentences).encode()  # can be printed


def test_a_deleted_entry_is_missed(recorded: Any) -> None:
    for seq in range(1, ENTRIES):
        with tampered(recorded) as (run, check):
            run("DELETE FROM completion_log WHERE seq = ?", seq)
            found = check()
            assert (found.ok, found.first_bad) == (False, seq)
            assert f"第{seq}条不见了" in found.sentences[1]


def test_a_deleted_entry_whose_number_is_taken_by_the_next_is_found(recorded: Any) -> None:
    with behind_our_back(recorded) as run:
        run("DELETE FROM completion_log WHERE seq = 4")
        for seq in range(5, ENTRIES + 1):
            run("UPDATE completion_log SET seq = ? WHERE seq = ?", seq - 1, seq)
    assert verify(recorded.store).first_bad == 4


def test_two_entries_that_changed_places_are_found(recorded: Any) -> None:
    with behind_our_back(recorded) as run:
        for old, new in ((3, 90), (6, 3), (90, 6)):
            run("UPDATE completion_log SET seq = ? WHERE seq = ?", new, old)
    assert verify(recorded.store).first_bad == 3


def test_an_inserted_entry_is_found(recorded: Any) -> None:
    with behind_our_back(recorded) as run:
        for seq in range(ENTRIES, 4, -1):
            run("UPDATE completion_log SET seq = ? WHERE seq = ?", seq + 1, seq)
        run(
            "INSERT INTO completion_log (seq, at, actor, via, kind, subject, payload, prev_hash, hash)"
            " SELECT 5, at, actor, via, kind, subject, payload, prev_hash, 'x' FROM completion_log WHERE seq = 4"
        )
    assert verify(recorded.store).first_bad == 5


def test_a_forged_completion_at_the_end_is_found_by_what_it_speaks_of(recorded: Any) -> None:
    last = log(recorded.store, limit=1).lines[0]
    values = {"seq": ENTRIES + 1, "at": datetime(2026, 3, 9, tzinfo=UTC), "actor": "x", "via": "cli", "kind": "done"}
    payload = '{"turn":2}'
    made = entry_hash(**values, subject="study-law:2026-04", payload=payload, prev_hash=last.hash)
    with behind_our_back(recorded) as run:
        run(
            "INSERT INTO completion_log (seq, at, actor, via, kind, subject, payload, prev_hash, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ENTRIES + 1,
            "2026-03-09T00:00:00.000000Z",
            *("x", "cli", "done", "study-law:2026-04", payload, last.hash, made),
        )
    assert verify(recorded.store).first_bad == ENTRIES + 1


def test_a_cut_tail_whose_rows_were_put_back_is_only_seen_with_an_anchor(recorded: Any) -> None:
    anchor = anchor_of(recorded, ENTRIES)
    with behind_our_back(recorded) as run:
        run("DELETE FROM completion_log WHERE seq = ?", ENTRIES)
    assert not verify(recorded.store).ok  # the occurrence still says that it is done
    with behind_our_back(recorded) as run:
        run("DELETE FROM completion WHERE id = (SELECT max(id) FROM completion)")
        run("UPDATE occurrence SET state = 'open', closed_at = NULL, done_on = NULL WHERE period = '2026-04'")
    without = verify(recorded.store)
    assert without.ok
    assert "末尾若被整段删去，仅凭数据库看不出来" in without.sentences[1]
    found = verify(recorded.store, anchors=[anchor])
    assert (found.ok, found.first_bad) == (False, ENTRIES)
    assert "末尾的记录被删去" in found.sentences[1]


@pytest.mark.parametrize("since", [1, 5])
def test_a_rebuilt_tail_is_only_seen_with_an_anchor(recorded: Any, since: int) -> None:
    anchor = anchor_of(recorded, ENTRIES)
    rebuild(recorded, since, actor="nobody")
    assert verify(recorded.store).ok
    found = verify(recorded.store, anchors=[anchor])
    assert (found.ok, found.first_bad) == (False, ENTRIES)


def test_an_anchor_before_the_forgery_still_holds(recorded: Any) -> None:
    anchor = anchor_of(recorded, 4)
    rebuild(recorded, 5, actor="nobody")
    assert verify(recorded.store, anchors=[anchor]).ok


TAMPERED_ROWS: list[tuple[str, str]] = [
    ("UPDATE completion SET done_on = '2026-03-01' WHERE id = 2", "登记被改动"),
    ("UPDATE completion SET note = '已整改' WHERE id = 2", "登记被改动"),
    ("UPDATE completion SET by_name = '李强' WHERE id = 2", "登记被改动"),
    ("UPDATE completion SET late_workdays = 0 WHERE id = 3", "登记被改动"),
    ("UPDATE completion SET turn = 7 WHERE id = 2", "在记录中没有对应的一条"),
    ("UPDATE evidence SET sha256 = 'x'", "文件登记被改动"),
    ("DELETE FROM evidence", "提到佐证文件"),
    ("UPDATE occurrence SET extensions = 0 WHERE period = '2026-02'", "延期0次，记录中有1次"),
    ("UPDATE occurrence SET extensions = 3 WHERE period = '2026-04'", "延期3次，记录中有0次"),
    ("UPDATE occurrence SET signed_off_at = NULL", "销号在台账和记录中不一致"),
    ("UPDATE occurrence SET state = 'open', closed_at = NULL WHERE period = '2026-03'", "台账里却不是"),
    ("UPDATE occurrence SET state = 'waived' WHERE period = '2026-04'", "记录中没有对应的一条"),
]


CLOSED_ROWS: list[tuple[str, str]] = [
    (
        "UPDATE occurrence SET late = false, done_on = '2026-03-09' WHERE period = '2026-02'",
        "02”的办结日期、是否逾期与第6条不一致",
    ),
    ("UPDATE occurrence SET due_on = '2026-03-31' WHERE period = '2026-02'", "“study-law:2026-02”的时限与第6条不一致"),
    ("UPDATE occurrence SET original_due_on = '2026-03-31' WHERE period = '2026-02'", "02”的原定时限与第6条不一致"),
    ("UPDATE occurrence SET done_on = NULL WHERE period = '2026-04'", "“study-law:2026-04”的办结日期与第"),
    ("UPDATE occurrence SET late = true WHERE period = '2026-03'", "“study-law:2026-03”的是否逾期与第5条不一致"),
    ("UPDATE occurrence SET proved = false WHERE period = '2026-01'", "“study-law:2026-01”在台账里没有佐证，佐证登记里却有"),
    ("UPDATE occurrence SET proved = true WHERE period = '2026-04'", "“study-law:2026-04”在台账里有佐证，佐证登记里却没有"),
]


def test_columns_of_closed_items_that_say_other_than_the_log_are_found(recorded: Any) -> None:
    for statement, sentence in CLOSED_ROWS:
        with tampered(recorded) as (run, check):
            assert run(statement) == 1
            found = check()
            assert not found.ok
            assert any(sentence in said for said in found.sentences), (statement, found.sentences)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL takes no such day
def test_a_day_that_is_none_is_found_and_breaks_nothing(recorded: Any) -> None:
    with tampered(recorded) as (run, check):
        run("UPDATE occurrence SET done_on = 'soon' WHERE period = '2026-02'")
        assert any("“study-law:2026-02”的办结日期与第" in said for said in check().sentences)


def test_rows_that_say_other_than_the_log_are_found(recorded: Any) -> None:
    for statement, sentence in TAMPERED_ROWS:
        with tampered(recorded) as (run, check):
            assert run(statement) >= 1
            found = check()
            assert not found.ok
            assert any(sentence in said for said in found.sentences), (statement, found.sentences)


def test_an_item_ticked_in_the_database_alone_is_found(recorded: Any) -> None:
    recorded.occurrence(period="2026-05", state="done")
    assert "“study-law:2026-05”在台账里是办结，记录中没有对应的一条" in verify(recorded.store).sentences[1]


def test_missing_triggers_are_named(recorded: Any) -> None:
    drop = "DROP TRIGGER keep_completion_log_update"
    if recorded.store.dialect != "sqlite":
        drop = "DROP TRIGGER keep_completion_log_row ON completion_log"
    with recorded.store.write() as db:
        db.execute(text(drop))
    found = verify(recorded.store)
    assert not found.ok
    assert "keep_completion_log" in found.sentences[1]
    with recorded.store.write() as db:  # the database is shared with the tests that follow
        create_triggers(db)


def test_the_auditors_own_script_agrees(recorded: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    lines = list(export_log(recorded.store))

    def audit(written: list[str], *anchors: str) -> int:
        path.write_text("\n".join(written) + "\n", encoding="utf-8")
        command = [sys.executable, "-I", str(AUDIT), str(path), *anchors]
        return subprocess.run(command, capture_output=True, check=False).returncode

    code = head(recorded.store).code
    assert audit(lines, f"{ENTRIES}:{code}") == 0
    assert audit(lines[:-1]) == 0  # a cut tail, without an anchor
    assert audit(lines[:-1], f"{ENTRIES}:{code}") == 1
    assert audit([*lines[:3], *lines[4:]]) == 1
    assert audit([lines[0].replace("第一次", "第二次"), *lines[1:]]) == 1
    assert audit(["rubbish"]) == 2


def test_what_is_exported_is_what_is_kept(recorded: Any) -> None:
    first = json.loads(next(export_log(recorded.store)))
    line = log(recorded.store, limit=None).lines[-1]
    assert first["hash"] == line.hash
    assert first["at"] == "2026-03-02T02:00:00.000000Z"
    assert log(recorded.store, subject="study-law:2026-01").total == 3


def test_every_file_of_evidence_is_read_and_compared(recorded: Any, tmp_path: Path) -> None:
    folder = tmp_path / "e"
    whole_one = verify(recorded.store, evidence_folder=folder)
    assert whole_one.ok
    assert (whole_one.files, whole_one.file_faults) == (1, 0)
    assert "佐证文件1个，逐个读过，与提交时相同。" in whole_one.sentences
    [file] = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole + b"x")
    changed = verify(recorded.store, evidence_folder=folder)
    assert not changed.ok
    assert f"“study-law:2026-01”的佐证“记录.pdf”（{file.name}）与提交时不同：文件被改动，请从备份中找回。" in changed.sentences
    file.unlink()
    missing = verify(recorded.store, evidence_folder=folder)
    assert f"“study-law:2026-01”的佐证“记录.pdf”（{file.name}）不见了：文件被删除或移走，请从备份中找回。" in missing.sentences
    file.mkdir()
    assert "读不出来" in "".join(verify(recorded.store, evidence_folder=folder).sentences)
    assert verify(recorded.store).ok  # without the folder only the database is looked at
    assert verify(recorded.store).files is None


def test_who_waits_is_told_how_far_entries_and_files_have_come(recorded: Any, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    verify(recorded.store, evidence_folder=tmp_path / "e", progress=lambda *said: heard.append(said))
    size = sum(file.stat().st_size for file in (tmp_path / "e").iterdir())
    assert heard == [("完成记录", ENTRIES, ENTRIES), ("佐证文件", size, size), ("佐证文件", size, size)]


def test_while_files_are_read_no_transaction_stays_open(recorded: Any, tmp_path: Path) -> None:
    """Hours of reading: PostgreSQL ends a session that idles in a transaction, SQLite's log would grow without end."""
    open_ones: list[int] = []

    def look(what: str, _done: int, _total: int) -> None:
        if what == "佐证文件":
            open_ones.append(recorded.store.engine.pool.checkedout())

    assert verify(recorded.store, evidence_folder=tmp_path / "e", progress=look).ok
    assert set(open_ones) == {0}


def test_a_code_that_was_copied_wrongly_is_no_fault_of_the_records(recorded: Any) -> None:
    found = verify(recorded.store, anchors=[(5, "0000-0000"), (90, "0000-0000")])
    assert (found.ok, found.faults) == (False, 0)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL keeps no text where a number belongs
def test_a_spoilt_size_is_a_finding_and_no_crash(recorded: Any, tmp_path: Path) -> None:
    with behind_our_back(recorded) as run:
        run("UPDATE evidence SET size = 'much'")
    assert not verify(recorded.store, evidence_folder=tmp_path / "e").ok


def test_a_file_that_no_row_names_is_told_and_is_no_fault(recorded: Any, tmp_path: Path) -> None:
    (tmp_path / "e" / "0123.pdf").write_bytes(b"%PDF-1")
    found = verify(recorded.store, evidence_folder=tmp_path / "e")
    assert found.ok
    assert found.sentences[-1] == "另有1个佐证文件没有登记（0123.pdf），多半是上传时中断留下的，不影响核对。"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("completion", "done_on"),
        ("completion", "measures"),
        ("completion", "at"),
        ("occurrence", "done_on"),
        ("occurrence", "due_on"),
        ("occurrence", "original_due_on"),
        ("occurrence", "signed_off_at"),
        ("occurrence", "due_at"),
    ],
)
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL keeps no text where a day belongs
def test_a_spoilt_day_is_a_finding_and_no_crash(recorded: Any, table: str, column: str) -> None:
    with behind_our_back(recorded) as run:
        assert run(f"UPDATE {table} SET {column} = '三月五日' WHERE rowid = 1")
    found = verify(recorded.store)
    assert found.sentences
    if (table, column) not in {("completion", "at"), ("occurrence", "due_at")}:  # the log does not tell these
        assert not found.ok
