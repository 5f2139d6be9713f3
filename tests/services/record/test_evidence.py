from __future__ import annotations

import io
import json
import stat
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from models.record import evidence
from models.store import Store
from services.complete import complete, prove
from services.errors import Refused
from services.evidence import FILE_LIMIT, NewEvidence
from services.photos import BrokenPictureError, strip_jpeg, strip_png

Clock = Callable[..., datetime]


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"ab\xff\x00cd\xff\xd0ef\xff\xff\x00"
CLEAN = b"\xff\xd8" + segment(0xE0, b"JFIF\0") + segment(0xE2, b"ICC_PROFILE\0x") + segment(0xEE, b"Adobe") + SCAN
JPEG = (
    b"\xff\xd8"
    + segment(0xE0, b"JFIF\0")
    + segment(0xE1, b"Exif\0\0GPS 29.35N")
    + segment(0xE2, b"ICC_PROFILE\0x")
    + segment(0xE2, b"MPF\0second photo")
    + segment(0xED, b"Photoshop IPTC")
    + segment(0xEE, b"Adobe")
    + segment(0xFE, b"taken by me")
    + SCAN
    + segment(0xC4, b"a later table")
    + SCAN
    + b"\xff\xd9"
    + b"a film with its own place"
)


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


PNG_START = b"\x89PNG\r\n\x1a\n"
PNG = PNG_START + chunk(b"IHDR", b"x" * 13) + chunk(b"eXIf", b"GPS") + chunk(b"tEXt", b"me") + chunk(b"IEND", b"") + b"tail"


def office(*parts: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as package:
        for part in ("[Content_Types].xml", *parts):
            package.writestr(part, "x")
    return whole.getvalue()


def test_a_photo_loses_place_device_and_hidden_tail_and_keeps_its_picture() -> None:
    expected = CLEAN + segment(0xC4, b"a later table") + SCAN + b"\xff\xd9"
    assert strip_jpeg(JPEG) == expected
    assert strip_jpeg(expected) == expected
    assert strip_png(PNG) == PNG_START + chunk(b"IHDR", b"x" * 13) + chunk(b"IEND", b"")


@pytest.mark.parametrize("cut", [2, 5, 12, 30, 60, 100, 140])
def test_a_photo_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(BrokenPictureError):
        strip_jpeg(JPEG[:cut])
    with pytest.raises(BrokenPictureError):
        strip_png(PNG[: min(cut, 60)])


def hand_in(town: Any, ref: str, folder: Path, *files: NewEvidence, now: datetime) -> None:
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link"}
    complete(town.store, ref, now=now, done_on=date(2026, 3, 5), workdays=town.workdays, evidence=files, folder=folder, **said)


def test_evidence_lies_on_the_disk_before_its_row_and_only_for_us(town: Any, clock: Clock, tmp_path: Path) -> None:
    ref, folder = town.occurrence(), tmp_path / "evidence"
    files = [NewEvidence("C:\\照片\\现场\u202e.JPG", JPEG), NewEvidence("方案.docx", office("word/document.xml"))]
    hand_in(town, ref, folder, *files, now=clock(3, 5))
    rows = town.rows(evidence)
    assert [row.name for row in rows] == ["现场.JPG", "方案.docx"]
    for row in rows:
        path = folder / row.stored_as
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.stat().st_size == row.size
    assert b"GPS" not in (folder / rows[0].stored_as).read_bytes()
    assert town.row(ref).proved
    assert [one["sha256"] for one in json.loads(town.log()[0].payload)["evidence"]] == [row.sha256 for row in rows]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (NewEvidence("方案.exe", b"MZ"), "evidence_type"),
        (NewEvidence("方案.pdf", b"MZ not a pdf"), "evidence_type"),
        (NewEvidence("方案", b"%PDF-1.7"), "evidence_type"),
        (NewEvidence("方案.docx", b"PK\x03\x04 rubbish"), "evidence_type"),
        (NewEvidence("方案.docx", office("xl/workbook.xml")), "evidence_type"),
        (NewEvidence("方案.docx", office("word/document.xml", "word/vbaProject.bin")), "evidence_type"),
        (NewEvidence("方案.pdf", b""), "evidence_empty"),
        (NewEvidence("方案.pdf", b"%PDF-" + b"0" * FILE_LIMIT), "evidence_too_big"),
        (NewEvidence("照片.jpg", JPEG[:60]), "evidence_broken"),
    ],
)
def test_what_is_no_evidence_is_refused_and_leaves_no_file(
    town: Any, clock: Clock, tmp_path: Path, file: NewEvidence, code: str
) -> None:
    ref, folder = town.occurrence(), tmp_path / "evidence"
    with pytest.raises(Refused) as caught:
        hand_in(town, ref, folder, NewEvidence("可以.pdf", b"%PDF-1.7"), file, now=clock(3, 5))
    assert caught.value.code == code
    assert town.row(ref).state == "open"
    assert not folder.exists() or not list(folder.iterdir())


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
