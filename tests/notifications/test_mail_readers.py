"""What real programs make of our mails: Python's parser, GNU mailutils, ripmime; and khal of the calendar file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.calendar import CalendarEvent, attachment, write_calendar
from notifications.envelope import Envelope
from notifications.letter import Markup
from notifications.mail.build import build_mail
from notifications.texts import write_letter
from tests.notifications.letters import item, letter, overdue
from tests.readers import Khal, ran

SENDER = "曹回镇法治办 <fazhi@caohui.example>"
TZ = ZoneInfo("Asia/Shanghai")
BUILT = datetime(2026, 3, 4, 0, 45, tzinfo=UTC)
DUE = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)
LONG = "党委理论学习中心组法治专题学习暨领导干部任前法治谈话和宪法宣誓"


def calendar(title: str = LONG, *, due_at: datetime = DUE, sequence: int = 0) -> str:
    event = CalendarEvent("occurrence-7@caohui.example", sequence, due_at, item(title))
    return write_calendar([event], title="法治建设工作提醒", built_at=BUILT, tz=TZ)


def mail(envelope: Envelope, title: str = LONG) -> bytes:
    written = write_letter(letter(item(title), overdue(), markup=Markup.MAIL))
    whole = replace(
        envelope,
        subject=f"{written.subject}：{title}",
        text=written.text,
        html=written.html,
        attachments=(attachment(calendar(title)),),
    )
    return build_mail(whole, sender=SENDER)


def parsed(mail_bytes: bytes) -> EmailMessage:
    return message_from_bytes(mail_bytes, policy=default)


def test_python_reads_subject_names_text_html_and_the_file(envelope: Envelope) -> None:
    read = parsed(mail(envelope))
    assert LONG in read["Subject"]
    assert read["From"].addresses == (Address("曹回镇法治办", "fazhi", "caohui.example"),)
    assert read["To"].addresses == (Address("王敏", "wangmin", "caohui.example"),)
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    assert text is not None
    assert "王敏同志" in text.get_content()
    assert html is not None
    assert "王敏同志" in html.get_content()
    (file,) = read.iter_attachments()
    assert file.get_filename() == "办理项.ics"
    assert file.get_content_disposition() == "attachment"
    assert file.get_content_type() == "text/calendar"
    assert file["Content-Type"].params == {"charset": "utf-8", "method": "PUBLISH"}
    content = file.get_content().replace("\r\n", "\n")
    assert content == calendar().replace("\r\n", "\n")


def test_no_line_is_long_no_header_stands_twice_and_nothing_is_eight_bit(envelope: Envelope) -> None:
    raw = mail(envelope, LONG * 12)
    assert raw.isascii()
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    head = lines[: lines.index(b"")]
    assert max(map(len, head)) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    for part in parsed(raw).walk():
        assert not [name for name, count in Counter(name.lower() for name in part.keys()).items() if count > 1]  # noqa: SIM118 - doubles included


def test_equal_envelopes_with_files_give_equal_bytes(envelope: Envelope) -> None:
    assert mail(envelope) == mail(envelope)
    other = parsed(mail(envelope, "另一件事"))
    one = parsed(mail(envelope))
    assert one.get_boundary() != other.get_boundary()
    boundaries = [part.get_boundary() for part in one.walk() if part.is_multipart()]
    assert len(boundaries) == len(set(boundaries)) == 2


@given(title=st.text(max_size=400), name=st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_the_mail_keeps_its_form(envelope: Envelope, title: str, name: str) -> None:
    raw = mail(replace(envelope, name=name), title)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    read = parsed(raw)
    wanted = {"from", "to", "subject", "mime-version", "content-type", *(header.lower() for header in envelope.headers)}
    assert sorted(header.lower() for header in read.keys()) == sorted(wanted)  # noqa: SIM118 - doubles included
    kinds = [part.get_content_type() for part in read.walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]
    assert read["To"].addresses[0].addr_spec == "wangmin@caohui.example"


HOSTILE = pytest.mark.parametrize(
    "title", [LONG, "\u202e倒写\u202c😀👨‍👩‍👧 <b>粗</b>\r\nBcc: evil@example.com", '=?utf-8?b?5oGo?= "引号" ,;\\', "长" * 500]
)


@dataclass
class Mailbox:
    """One mail in a box of the old kind, as mailutils reads it."""

    path: Path

    def put(self, raw: bytes) -> None:
        self.path.write_bytes(b"From fazhi@caohui.example Wed Mar  4 08:45:00 2026\n" + raw.replace(b"\r\n", b"\n") + b"\n")

    def says(self, command: str) -> str:
        return ran("mail", "-n", "-N", "-f", str(self.path), said=f"{command}\nexit\n", HOME=str(self.path.parent))


@pytest.mark.readers
@HOSTILE
def test_gnu_mailutils_shows_subject_sender_and_every_part(envelope: Envelope, tmp_path: Path, title: str) -> None:
    box = Mailbox(tmp_path / "mbox")
    box.put(mail(envelope, title))
    head = box.says("print 1")
    assert "From: 曹回镇法治办 <fazhi@caohui.example>" in head
    assert "To: 王敏 <wangmin@caohui.example>" in head
    read = parsed(mail(envelope, title))
    assert f"Subject: {read['Subject']}" in head
    assert "\nBcc:" not in head
    parts = box.says("decode 1")
    assert "王敏同志：以下事项请按时限办理。" in parts
    assert '<html lang="zh-CN">' in parts
    assert "SUMMARY:" in parts
    assert "filename*=utf-8''%E5%8A%9E%E7%90%86%E9%A1%B9.ics" in parts


@pytest.mark.readers
@HOSTILE
def test_ripmime_unpacks_the_file_under_its_chinese_name(envelope: Envelope, tmp_path: Path, title: str) -> None:
    (tmp_path / "mail.eml").write_bytes(mail(envelope, title))
    ran("ripmime", "-i", str(tmp_path / "mail.eml"), "-d", str(tmp_path / "parts"))
    unpacked = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "parts").iterdir()}
    assert unpacked["办理项.ics"].split() == calendar(title).split()  # ripmime ends a file with a line of its own
    others = [text for name, text in unpacked.items() if name != "办理项.ics"]
    assert any("王敏同志：以下事项请按时限办理。" in text and "<html" not in text for text in others)
    assert any('<html lang="zh-CN">' in text for text in others)


@pytest.fixture
def khal(tmp_path: Path) -> Khal:
    return Khal(tmp_path)


@pytest.mark.readers
def test_khal_lists_the_item_on_its_day(khal: Khal, envelope: Envelope) -> None:
    file: Any = next(parsed(mail(envelope)).iter_attachments())
    khal.take(file.get_content())
    assert khal.shows(date(2026, 3, 1)) == [f"2026-03-06 17:00-17:30 {LONG}截止 CONFIRMED"]


@pytest.mark.readers
def test_after_a_move_khal_shows_the_new_day_once(khal: Khal) -> None:
    khal.take(calendar())
    khal.take(calendar(due_at=DUE + timedelta(days=3), sequence=1))
    assert khal.shows(date(2026, 3, 1)) == [f"2026-03-09 17:00-17:30 {LONG}截止 CONFIRMED"]
