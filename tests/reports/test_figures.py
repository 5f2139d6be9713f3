from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from models.occurrence import assignments, extension_requests, occurrences
from planning.duty import Kind
from planning.periods import spans
from reports.conditions import NO_UNIT
from reports.figures import COUNTED, STATE_OF, Figures, rate
from reports.memo import Memo
from reports.occurrences import STATE_WORDS, Filters, OccurrenceLine, listing
from reports.overview import last_change, overview
from reports.year import year_calendar

AS_OF = date(2026, 3, 9)
DAYS = st.dates(date(2025, 11, 20), date(2027, 1, 10))
FLAGS = ("provisional", "awaiting_notice", "silent", "late", "proved", "sign_off_needed")
ROW = st.fixed_dictionaries(
    {
        "due": st.one_of(DAYS, st.sampled_from([AS_OF, AS_OF - timedelta(days=1), AS_OF + timedelta(days=1)])),
        "state": st.sampled_from(["open", "open", "done", "waived", "withdrawn"]),
        "unit": st.sampled_from(["fazhi", "dangzheng", "gone", None]),
        "kind": st.sampled_from([kind.value for kind in Kind]),
        "extensions": st.integers(0, 2),
        "signed_off_at": st.none(),
        "asked_to": st.one_of(st.none(), st.just(date(2027, 1, 20))),
        **dict.fromkeys(FLAGS, st.booleans()),
    }
)
SMALL = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fill(office: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    with office.store.write() as db:
        db.execute(delete(extension_requests))
        db.execute(delete(assignments))
        db.execute(delete(occurrences))
    for number, row in enumerate(rows):
        office.occurrence(period=f"2026-{number:02}", **row)
    return [row for row in rows if row["state"] != "withdrawn"]


def is_overdue(row: dict[str, Any]) -> bool:
    if row["state"] != "open" or row["due"] >= AS_OF:
        return False
    return not (row["silent"] or row["awaiting_notice"] or row["asked_to"])


def by_hand(rows: list[dict[str, Any]]) -> Figures:
    return Figures(
        total=len(rows),
        done=sum(row["state"] == "done" for row in rows),
        late=sum(row["state"] == "done" and row["late"] for row in rows),
        overdue=sum(map(is_overdue, rows)),
        pending=sum(row["state"] == "open" and not row["silent"] and not is_overdue(row) for row in rows),
        silent=sum(row["state"] == "open" and row["silent"] for row in rows),
        waived=sum(row["state"] == "waived" for row in rows),
        extended=sum(row["extensions"] > 0 for row in rows),
        unproved=sum(row["state"] == "done" and not row["proved"] for row in rows),
        unsigned=sum(row["state"] == "done" and row["sign_off_needed"] for row in rows),
        provisional=sum(row["state"] == "open" and row["provisional"] for row in rows),
        extension_pending=sum(row["state"] == "open" and row["asked_to"] is not None for row in rows),
    )


@SMALL
@given(rows=st.lists(ROW, max_size=12))
def test_the_leaders_figures_are_what_counting_by_hand_gives(office: Any, workdays: Any, rows: list[dict[str, Any]]) -> None:
    kept = fill(office, rows)
    year = [row for row in kept if row["due"].year == 2026]
    page = overview(office.store, 2026, as_of=AS_OF, workdays=workdays)
    assert page.whole == by_hand(year)
    assert page.by_kind == {kind.value: by_hand([row for row in year if row["kind"] == kind]) for kind in Kind}
    assert list(page.by_month) == [by_hand([row for row in year if row["due"].month == month]) for month in range(1, 13)]
    assert [one.unit for one in page.by_unit if one.unit in {"fazhi", "dangzheng"}] == [
        key for key in ("fazhi", "dangzheng") if any(row["unit"] == key for row in year)
    ]
    for one in page.by_unit:
        assert one.figures == by_hand([row for row in year if row["unit"] == one.unit])
    assert page.overdue.total == sum(map(is_overdue, kept))
    assert all(line.overdue for line in page.overdue.lines)
    april = [row for row in kept if row["state"] == "open" and (row["due"].year, row["due"].month) == (2026, 4)]
    assert page.next_month.total == len(april)
    whole = page.whole
    assert whole.total == whole.done + whole.overdue + whole.pending + whole.silent + whole.waived


@SMALL
@given(rows=st.lists(ROW, max_size=12))
def test_the_calendar_holds_what_counting_by_hand_gives(office: Any, workdays: Any, rows: list[dict[str, Any]]) -> None:
    kept = fill(office, rows)
    for month in year_calendar(office.store, 2026, as_of=AS_OF, workdays=workdays).months:
        for cell in month.days:
            here = [row for row in kept if row["due"] == cell.day]
            assert (cell.due, cell.overdue) == (len(here), sum(map(is_overdue, here)))
            assert cell.done == sum(row["state"] == "done" for row in here)
            assert cell.provisional == sum(row["state"] == "open" and row["provisional"] for row in here)


MEANINGS: dict[str, Any] = {
    "due": lambda row: row["state"] == "done" or is_overdue(row),
    "open": lambda row: row["state"] == "open",
    "pending": lambda row: row["state"] == "open" and not row["silent"] and not is_overdue(row),
    "overdue": is_overdue,
    "stagnant": lambda row: False,  # nobody was told anything: tests/reports/test_stagnation.py
    "today": lambda row: row["state"] == "open" and row["due"] == AS_OF,
    "soon": lambda row: row["state"] == "open" and AS_OF <= row["due"] <= date(2026, 3, 16),
    "provisional": lambda row: row["state"] == "open" and row["provisional"],
    "silent": lambda row: row["state"] == "open" and row["silent"],
    "done": lambda row: row["state"] == "done",
    "on-time": lambda row: row["state"] == "done" and not row["late"],
    "late": lambda row: row["state"] == "done" and row["late"],
    "waived": lambda row: row["state"] == "waived",
    "withdrawn": lambda row: row["state"] == "withdrawn",
    "extended": lambda row: row["extensions"] > 0 and row["state"] != "withdrawn",
    "unproved": lambda row: row["state"] == "done" and not row["proved"],
    "extension-pending": lambda row: row["state"] == "open" and row["asked_to"] is not None,
    "awaiting": lambda row: row["state"] == "open" and row["awaiting_notice"],
    "unsigned": lambda row: row["state"] == "done" and row["sign_off_needed"],
    "not-signed-off": lambda row: row["state"] in {"open", "done"} and row["sign_off_needed"],
}


@SMALL
@given(rows=st.lists(ROW, max_size=12))
def test_each_word_of_the_lists_finds_what_it_means(office: Any, workdays: Any, rows: list[dict[str, Any]]) -> None:
    fill(office, rows)
    assert set(MEANINGS) == set(STATE_WORDS)
    for word, meaning in MEANINGS.items():
        found = listing(office.store, Filters(states=(word,)), as_of=AS_OF, workdays=workdays)
        assert found.total == len(found.lines) == sum(map(meaning, rows)), word
    several = listing(office.store, Filters(states=("done", "overdue"), units=("fazhi",)), as_of=AS_OF, workdays=workdays)
    assert several.total == sum(row["unit"] == "fazhi" and (row["state"] == "done" or is_overdue(row)) for row in rows)


def opened(figures: Figures) -> dict[str, int]:
    return {name: getattr(figures, name) for name in STATE_OF}


@SMALL
@given(rows=st.lists(ROW, max_size=12))
def test_each_figure_is_the_number_of_rows_that_its_word_finds(office: Any, workdays: Any, rows: list[dict[str, Any]]) -> None:
    fill(office, rows)
    page = overview(office.store, 2026, as_of=AS_OF, workdays=workdays)

    def found(first: date = date(2026, 1, 1), last: date = date(2026, 12, 31), **fields: Any) -> dict[str, int]:
        def total(word: str) -> int:
            wanted = Filters(states=(word,) if word else (), due_from=first, due_to=last, **fields)
            return listing(office.store, wanted, as_of=AS_OF, workdays=workdays, limit=1).total

        return {name: total(word) for name, word in STATE_OF.items()}

    assert set(COUNTED) <= set(STATE_OF)
    assert opened(page.whole) == found()
    for kind, figures in page.by_kind.items():
        assert opened(figures) == found(kinds=(kind,)), kind
    for one in page.by_unit:
        assert opened(one.figures) == found(units=(one.unit or NO_UNIT,)), one.name
    for span, figures in zip(spans("month", 2026), page.by_month, strict=True):
        assert opened(figures) == found(span.first, span.last), span.period


@given(part=st.integers(0, 300), more=st.integers(0, 300))
def test_a_rate_is_never_better_than_the_truth_at_the_top(part: int, more: int) -> None:
    shown = rate(part, part + more)
    if part + more == 0:
        assert shown == "无"
    else:
        assert (shown == "100.0%") == (more == 0)
        assert abs(float(shown[:-1]) - 100 * part / (part + more)) <= 0.1


def line(office: Any, workdays: Any, ref: str) -> OccurrenceLine:
    [found] = listing(office.store, Filters(refs=(ref,)), as_of=AS_OF, workdays=workdays).lines
    return found


def test_a_line_says_how_it_stands_in_workdays(office: Any, workdays: Any) -> None:
    overdue = office.occurrence(period="2026-01", due=date(2026, 3, 4))
    coming = office.occurrence(period="2026-02", due=date(2026, 3, 12), owner="liqiang", unit="dangzheng")
    waiting = office.occurrence(period="2026-03", due=date(2026, 3, 4), awaiting_notice=True)
    assert (line(office, workdays, overdue).overdue, line(office, workdays, overdue).workdays_left) == (True, -3)
    found = line(office, workdays, coming)
    assert (found.workdays_left, found.owners, found.unit_name) == (3, ("李强",), "党政办公室")
    assert not line(office, workdays, waiting).overdue
    asked = office.occurrence(period="2026-04", due=date(2026, 3, 4), asked_to=date(2026, 3, 20))
    found = line(office, workdays, asked)
    assert (found.overdue, found.extension_to) == (False, date(2026, 3, 20))


def test_lists_are_searched_and_turned_page_by_page(office: Any, workdays: Any) -> None:
    office.duty("notice", title="宪法宣传周", kind="publicity", basis="法治宣传教育法 100%")
    for month in range(1, 6):
        office.occurrence(period=f"2026-{month:02}", due=date(2026, month, 9))
    office.occurrence("notice", "2026-12", date(2026, 12, 4), owner="liqiang")

    def found(limit: int | None = None, offset: int = 0, **fields: Any) -> tuple[int, list[str]]:
        page = listing(office.store, Filters(**fields), as_of=AS_OF, workdays=workdays, limit=limit, offset=offset)
        return page.total, [one.period for one in page.lines]

    assert found(limit=2, offset=2) == (6, ["2026-03", "2026-04"])
    assert found(offset=4) == (6, ["2026-05", "2026-12"])
    assert found(text="宪法 宣传教育") == (1, ["2026-12"])
    assert found(text="0%") == (1, ["2026-12"])
    assert found(text="宪法_") == (0, [])
    assert found(persons=("liqiang",)) == (1, ["2026-12"])
    assert found(kinds=("study",), due_from=date(2026, 2, 1), due_to=date(2026, 3, 31)) == (2, ["2026-02", "2026-03"])
    assert found(period="2026")[0] == 6
    assert found(period="2026-1") == (0, [])
    assert found(refs=("notice:2026-12", "study-law:2026-01"))[0] == 2
    with pytest.raises(ValueError, match="没有“lost”这个状态"):
        found(states=("lost",))


def test_the_year_shows_rest_days_make_up_days_and_themes(office: Any, workdays: Any) -> None:
    office.duty("month-theme", title="一月一主题", kind="publicity")
    office.occurrence("month-theme", "2026-03", date(2026, 3, 31), title="三月普法主题：消费者权益保护")
    office.occurrence("month-theme", "2026-04", date(2026, 4, 30))
    page = year_calendar(office.store, 2026, as_of=AS_OF, workdays=workdays)
    cells = {cell.day: cell for month in page.months for cell in month.days}
    assert len(cells) == 365
    assert (cells[date(2026, 2, 28)].mark, cells[date(2026, 10, 1)].mark, cells[date(2026, 3, 7)].mark) == ("班", "休", "")
    assert [page.months[2].theme, page.months[3].theme] == ["消费者权益保护", ""]
    assert (page.busiest, page.provisional) == (1, False)
    assert year_calendar(office.store, 2027, as_of=AS_OF, workdays=workdays).provisional


def test_kept_figures_are_counted_again_after_each_record(office: Any, workdays: Any, clock: Any) -> None:
    refs = [office.occurrence(period=f"2026-0{month}") for month in (1, 2)]
    memo = Memo(keep=2)

    def done() -> tuple[int, int]:
        figures = overview(office.store, 2026, as_of=AS_OF, workdays=workdays, memo=memo).whole
        days = year_calendar(office.store, 2026, as_of=AS_OF, workdays=workdays, memo=memo)
        return figures.done, sum(cell.done for month in days.months for cell in month.days)

    assert done() == done() == (0, 0)
    office.done(refs[0], clock(3, 4))
    assert done() == done() == (1, 1)
    here = overview(office.store, 2026, as_of=AS_OF, workdays=workdays, memo=memo, units_only=("dangzheng",))
    assert here.whole == Figures()
    office.done(refs[1], clock(3, 4))
    assert done() == (2, 2)


def test_figures_that_did_not_change_are_not_counted_twice(office: Any, workdays: Any) -> None:
    office.occurrence()
    memo = Memo()
    counted = []

    def count() -> int:
        counted.append(1)
        return len(counted)

    with office.store.read() as db:
        assert [memo.get(db, "a", count), memo.get(db, "a", count), memo.get(db, "b", count)] == [1, 1, 2]


def test_the_stamp_of_the_figures_changes_with_each_record(office: Any, clock: Any) -> None:
    ref = office.occurrence()
    before = last_change(office.store)
    office.done(ref, clock(3, 5))
    assert last_change(office.store) != before
