from __future__ import annotations

import re
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.journeys.office import Office, Postbox

MARCH = "2026-03-02T08:00+08:00"
AUTUMN = "2026-11-02T08:00+08:00"
DECEMBER = "2026-12-01T08:00+08:00"
KINDS = {"study", "inspection", "publicity", "rectification", "routine"}

# Invented: what the State Council might publish for 2027, consistent with the thirteen statutory days.
INVENTED_NOTICE_2027 = """
国务院办公厅关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至13日（周六）放假调休，共9天。1月31日（周日）、2月14日（周日）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假，共1天。
六、中秋节：9月15日（周三）放假，共1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""


def test_the_pack_plans_every_kind_and_every_duty_and_a_second_time_nothing(office: Office) -> None:
    first = office.types("plan", "--json", "--now", MARCH).json
    assert set(first["by_kind"]) == KINDS
    assert all(first["by_kind"].values())
    assert first["years"] == [2026, 2027]
    assert not first["degraded"]
    again = office.types("plan", "--json", "--now", MARCH).json
    assert (again["added"], again["moved"], again["withdrawn"]) == (0, [], [])
    compared = office.types("plan", "--full", "--json", "--now", MARCH).json
    assert (compared["added"], compared["moved"], compared["withdrawn"]) == (0, [], [])


def test_each_of_the_twenty_five_duties_has_its_occurrences_or_stands(office: Office) -> None:
    office.types("plan", "--now", MARCH)
    planned = {line["duty_key"] for line in office.types("list", "--json", "--now", MARCH).json["occurrences"]}
    numbered: dict[int, set[str]] = {}
    for file in sorted((office.home / "calendar").glob("*.yaml")):
        numbers: list[int] = []
        for line in file.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"\s*# 事项 ([\d、, ]+)", line):
                numbers = [int(one) for one in re.findall(r"\d+", found[1])]
            elif found := re.match(r"\s*- key: (\S+)", line):
                for number in numbers:
                    numbered.setdefault(number, set()).add(found[1])
    assert set(range(1, 26)) <= set(numbered)
    for number in range(1, 26):
        assert numbered[number] & planned, f"事项 {number} has neither occurrences nor a review"


def test_the_eleven_rectifications_are_in_the_ledger(office: Office) -> None:
    office.types("plan", "--now", MARCH)
    listed = office.types("list", "--kind", "rectification", "--json", "--now", MARCH).json["occurrences"]
    assert {f"整改-{number:03}" for number in range(1, 12)} <= {line["period"] for line in listed}
    assert all(line["sign_off_needed"] for line in listed if line["period"].startswith("整改-"))


def test_next_year_is_provisional_until_its_notice_is_imported_and_who_was_told_is_told_once(
    office: Office, tmp_path: Path
) -> None:
    office.starts_on("2026-11-01")
    office.types("plan", "--now", AUTUMN)
    before = office.types("list", "--period", "2027", "--json", "--now", AUTUMN).json["occurrences"]
    assert before
    assert all(line["provisional"] for line in before)
    assert "暂定" in office.types("list", "--period", "2027", "--limit", "3", "--now", AUTUMN).out
    for day in ("2026-12-21", "2026-12-25", "2026-12-28", "2026-12-31"):
        office.types("send", "--now", f"{day}T09:00+08:00")

    notice = tmp_path / "通知.txt"
    notice.write_text(INVENTED_NOTICE_2027, encoding="utf-8")
    imported = office.types("holidays", "import", str(notice), "--year", "2027", "--yes", "--now", AUTUMN)
    assert imported.code == 0, imported.err
    moved = office.types("plan", "--json", "--now", "2026-12-31T10:00+08:00").json
    assert moved["moved"]
    assert moved["provisional"] == 0
    told = {name for one in moved["moved"] for name in one["told"]}
    after = office.types("list", "--period", "2027", "--json", "--now", AUTUMN).json["occurrences"]
    assert not any(line["provisional"] for line in after)

    office.types("send", "--now", "2026-12-31T11:00+08:00")
    notices = [
        one
        for one in office.types("outbox", "--json", "--now", AUTUMN).json["messages"]
        if "改为" in one["text"] and one["built_at"].startswith("2026-12-31T03")
    ]
    assert {one["name"] for one in notices} == told
    again = office.types("plan", "--json", "--now", "2026-12-31T12:00+08:00").json
    assert (again["moved"], again["notices"]) == ([], 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("今天天气很好，适合下村走访。", "不像"),
        (INVENTED_NOTICE_2027.replace("2027", "2028"), "2028"),
        (INVENTED_NOTICE_2027.replace("共9天", "共8天"), "共8天"),
        ("", ""),
    ],
    ids=["rubbish", "another year", "a wrong sum", "an empty file"],
)
def test_a_bad_notice_is_refused_with_the_reason_and_nothing_changes(office: Office, tmp_path: Path, text: str, why: str) -> None:
    office.types("plan", "--now", AUTUMN)
    notice = tmp_path / "通知.txt"
    notice.write_text(text, encoding="utf-8")
    answer = office.types("holidays", "import", str(notice), "--year", "2027", "--yes", "--now", AUTUMN)
    assert answer.code == 1
    assert why in answer.err
    assert "什么也没有改动" in answer.err
    assert not list((office.home / "holidays").glob("2027*"))
    assert office.types("plan", "--json", "--now", AUTUMN).json["provisional"] > 0


@pytest.mark.long
def test_what_is_rehearsed_until_the_end_of_the_year_is_what_is_really_sent(office: Office, postbox: Postbox) -> None:
    office.starts_on("2026-12-01")
    (office.home / "channels.yaml").write_text(
        "channels:\n  outbox:\n    type: mail\n    host: 127.0.0.1\n"
        f"    port: {postbox.port}\n    security: none\n    sender: 曹回镇法治办 <fazhi@caohui.example>\n",
        encoding="utf-8",
    )
    assert office.types("check").code == 0
    office.types("plan", "--now", DECEMBER)
    rehearsed = office.types("rehearse", "--until", "2026-12-31", "--json", "--now", DECEMBER).json["messages"]
    assert len(rehearsed) > 100

    sent: list[tuple[str, str, str, str]] = []
    days = [date(2026, 12, 1) + timedelta(days=count) for count in range(31)]
    # Ticks come all day long; these two let nothing look like a stop, and send nothing that was not rehearsed.
    quiet = {f"{day}T{wall}:00+08:00" for day in days for wall in ("08:45", "17:00")}
    for at in sorted(quiet | {one["at"] for one in rehearsed}):
        office.types("send", "--now", at)
        sent += [(at, *_read(mail)) for mail in postbox.mails if "】岁时：" not in str(mail["Subject"])]  # words to the office
        postbox.mails.clear()
    expected = [(one["at"], one["address"], one["subject"], _lines(one["text"])) for one in rehearsed]
    assert sorted(sent) == sorted(expected)


def _read(mail: EmailMessage) -> tuple[str, str, str]:
    body = mail.get_body(("plain",))
    assert body is not None
    return mail["To"].addresses[0].addr_spec, str(mail["Subject"]), _lines(body.get_content())


def _lines(text: str) -> str:
    """Without numbers: the office's own messages, which are not rehearsed, take some."""
    text = re.sub(r"T\d{4}-\d{6}", "T", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
