"""Every list as a file: the rows of the page, in its order, filtered as it is, and text that stays text."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable
from urllib.parse import unquote

import httpx
import pytest
from openpyxl import load_workbook

from tests.web.busy_town import BusyTown
from web.app import create_app

Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(busy: BusyTown) -> Ask:
    app = create_app(busy.app)

    def get(path: str, who: str = "admin") -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app)
            cookies = busy.cookies(who)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8600", cookies=cookies) as client:
                return await client.get(busy.fill(path))

        return asyncio.run(once())

    return get


def table(answer: httpx.Response) -> tuple[str, list[dict[str, object]]]:
    """The sentence above the table, and its rows by heading."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    (sheet,) = load_workbook(io.BytesIO(answer.content), read_only=True).worksheets
    rows = list(sheet.iter_rows(values_only=True))
    headings = [str(value) for value in rows[2]]
    return str(rows[1][0]), [dict(zip(headings, row, strict=True)) for row in rows[3:]]


def test_the_outbox_is_exported_as_it_is_filtered_without_addresses(ask: Ask, busy: BusyTown) -> None:
    note, every = table(ask("/outbox.xlsx"))
    said, sent = table(ask("/outbox.xlsx?state=sent&person=wangmin"))
    page = ask("/outbox?state=sent&person=wangmin").text

    assert f"共{len(every)}条" in note
    assert f"共 <b>{len(sent)}</b> 封" in page
    assert [str(row["编号"]) for row in sent[:30]] == re.findall(r'href="/outbox/(T[\d-]+)"', page)
    assert "范围：已发送、王敏" in said
    assert {(row["收件人"], row["状态"]) for row in sent} == {("王敏", "已写入发件箱")}
    assert all(row["渠道的回答"] and row["发出时间"] for row in sent)
    assert not [value for row in every for value in row.values() if "@" in str(value)]


def test_the_messages_of_another_are_in_nobodys_file(ask: Ask) -> None:
    _, rows = table(ask("/outbox.xlsx", "staff"))

    assert rows
    assert len({row["收件人"] for row in rows}) == 1


def test_the_log_is_exported_whole_in_its_order_with_the_code_at_its_end(ask: Ask) -> None:
    note, rows = table(ask("/log.xlsx"))
    page = ask("/log").text

    newest = re.search(r"目前最新的一句是“(完成记录：第(\d+)条，校验码 ([0-9a-f-]+))”", page)
    assert newest
    assert [row["条号"] for row in rows] == list(range(1, int(newest[2]) + 1))
    assert (rows[-1]["校验码"], newest[1] in note) == (newest[3], True)
    first = re.search(
        r'<td class="half">(\d+)</td>\s*<td class="day half">[^<]+</td>\s*<td>.*?</td>\s*<td class="half">([^<]+)<', page
    )
    assert first
    assert rows[int(first[1]) - 1]["动作"] == first[2]


def test_what_will_go_out_is_a_table_of_the_same_messages(ask: Ask) -> None:
    note, rows = table(ask("/coming.xlsx"))
    page = ask("/coming").text

    assert len(rows) == page.count("<details><summary>")
    assert "其间有人办结或改期的" in note
    assert all(row["涉及的办理项"] for row in rows)


def test_duties_and_people_are_tables_in_the_order_of_the_page(ask: Ask) -> None:
    _, duties = table(ask("/duties.xlsx"))
    _, people = table(ask("/people.xlsx"))
    page, roster = ask("/duties").text, ask("/people").text

    assert [row["代号"] for row in duties] == re.findall(r'href="/duties/([\w-]+)"', page)
    assert duties[0]["时限规则"] == "每季度至少1次"
    assert list(dict.fromkeys(row["代号"] for row in people)) == re.findall(r'<td><a href="/people/([\w-]+)"', roster)
    assert not [value for row in people for value in row.values() if "@" in str(value)]


def test_a_sign_in_sheet_is_a_file_to_print(ask: Ask) -> None:
    answer = ask("/gather/{hall}/sheet.xlsx")
    _, rows = table(answer)
    page = ask("/gather/{hall}").text

    assert f"共 <b>{len(rows)}</b> 人" in page
    assert all(row["姓名"] and str(row["姓名"]) in page for row in rows)
    assert unquote(answer.headers["content-disposition"].partition("filename*=UTF-8''")[2]).startswith("签到表_截至")
    assert ask("/gather/{hall}/sheet.xlsx", "auditor").status_code == 403


@pytest.mark.parametrize(
    "path", ["/outbox.xlsx", "/log.xlsx", "/coming.xlsx", "/duties.xlsx", "/people.xlsx", "/gather/{hall}/sheet.xlsx"]
)
def test_more_than_a_file_holds_is_refused_with_a_sentence(ask: Ask, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.table_file.MOST_ROWS", 0)

    answer = ask(path)

    assert (answer.status_code, "一次最多导出0条" in answer.text) == (400, True)


def test_what_each_village_has_for_itself_stands_in_the_official_order(ask: Ask, busy: BusyTown) -> None:
    villages = [one.name for one in busy.app.roster.units.values() if one.kind == "village"]
    lines = ask("/list.csv?text=dispute-village&day=2026-10-23").content.decode("utf-8-sig").splitlines()

    assert [next(name for name in villages if f'"{name}"' in line) for line in lines[1:]] == villages
    assert villages != sorted(villages)
