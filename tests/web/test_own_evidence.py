"""Who comes by a link, or signed in, opens the files of his item and of no other; a wrong one he declares void."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from models.occurrence import assignments
from planning.access import AccountRole
from reports.history import history
from services.evidence import NewEvidence
from tests.web.test_staff import opened, press
from tests.web.test_staff_signed_in import FIX, signed_in

MANY = [NewEvidence(f"现场{number}.jpg", b"") for number in (1, 2)]


@pytest.fixture
def shown(town: Any) -> Any:
    """王敏's rectification, done with two photographs."""
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "JPEG")
    files = [NewEvidence(one.name, picture.getvalue()) for one in MANY]
    town.done(FIX, date(2026, 4, 7), by="wangmin", name="王敏", evidence=files, folder=town.app.evidence_folder)
    return town


def ways(town: Any) -> Iterator[str]:
    yield opened(town, FIX, "wangmin", "owner")
    yield signed_in(town, "wangmin", FIX, role=AccountRole.STAFF)


def test_the_file_comes_as_an_attachment_by_either_way(shown: Any) -> None:
    for address in ways(shown):
        page = shown.get(address).text
        assert '/evidence/1">现场1.jpg</a>' in page
        answer = shown.get(f"{address}/evidence/1")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith('attachment; filename="evidence-1.jpg"')
        assert "sandbox" in answer.headers["content-security-policy"]
        assert shown.get(f"{address}/evidence/3").status_code == 404


def test_a_link_opens_the_files_of_its_own_item_only(shown: Any) -> None:
    other = opened(shown)
    assert shown.get(f"{other}/evidence/1").status_code == 404
    with shown.app.store.read() as db:
        parts = db.execute(select(assignments.c.id).where(assignments.c.person == "wangmin")).scalars().all()
    assert parts
    assert all(shown.get(f"/s/{number}/evidence/1").status_code == 410 for number in parts)


def test_a_wrong_file_is_struck_through_and_the_item_is_still_proved_by_the_other(shown: Any) -> None:
    address = opened(shown, FIX, "wangmin", "owner")
    answer = press(shown, address, "void", file="1", reason="传成了别的照片")
    assert "已作废。文件仍留在记录里，不再算佐证。" in answer.text
    struck = re.findall(r"<s>(.*?)</s>", answer.text)
    assert [("现场1.jpg" in one) for one in struck] == [True]
    assert "（已作废：传成了别的照片）" in answer.text
    seen = history(shown.app.store, FIX, as_of=date(2026, 4, 8), workdays=shown.app.workdays)
    assert seen
    assert seen.line.proved
    shown.sign_in()
    assert "<s>" in shown.get(f"/o/{FIX}").text


def test_the_verifier_sends_it_back_behind_his_link(shown: Any) -> None:
    address = opened(shown, FIX, "chenxia", "verifier")
    answer = press(shown, address, "send-back", reason="照片不是现场的")
    assert "已退回，承办人会收到退回原因。" in answer.text
    seen = history(shown.app.store, FIX, as_of=date(2026, 4, 8), workdays=shown.app.workdays)
    assert seen
    assert seen.line.state == "open"
    assert [file.proves for file in seen.evidence] == [False, False]


def test_an_auditor_who_is_a_verifier_reads_why_he_is_offered_nothing(shown: Any) -> None:
    signed_in(shown, "chenxia", FIX, role=AccountRole.AUDITOR)
    page = shown.get("/me").text
    assert "有 1 项等您批复或销号，但您的账号是审计员，只看不办" in page
    links = re.findall(r'href="(/(?:me/items|o)/[^"]+)"', page)
    assert all(shown.get(link).status_code == 200 for link in links)
