"""Evidence: harmless files on the disk before their rows; everything else refused in one sentence, with nothing left behind."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy.exc import OperationalError

from models.record import evidence
from models.store import Store
from services.complete import complete, prove
from services.errors import Refused
from services.evidence import FILE_LIMIT, NewEvidence
from services.evidence_check import checked
from tests.services.record.handed_in import drawn, office, photo

Clock = Callable[..., datetime]

HERE = Image.Exif()
HERE[0x010F] = "a phone at 29.35N"
PHOTO = photo(exif=HERE)
WHOLE = {
    "jpg": PHOTO,
    "png": drawn(Image.effect_noise((40, 30), 80), "PNG"),
    "pdf": b"%PDF-1.7\n1 0 obj<</Type/ObjStm>>\nstream\nx\nendstream\nendobj\n%%EOF",
    "docx": office("docx", {"word/_rels/document.xml.rels": "<r/>", "word/media/image1.jpeg": PHOTO}),
    "xlsx": office("xlsx"),
}


def hand_in(town: Any, ref: str, folder: Path, *files: NewEvidence, now: datetime) -> None:
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link"}
    complete(town.store, ref, now=now, done_on=date(2026, 3, 5), workdays=town.workdays, evidence=files, folder=folder, **said)


def test_evidence_lies_on_the_disk_before_its_row_and_only_for_us(town: Any, clock: Clock, tmp_path: Path) -> None:
    ref, folder = town.occurrence(), tmp_path / "evidence"
    files = [NewEvidence("C:\\照片\\现场\u202e.JPG", PHOTO), NewEvidence("方案.docx", office("docx"))]
    hand_in(town, ref, folder, *files, now=clock(3, 5))
    rows = town.rows(evidence)
    assert [row.name for row in rows] == ["现场.JPG", "方案.docx"]
    for row in rows:
        path = folder / row.stored_as
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.stat().st_size == row.size
    assert b"29.35N" in PHOTO
    assert b"29.35N" not in (folder / rows[0].stored_as).read_bytes()
    assert town.row(ref).proved
    assert [one["sha256"] for one in json.loads(town.log()[0].payload)["evidence"]] == [row.sha256 for row in rows]


OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        (NewEvidence("方案.exe", b"MZ"), "evidence_type", "类型不收，请用照片"),
        (NewEvidence("方案.pdf", b"MZ not a pdf"), "evidence_type", "只是改了扩展名"),
        (NewEvidence("方案.jpg", b"MZ\x90 a program"), "evidence_type", "只是改了扩展名"),
        (NewEvidence("方案.jpg", WHOLE["png"]), "evidence_type", "只是改了扩展名"),
        (NewEvidence("方案", b"%PDF-1.7"), "evidence_type", "类型不收"),
        (NewEvidence("方案.docm", office("docx")), "evidence_type", "类型不收"),
        (NewEvidence("方案.docx", b"PK\x03\x04 rubbish"), "evidence_broken", "另存"),
        (NewEvidence("方案.docx", office("xlsx")), "evidence_type", "另存为docx"),
        (NewEvidence("方案.docx", office("docx", {"word/vbaProject.bin": b"x"})), "evidence_active", "不带宏"),
        (NewEvidence("方案.docx", OLD_WORD), "evidence_locked", "去掉密码，另存为docx"),
        (NewEvidence("方案.pdf", OLD_WORD), "evidence_type", "只是改了扩展名"),
        (NewEvidence("方案.pdf", b""), "evidence_empty", "请重新选择"),
        (NewEvidence("方案.pdf", b"%PDF-" + b"0" * FILE_LIMIT), "evidence_too_big", "压缩或拆分"),
        (NewEvidence("方案.pdf", b"%PDF-1.7 <</S/Launch>>"), "evidence_active", "另存为PDF"),
        (NewEvidence("方案.jpg", PHOTO[:300]), "evidence_broken", "请重新拍照"),
        (NewEvidence("../../方案.exe", b"MZ"), "evidence_type", "“方案.exe”"),
        (NewEvidence("方案\u202egnp.exe", b"MZ"), "evidence_type", "“方案gnp.exe”"),
        (NewEvidence("方案.png\u200b.exe\u2028", b"MZ"), "evidence_type", "“方案.png.exe”"),
    ],
)
def test_what_is_no_evidence_is_refused_and_leaves_no_file(
    town: Any, clock: Clock, tmp_path: Path, *, file: NewEvidence, code: str, said: str
) -> None:
    ref, folder = town.occurrence(), tmp_path / "evidence"
    with pytest.raises(Refused) as caught:
        hand_in(town, ref, folder, NewEvidence("可以.pdf", b"%PDF-1.7"), file, now=clock(3, 5))
    assert caught.value.code == code
    assert said in caught.value.sentence
    assert "“方案" in caught.value.sentence
    assert town.row(ref).state == "open"
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\fakepath\\现场.jpg", "现场.jpg"),
        ("../../etc/现场.jpg", "现场.jpg"),
        ("现场\u202e\u2066.jpg", "现场.jpg"),
        ("现\n场\x00\x1b.jpg\u2029", "现场.jpg"),
        ("  现场.JPG ", "现场.JPG"),
        ("\ud800现场.jpg", "?现场.jpg"),
        ("e\u0301.jpg", "é.jpg"),
        ("长" * 300 + ".jpg", "长" * 116 + ".jpg"),
    ],
)
def test_a_name_is_cleaned_of_paths_and_tricks(name: str, kept: str) -> None:
    assert checked(NewEvidence(name, PHOTO)).name == kept


def test_a_second_press_leaves_no_orphan_file(town: Any, clock: Clock, tmp_path: Path) -> None:
    ref = town.occurrence()
    hand_in(town, ref, tmp_path / "e", NewEvidence("记录.pdf", b"%PDF-1.7"), now=clock(3, 5))
    with pytest.raises(Refused, match="已由陈霞"):
        hand_in(town, ref, tmp_path / "e", NewEvidence("记录.pdf", b"%PDF-1.7"), now=clock(3, 5))
    assert [path.name for path in (tmp_path / "e").iterdir()] == [row.stored_as for row in town.rows(evidence)]


def test_when_the_answer_to_the_commit_is_lost_the_file_stays_that_the_rows_name(
    town: Any, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = town.occurrence()

    def committed_and_cut_off(self: Store, work: Callable[..., Any]) -> Any:
        with self.write() as db:
            work(db)
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(Store, "transact", committed_and_cut_off)
        hand_in(town, ref, tmp_path / "e", NewEvidence("记录.pdf", b"%PDF-1.7"), now=clock(3, 5))
    assert [path.name for path in (tmp_path / "e").iterdir()] == [row.stored_as for row in town.rows(evidence)]
    assert town.row(ref).state == "done"


def test_a_file_that_cannot_be_stored_leaves_nothing_of_the_others(
    town: Any, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = town.occurrence()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr("services.evidence.os.fsync", full)
        hand_in(town, ref, tmp_path / "e", NewEvidence("记录.pdf", b"%PDF-1.7"), now=clock(3, 5))
    assert list((tmp_path / "e").iterdir()) == []
    assert town.row(ref).state == "open"


def test_evidence_may_follow_after_the_completion_up_to_the_limit(town: Any, clock: Clock, tmp_path: Path) -> None:
    ref = town.occurrence()
    big = [NewEvidence(f"扫描{n}.pdf", b"%PDF-" + b"0" * (FILE_LIMIT - 5)) for n in range(5)]
    later = {"by": "chenxia", "via": "page", "now": clock(3, 6), "folder": tmp_path}
    with pytest.raises(Refused, match="尚未办结"):
        prove(town.store, ref, evidence=big[:1], **later)
    hand_in(town, ref, tmp_path, now=clock(3, 5))
    assert not town.row(ref).proved
    prove(town.store, ref, evidence=big, **later)
    assert town.row(ref).proved
    assert town.log()[-1].kind == "proved"
    with pytest.raises(Refused) as caught:
        prove(town.store, ref, evidence=[NewEvidence("再一份.pdf", b"%PDF-1")], **later)
    assert caught.value.code == "evidence_too_big"
    assert len([path for path in tmp_path.iterdir() if path.suffix == ".pdf"]) == 5


def test_the_same_file_handed_in_again_adds_nothing_and_says_who_brought_it(town: Any, clock: Clock, tmp_path: Path) -> None:
    ref = town.occurrence()
    hand_in(town, ref, tmp_path, NewEvidence("签到表.pdf", b"%PDF-1.7 a"), now=clock(3, 5))
    later = {"by": "wangmin", "via": "program", "now": clock(3, 6), "folder": tmp_path}
    record = NewEvidence("记录.pdf", b"%PDF-1.7 b")
    prove(town.store, ref, evidence=[record], **later)
    said = {}
    for same in (NewEvidence("另一个名字.pdf", b"%PDF-1.7 a"), record):
        with pytest.raises(Refused) as caught:
            prove(town.store, ref, evidence=[NewEvidence("新的.pdf", b"%PDF-1.7 c"), same], **later)
        said[same.name] = (caught.value.code, caught.value.sentence)
    assert said["另一个名字.pdf"] == (
        "already_proved",
        "这份文件已由陈霞于3月5日作为佐证“签到表.pdf”提交，不用再交。",
    )
    assert "由王敏于3月6日作为佐证“记录.pdf”提交" in said["记录.pdf"][1]
    assert len([path for path in tmp_path.iterdir() if path.suffix == ".pdf"]) == 2
    assert [one.kind for one in town.log()] == ["done", "proved"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.binary(max_size=400))
def test_whatever_stands_behind_the_right_beginning_is_taken_or_refused(ending: str, rest: bytes) -> None:
    look_at(ending, WHOLE[ending][:8] + rest)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_a_good_file_in_which_anything_was_changed_is_taken_or_refused(ending: str, data: st.DataObject) -> None:
    changed = bytearray(WHOLE[ending])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(3, len(changed)))
        changed[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    look_at(ending, bytes(changed))


def look_at(ending: str, content: bytes) -> None:
    try:
        said = f"佐证“{checked(NewEvidence(f'随便.{ending}', content)).name}”已收。"
    except Refused as refusal:  # both endings are right; nothing else may come
        said = refusal.sentence
    assert f"“随便.{ending}”" in said
    assert said.endswith("。")
