"""Files through the form: what is refused is said by name and remedy, and not a word that was typed is lost."""

from __future__ import annotations

import io
import re
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from models.record import completions, evidence

STUDY = "study-law:2026-Q2"
TYPED = {"done_on": "2026-04-07", "note": "写了很久的一段话", "m-0": "1", "m-1": "36"}


def hand_in(town: Any, *files: tuple[str, bytes]) -> httpx.Response:
    address = town.get(f"/t/{town.link(STUDY, 'chenxia')}").headers["location"]
    found = re.search(r'name="code" value="([0-9a-f]+)"', town.get(address).text)
    assert found
    parts = [("files", (name, content, "image/jpeg")) for name, content in files]
    answer: httpx.Response = town.post(f"{address}/done", data={"code": found[1], **TYPED}, files=parts)
    return answer


def rows(town: Any, table: Any) -> list[Any]:
    with town.app.store.read() as db:
        return list(db.execute(select(table)))


def photo() -> bytes:
    whole, said = io.BytesIO(), Image.Exif()
    said[0x010F] = "a phone at 29.35N"
    Image.effect_noise((300, 200), 80).save(whole, "JPEG", exif=said)
    return whole.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("现场.jpg", b"MZ\x90\x00 a program", "佐证“现场.jpg”的内容不是jpg文件，可能只是改了扩展名。请用照片"),
        ("现场.exe", b"MZ\x90\x00 a program", "佐证“现场.exe”的类型不收，请用照片"),
        ("现场\u202egpj.exe", b"MZ\x90\x00 a program", "佐证“现场gpj.exe”的类型不收，请用照片"),
        ("../../现场.exe", b"MZ\x90\x00 a program", "佐证“现场.exe”的类型不收，请用照片"),
        ("现场.jpg", b"", "佐证“现场.jpg”是空文件，请重新选择。"),
        ("现场.jpg", photo()[:1000], "照片“现场.jpg”不完整或已损坏，打不开。请重新拍照"),
        ("现场.pdf", b"%PDF-" + bytes(10 * 1024 * 1024), "佐证“现场.pdf”超过10 MB，请压缩或拆分后再上传。"),
        ("方案.docx", b"PK\x03\x04 rubbish", "佐证“方案.docx”已损坏，打不开。请用Office或WPS打开后另存"),
        ('<script>"&.docx', b"PK\x03\x04 rubbish", "&lt;script&gt;"),
    ],
)
def test_a_file_that_is_refused_takes_nothing_along(town: Any, name: str, content: bytes, said: str) -> None:
    answer = hand_in(town, ("签到表.pdf", b"%PDF-1.4"), (name, content))
    assert answer.status_code == 409
    assert said in answer.text
    assert TYPED["note"] in answer.text
    assert 'value="36"' in answer.text
    assert 'value="2026-04-07"' in answer.text
    assert rows(town, completions) == rows(town, evidence) == []
    assert list(town.app.evidence_folder.glob("*")) == []


def test_more_files_than_anybody_looks_at_are_refused_and_the_words_stay(town: Any) -> None:
    answer = hand_in(town, *[(f"{number}.pdf", b"%PDF-1.4") for number in range(9)])
    assert (answer.status_code, "一次最多上传8个文件" in answer.text, TYPED["note"] in answer.text) == (409, True, True)
    assert hand_in(town, *[(f"{number}.pdf", b"%PDF-1.4") for number in range(8)]).status_code == 303


def test_a_photo_from_a_phone_is_kept_without_its_place_and_comes_back_as_a_download(town: Any) -> None:
    assert hand_in(town, ("C:\\fakepath\\现场\u202e.JPG", photo())).status_code == 303
    answer = town.get(f"/o/{STUDY}/evidence/1")
    assert Image.open(io.BytesIO(answer.content)).size == (300, 200)
    assert b"29.35N" in photo()
    assert b"29.35N" not in answer.content
    expected = "attachment; filename=\"evidence-1.jpg\"; filename*=UTF-8''%E7%8E%B0%E5%9C%BA.JPG"
    assert answer.headers["content-disposition"] == expected
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("length", ["54525953", "999999999999", "9" * 5000, "-1", "x", "\xb2"])
def test_a_length_that_is_too_much_or_no_number_is_refused_unread(town: Any, length: str) -> None:
    async def never() -> Any:
        raise AssertionError("the body was asked for")
        yield b""

    headers = [(b"content-length", length.encode("latin-1")), (b"content-type", b"multipart/form-data; boundary=b")]
    answer = town.post("/s/1/done", content=never(), headers=headers)
    assert (answer.status_code, "没有保存" in answer.text) == (413, True)
