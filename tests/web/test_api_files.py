"""Evidence through the interface: with the completion or after it, by the rules of the page, and back as it was kept."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from models.record import evidence
from planning.access import AccountRole
from services.evidence import FILE_LIMIT
from tests.web.county_platform import API, Platform
from tests.web.staff_hands import FIX, STUDY, add_duty, done_rows, entries, row, said

OFFICE, STAFF, AUDITOR = AccountRole.OFFICE, AccountRole.STAFF, AccountRole.AUDITOR
DONE = {"by": "chenxia", "done_on": "2026-04-07", "measures": {"场次": 1}}
SHEET = ("签到表.pdf", b"%PDF-1.4 " + b"x" * 100)
PROVEN = (
    "{key: proven, kind: routine, title: 公示, owner: person:chenxia, evidence_required: true, "
    "period: 公示-001, rule: {on: 2026-05-29}}"
)


def photo(shade: int = 80) -> bytes:
    whole, told = io.BytesIO(), Image.Exif()
    told[0x010F] = "a phone at 29.35N"
    Image.new("RGB", (300, 200), (shade, 0, 0)).save(whole, "JPEG", exif=told)
    return whole.getvalue()


def kept(town: Any) -> list[tuple[str, str]]:
    with town.app.store.read() as db:
        return [(one.name, one.by) for one in db.execute(select(evidence).order_by(evidence.c.id))]


@pytest.fixture
def office(town: Any) -> Platform:
    return Platform(town, "wangmin", OFFICE, "sifasuo")


def test_a_completion_brings_its_evidence_along(town: Any, office: Platform) -> None:
    answer = office.carry(STUDY, "done", SHEET, ("现场.jpg", photo()), note="已开展", **DONE)
    assert answer.status_code == 200, answer.text
    [done] = done_rows(town)
    assert (done.by, done.recorded_by, done.measures, done.note) == ("chenxia", "wangmin", {"场次": 1}, "已开展")
    assert (kept(town), row(town).proved) == ([("签到表.pdf", "wangmin"), ("现场.jpg", "wangmin")], True)
    again = office.carry(STUDY, "done", SHEET, **DONE)
    assert (again.status_code, again.json()["code"]) == (409, "already_done")
    assert len(list(town.app.evidence_folder.iterdir())) == 2


def test_what_must_be_proved_is_done_by_the_call_that_carries_the_file(town: Any, office: Platform) -> None:
    add_duty(town, PROVEN)
    words = {"by": "chenxia", "done_on": "2026-04-07"}
    assert office.act("proven:公示-001", "done", **words).json()["code"] == "evidence_missing"
    assert office.carry("proven:公示-001", "done", SHEET, **words).status_code == 200


def test_evidence_follows_after_the_completion_and_names_who_hands_it_in(town: Any, office: Platform) -> None:
    assert office.carry(STUDY, "evidence", SHEET).json()["code"] == "not_done"
    office.act(STUDY, "done", **DONE)
    assert office.get(f"/occurrences/{STUDY}").json()["occurrence"]["proved"] is False
    assert office.act(STUDY, "evidence").json()["code"] == "evidence_missing"
    proved = office.carry(STUDY, "evidence", SHEET, note="补交")
    assert proved.status_code == 200, proved.text
    newest = entries(town)[-1]
    assert (newest.kind, newest.actor, newest.via, said(newest)["note"]) == ("proved", "wangmin", "program", "补交")
    again = office.carry(STUDY, "evidence", SHEET)
    assert (again.status_code, again.json()["code"]) == (409, "already_proved")
    assert "王敏" in again.json()["message"]
    assert Platform(town, "chenxia", STAFF).carry(STUDY, "evidence", ("现场.jpg", photo())).status_code == 200
    assert kept(town) == [("签到表.pdf", "wangmin"), ("现场.jpg", "chenxia")]


@pytest.mark.parametrize(
    ("person", "role", "scope", "code"),
    [
        ("fenggang", OFFICE, "huilong", "not_allowed"),  # another unit's clerk
        ("wangmin", STAFF, None, "not_allowed"),  # no part in it
        ("zhangjun", STAFF, None, "not_yours"),  # he oversees it
        ("liguoqiang", AUDITOR, None, "not_allowed"),
    ],
)
def test_whoever_could_not_record_it_proves_nothing(
    town: Any, person: str, role: AccountRole, scope: str | None, code: str
) -> None:
    Platform(town, "wangmin", OFFICE).act(STUDY, "done", **DONE)
    refused = Platform(town, person, role, scope).carry(STUDY, "evidence", SHEET)
    assert (refused.status_code, refused.json()["code"]) == (403, code)
    assert kept(town) == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("现场.exe", b"MZ\x90\x00 a program", "evidence_type"),
        ("现场.jpg", b"MZ\x90\x00 a program", "evidence_type"),
        ("现场.jpg", photo()[:1000], "evidence_broken"),
        ("空.pdf", b"", "evidence_empty"),
        ("扫描.pdf", b"%PDF-" + bytes(FILE_LIMIT), "evidence_too_big"),
    ],
)
def test_a_file_that_a_page_refuses_is_refused_and_takes_nothing_along(
    town: Any, office: Platform, name: str, content: bytes, code: str
) -> None:
    for act, words in (("done", DONE), ("evidence", {})):
        refused = office.carry(STUDY, act, SHEET, (name, content), **words)
        assert (refused.status_code, refused.json()["code"]) == (409, code), act
    assert (kept(town), row(town).state) == ([], "open")
    assert list(town.app.evidence_folder.glob("*")) == []


def test_more_files_than_anybody_looks_at_are_refused(town: Any, office: Platform) -> None:
    nine = [(f"{number}.pdf", b"%PDF-1.4 " + bytes([number])) for number in range(9)]
    assert office.carry(STUDY, "done", *nine, **DONE).json()["code"] == "evidence_too_many"
    assert office.carry(STUDY, "done", *nine[:8], **DONE).status_code == 200


def test_what_cannot_be_read_of_such_a_call_is_told_with_its_place(town: Any, office: Platform) -> None:
    address = f"{API}/occurrences/{STUDY}/done"
    key = {"Authorization": f"Bearer {office.token}"}
    strange = {
        "done_on": {"data": {"said": '{"by": "chenxia", "done_on": "morgen"}'}, "files": {"files": SHEET}},
        "more": {"data": {"said": "{}", "more": "x"}, "files": {"files": SHEET}},
        "files": {"data": {"said": '{"by": "chenxia", "done_on": "2026-04-07"}', "files": "%PDF-1.4"}, "files": {"said": SHEET}},
        "said": {"data": {"said": "{" + " " * 70_000 + "}"}, "files": {"files": SHEET}},
        "boundary": {"content": b"x", "headers": {**key, "Content-Type": "multipart/form-data"}},
        "JSON": {"content": b"\xff", "headers": {**key, "Content-Type": "application/json"}},
    }
    for place, sent in strange.items():
        answer = town.post(address, **{"headers": key, **sent})
        assert (answer.status_code, answer.json()["code"]) == (422, "unreadable"), place
        assert place in answer.json()["message"] or place == "said", answer.text
    assert row(town).state == "open"


def test_the_words_may_come_as_a_file_of_their_own(town: Any, office: Platform) -> None:
    """curl -F said=@done.json"""
    parts = [("said", ("done.json", '{"by": "chenxia", "done_on": "2026-04-07", "measures": {"场次": 1}}')), ("files", SHEET)]
    answer = town.post(f"{API}/occurrences/{STUDY}/done", files=parts, headers={"Authorization": f"Bearer {office.token}"})
    assert answer.status_code == 200, answer.text
    assert kept(town) == [("签到表.pdf", "wangmin")]


def test_of_a_stranger_no_byte_is_taken_and_of_a_friend_no_more_than_of_a_page(town: Any, office: Platform) -> None:
    taken: list[int] = []

    async def flood(megabytes: int) -> Any:
        yield b'--edge\r\nContent-Disposition: form-data; name="files"; filename="x.pdf"\r\n\r\n%PDF-1.7\n'
        for number in range(megabytes):
            taken.append(number)
            yield bytes(1024 * 1024)

    kind = {"Content-Type": "multipart/form-data; boundary=edge"}
    for act in ("done", "evidence"):
        stranger = town.post(f"{API}/occurrences/{STUDY}/{act}", content=flood(60), headers=kind)
        assert (stranger.status_code, stranger.json()["code"], taken) == (401, "sign_in", []), act
        friend = town.post(
            f"{API}/occurrences/{STUDY}/{act}", content=flood(60), headers={**kind, "Authorization": f"Bearer {office.token}"}
        )
        assert (friend.status_code, friend.json()["code"]) == (413, "too_much"), act
        assert 50 <= len(taken) < 60
        taken.clear()
    elsewhere = town.post(
        f"{API}/occurrences/{STUDY}/waive", content=flood(1), headers={**kind, "Authorization": f"Bearer {office.token}"}
    )
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (413, "too_much")


def test_a_call_without_files_stays_small_also_when_its_length_is_kept_secret(town: Any, office: Platform) -> None:
    async def flood() -> Any:
        for _ in range(100):
            yield b" " * 1000

    key = {"Authorization": f"Bearer {office.token}", "Content-Type": "application/json"}
    for act in ("done", "waive"):
        answer = town.post(f"{API}/occurrences/{STUDY}/{act}", content=flood(), headers=key)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_much"), act
    broken = town.post(f"{API}/occurrences/{STUDY}/waive", content=b'{"reason": ' + b"[" * 20_000, headers=key)
    assert broken.status_code == 422
    announced = {**key, "Content-Length": str(200 * 1024 * 1024)}
    assert town.post(f"{API}/occurrences/{STUDY}/waive", content=b"{}", headers=announced).json()["code"] == "too_much"


def test_a_full_disk_is_said_plainly_and_nothing_is_recorded(
    town: Any, office: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("services.evidence.os.fsync", full)
    answer = office.carry(STUDY, "done", SHEET, **DONE)
    assert (answer.status_code, answer.json()["code"]) == (503, "disk")
    assert "服务器磁盘已满，没有写入任何内容" in answer.json()["message"]
    assert (row(town).state, kept(town)) == ("open", [])


def test_the_file_comes_back_as_from_the_page_and_without_what_a_phone_says(town: Any, office: Platform) -> None:
    office.carry(STUDY, "done", ("C:\\fakepath\\现场\u202e.JPG", photo()), **DONE)
    [listed] = office.get(f"/occurrences/{STUDY}").json()["evidence"]
    assert (listed["number"], listed["name"]) == (1, "现场.JPG")
    answer = office.get(f"/occurrences/{STUDY}/evidence/1")
    assert Image.open(io.BytesIO(answer.content)).size == (300, 200)
    assert b"29.35N" not in answer.content
    town.sign_in()
    page = town.get(f"/o/{STUDY}/evidence/1")
    assert page.content == answer.content
    same = ("content-disposition", "content-type", "content-security-policy", "x-content-type-options", "cache-control")
    assert [answer.headers[name] for name in same] == [page.headers[name] for name in same]
    assert answer.headers["content-disposition"].startswith('attachment; filename="evidence-1.jpg"')


def test_a_part_of_a_file_is_not_given_and_is_no_fault(town: Any, office: Platform) -> None:
    office.carry(STUDY, "done", SHEET, **DONE)
    for part in ("bytes=0-1", "bytes=900-", "lines=1"):
        headers = {"Authorization": f"Bearer {office.token}", "Range": part}
        answer = town.get(f"{API}/occurrences/{STUDY}/evidence/1", headers=headers)
        assert (answer.status_code, answer.content, answer.headers["accept-ranges"]) == (200, SHEET[1], "none"), part


def test_a_file_of_anothers_unit_or_of_none_is_not_given(town: Any, office: Platform) -> None:
    office.carry(STUDY, "done", SHEET, **DONE)
    assert Platform(town, "fenggang", OFFICE, "huilong").get(f"/occurrences/{STUDY}/evidence/1").status_code == 403
    for ref, number in ((STUDY, 2), (STUDY, 0), (STUDY, -1), (FIX, 1)):
        answer = office.get(f"/occurrences/{ref}/evidence/{number}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_evidence"), (ref, number)
    assert office.get(f"/occurrences/{STUDY}/evidence/{2**31}").status_code == 422


def test_a_file_that_was_handed_in_by_mistake_is_declared_void_and_proves_nothing(town: Any, office: Platform) -> None:
    office.act(STUDY, "done", by="chenxia", done_on="2026-04-07", measures={"场次": 1})
    assert office.carry(STUDY, "evidence", SHEET).status_code == 200
    assert office.get(f"/occurrences/{STUDY}").json()["occurrence"]["proved"] is True

    voided = [office.act(STUDY, "void", by="chenxia", number=1, reason="传成别的会了") for _ in range(2)]

    assert [answer.status_code for answer in voided] == [200, 409]
    seen = office.get(f"/occurrences/{STUDY}").json()
    assert (seen["occurrence"]["proved"], len(seen["evidence"])) == (False, 1)
