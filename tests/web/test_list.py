"""完成台账: what its address asks for, chip by chip, and the same list as a file."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from starlette.datastructures import QueryParams

from planning.access import AccountRole
from planning.roster import Person, Post, Roster, Unit
from reports.occurrences import NO_UNIT, STATE_WORDS
from web.list_address import OWN, Wish, filters_of, read_wish, span_of, spans_of
from web.list_chips import chips_of, in_words
from web.words import KINDS

ROSTER = Roster(
    units={
        "town": Unit("town", "曹回镇", "town"),
        "office": Unit("office", "司法所", "office", parent="town"),
        "team": Unit("team", "调解队", "team", parent="office"),
        "village": Unit("village", "回龙村", "village", parent="town"),
    },
    people={"chenxia": Person("chenxia", "陈霞", (Post("office", "所长"),))},
)
UNHURRIED = settings(deadline=None)
DAY = st.dates(date(2020, 1, 1), date(2030, 12, 31)).map(date.isoformat)
WISH = st.builds(
    Wish,
    kind=st.sampled_from(["", *KINDS]),
    unit=st.sampled_from(["", "town", "office", "village", f"town{OWN}", NO_UNIT]),
    person=st.sampled_from(["", "chenxia", "nobody"]),
    state=st.sampled_from(["", *STATE_WORDS]),
    text=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=60),
    when=st.sampled_from(["", "2026", *spans_of(2027)]),
    day=st.one_of(st.just(""), DAY),
    since=st.one_of(st.just(""), DAY),
    until=st.one_of(st.just(""), DAY),
    order=st.sampled_from(["", "unit"]),
    whole=st.sampled_from(["", "1"]),
    page=st.integers(1, 99_999),
)


@UNHURRIED
@given(WISH)
def test_an_address_says_everything_and_is_read_as_it_was_written(wish: Wish) -> None:
    assert read_wish(QueryParams(wish.query()), ROSTER) == wish


@UNHURRIED
@given(WISH)
def test_each_chip_takes_away_its_own_filter_and_nothing_else(wish: Wish) -> None:
    chips = chips_of(wish, ROSTER)
    assert len({chip.without for chip in chips}) == len(chips)
    for chip in chips:
        rest = chips_of(read_wish(QueryParams(chip.without), ROSTER), ROSTER)
        assert [(one.name, one.value) for one in rest] == [(one.name, one.value) for one in chips if one != chip]
    assert bool(chips) == wish.is_filtered == bool(in_words(wish, ROSTER))


@UNHURRIED
@given(st.dictionaries(st.sampled_from(Wish.__slots__), st.text(max_size=80)))
def test_an_address_that_makes_no_sense_asks_for_nothing_strange(said: dict[str, str]) -> None:
    wish = read_wish(QueryParams(said), ROSTER, {"office", "team"})
    assert read_wish(QueryParams(wish.query()), ROSTER, {"office", "team"}) == wish
    assert set(filters_of(wish, ROSTER, {"office", "team"}).units) <= {"office", "team"}


@pytest.mark.parametrize(
    ("unit", "seen", "found"),
    [
        ("", (), set()),
        ("town", (), {"town", "office", "team", "village"}),
        (f"town{OWN}", (), {"town"}),
        ("office", (), {"office", "team"}),
        (NO_UNIT, (), {NO_UNIT}),
        ("gone", (), {"gone"}),
        ("", ("office", "team"), {"office", "team"}),
        ("town", ("office", "team"), {"office", "team"}),
        ("team", ("office", "team"), {"team"}),
        ("village", ("office", "team"), {"office", "team"}),  # outside the scope: as if it had not been said
        (NO_UNIT, ("office", "team"), {"office", "team"}),
    ],
)
def test_a_unit_means_what_is_below_it_and_never_more_than_the_visitor_may_see(
    unit: str, seen: tuple[str, ...], found: set[str]
) -> None:
    wish = read_wish(QueryParams({"unit": unit}), ROSTER, seen)
    assert set(filters_of(wish, ROSTER, seen).units) == found


def test_spans_of_time_meet() -> None:
    def between(**said: str) -> tuple[date | None, date | None]:
        found = filters_of(Wish(**said), ROSTER)
        return found.due_from, found.due_to

    assert between(when="2026") == (date(2026, 1, 1), date(2026, 12, 31))
    assert between(when="2026-H2") == (date(2026, 7, 1), date(2026, 12, 31))
    assert between(when="2026-Q1") == (date(2026, 1, 1), date(2026, 3, 31))
    assert between(when="2026-02") == (date(2026, 2, 1), date(2026, 2, 28))
    assert between(when="2026-Q1", since="2026-03-05") == (date(2026, 3, 5), date(2026, 3, 31))
    assert between(since="2026-03-05", until="2026-04-05") == (date(2026, 3, 5), date(2026, 4, 5))
    assert between(day="2026-03-05") == (date(2026, 3, 5), date(2026, 3, 5))
    assert [span_of(name) for name in ("2026-13", "2026-H3", "2026-Q5", "1999", "2026-W01")] == [None] * 5


def refs(page: str) -> list[str]:
    return [unquote(ref) for ref in re.findall(r'href="/o/([^"]+)"', page)]


def test_filters_are_chips_that_can_be_taken_away_one_by_one(town: Any) -> None:
    page = town.get("/list?kind=study&unit=caohui&state=overdue&when=2026-Q1").text
    said = re.findall(r'<li><a href="([^"]+)" title="去掉这个条件">([^<]+)<', page)
    assert [words.strip() for _, words in said] == [
        "类别：学习",
        "责任单位：曹回镇（含下级）",
        "状态：逾期",
        "到期时间：2026年第一季度",
    ]
    assert html.unescape(said[0][0]) == "/list?unit=caohui&state=overdue&when=2026-Q1"
    assert '<a class="plain" href="/list">清除筛选</a>' in page
    assert refs(page) == ["study-law:2026-Q1"]


def test_a_form_with_empty_fields_leads_to_a_short_address(town: Any) -> None:
    answer = town.get("/list?kind=study&unit=&person=&state=&when=2026-Q1&text=&since=&until=&order=")
    assert (answer.status_code, answer.headers["location"]) == (303, "/list?kind=study&when=2026-Q1")
    assert town.get("/list?text=").headers["location"] == "/list"


def test_what_the_address_asks_for_stands_in_the_form(town: Any) -> None:
    page = town.get("/list?unit=caohui_own&person=left&state=stagnant&when=2031-H1&since=2031-02-01&order=unit&text=x").text
    for chosen in ("caohui_own", "left", "stagnant", "2031-H1", "unit"):
        assert f'<option value="{chosen}" selected>' in page
    assert 'name="since" value="2031-02-01"' in page
    assert 'name="text" value="x"' in page


def test_the_list_goes_by_due_day_or_by_the_official_order_of_units(town: Any) -> None:
    by_unit = town.get("/list?when=2026-02&order=unit").text
    units = re.findall(r'<td class="half">(党政办公室|司法所|回龙村)</td>', by_unit)
    assert units == sorted(units, key=["党政办公室", "司法所", "回龙村"].index)
    assert units[0] == "党政办公室"
    by_day = re.findall(r'data-name="截止">([\d-]+)<', town.get("/list?when=2026-02").text)
    assert by_day == sorted(by_day)


def test_a_long_list_can_be_had_on_one_page_for_printing(town: Any) -> None:
    page = town.get("/list?unit=sifasuo").text
    link = re.search(r'href="(/list\?[^"]*whole=1[^"]*)"', page)
    assert link
    whole = town.get(html.unescape(link[1])).text
    total = re.search(r"共 <b>(\d+)</b> 项", whole)
    assert total
    assert len(refs(whole)) == int(total[1]) > 30
    assert "完成记录：" in whole


def test_a_filter_that_is_not_used_is_told(town: Any) -> None:
    assert "没有采用" not in town.get("/list?unit=dangzhengban").text
    assert "网址里的“<span>状态</span>、<span>责任单位</span>”没有采用" not in town.get("/list?state=overdue&unit=sifasuo").text
    town.sign_in("wangmin", AccountRole.OFFICE, scope="sifasuo")
    page = town.get("/list?unit=dangzhengban&state=nonsense&kind=study").text
    assert "网址里的“<span>状态</span>、<span>责任单位</span>”没有采用" in page
    assert "没有采用" not in town.get("/list?unit=sifasuo&kind=study").text


def test_a_scope_shows_nothing_of_other_units_whatever_the_address_says(town: Any) -> None:
    town.sign_in("wangmin", AccountRole.OFFICE, scope="sifasuo")
    for query in ("", "?unit=caohui", "?unit=dangzhengban", "?unit=-", "?person=zhangwei", "?unit=caohui_own"):
        page = town.get(f"/list{query}").text
        assert "党政办公室" not in page.partition('id="ledger"')[2], query
        for suffix in ("csv", "xlsx"):
            assert not {ref.partition(":")[0] for ref in exported(town, suffix, query)} & {"report", "discipline"}, (
                query,
                suffix,
            )
    assert 'value="dangzhengban"' not in town.get("/list").text


def exported(town: Any, suffix: str, query: str) -> list[str]:
    """The references in the file, in its order."""
    answer = town.get(f"/list.{suffix}{query}")
    assert answer.status_code == 200
    if suffix == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        return [row[rows[0].index("编号")] for row in rows[1:]]
    sheet = load_workbook(io.BytesIO(answer.content), read_only=True)["台账"]
    cells = (value for row in sheet.iter_rows(values_only=True) for value in row[-1:])
    return [str(value) for value in cells if value and ":" in str(value)]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_file_holds_the_lines_of_the_list_in_its_order(town: Any, suffix: str) -> None:
    query = "?unit=caohui&when=2026-H1&order=unit"
    assert exported(town, suffix, query) == refs(town.get(f"/list{query}&whole=1").text)
    page = town.get(f"/list{query}").text
    assert f'href="/list.{suffix}{html.escape(query)}"' in page


def test_the_file_has_a_chinese_name_and_a_plain_one_for_old_browsers(town: Any) -> None:
    answer = town.get("/list.xlsx?state=overdue")
    name = answer.headers["content-disposition"]
    assert 'filename="ledger-2026-04-08.xlsx"' in name
    assert unquote(name.partition("filename*=UTF-8''")[2]) == "完成台账_截至2026-04-08.xlsx"
    assert answer.headers["cache-control"] == "no-store"
    first = load_workbook(io.BytesIO(answer.content), read_only=True)["台账"].iter_rows(values_only=True, max_row=3)
    assert "范围：状态：逾期" in " ".join(str(value) for row in first for value in row if value)


def test_a_list_that_is_too_long_for_a_file_says_so_above_the_list(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.ledger.MOST_LINES", 3)
    answer = town.get("/list.xlsx?unit=sifasuo")
    assert answer.status_code == 400
    assert "请缩小范围后再导出" in answer.text
    assert '<option value="sifasuo" selected>' in answer.text
