"""What a ledger tells of each line, and that its figures are those of the leaders' page."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.store import Store
from planning.duty import Kind, Measure, Party
from planning.rules import FixedDay
from planning.workdays import Workdays, builtin_years
from reports import ledger
from reports.conditions import Filters
from reports.ledger import LedgerLine, MeasureName, open_ledger
from reports.ledger_columns import columns, overdue_workdays, state, written
from reports.ledger_sums import LedgerSums, figures_of_line
from reports.overview import overview
from services.evidence import NewEvidence
from tests.reports.planned_town import TZ, PlannedTown, found_town

TODAY = date(2026, 4, 13)
EVERYTHING = Filters()
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def town(store: Store) -> PlannedTown:
    return found_town(store, Workdays(builtin_years()))


def lines(town: PlannedTown, filters: Filters = EVERYTHING, as_of: date = TODAY) -> list[LedgerLine]:
    with open_ledger(town.store, filters, as_of=as_of, workdays=town.basis.workdays, tz=TZ) as found:
        return list(found.lines)


def cells(town: PlannedTown, as_of: date = TODAY, filters: Filters = EVERYTHING) -> list[dict[str, Any]]:
    """Each line by its headings."""
    with open_ledger(town.store, filters, as_of=as_of, workdays=town.basis.workdays, tz=TZ) as found:
        listed = columns(as_of, found.measures)
        return [{column.heading: column.value(line) for column in listed} for line in found.lines]


def test_a_line_tells_who_has_which_part_and_what_came_of_it(town: PlannedTown, tmp_path: Path) -> None:
    duty = town.duty(
        basis="学法用法制度",
        partners=(Party(person="zhaolei"),),
        overseer=Party(person="chenxia"),
        verifier=Party(person="chenxia"),
        sign_off=True,
        measures=(Measure("场次", "场"), Measure("人次", "人次")),
    )
    town.plan(duty)
    town.at(3, 10).extend("study-law:2026", date(2026, 4, 8))
    files = [NewEvidence("通知.pdf", PDF), NewEvidence("签到表.pdf", PDF)]
    said = {"measures": {"场次": 1, "人次": 86}, "note": "已集中学习", "evidence": files, "folder": tmp_path}
    town.at(4, 10).done("study-law:2026", **said)
    town.at(4, 11, 1).sign_off("study-law:2026")  # still the 10th in UTC
    [line] = cells(town)
    assert line == {
        "类别": "学习",
        "事项": "专题学法",
        "责任领导": ("陈霞",),
        "责任单位": "司法所",
        "配合": ("赵磊",),
        "责任人": ("王敏",),
        "原时限": date(2026, 3, 30),
        "现时限": date(2026, 4, 8),
        "延期次数": 1,
        "状态": "逾期办结",
        "逾期工作日": 2,
        "完成日期": date(2026, 4, 10),
        "场次（场）": 1,
        "人次（人次）": 86,
        "佐证材料": ("通知.pdf", "签到表.pdf"),
        "验收人": ("陈霞",),
        "销号日期": date(2026, 4, 11),
        "依据": "学法用法制度",
        "备注": "已集中学习",
        "编号": "study-law:2026",
    }


def test_what_was_taken_back_by_reopening_is_no_longer_told(town: PlannedTown) -> None:
    town.plan(town.duty(measures=(Measure("场次", "场"),)))
    town.at(3, 9).done("study-law:2026", measures={"场次": 3})
    assert cells(town)[0]["场次（场）"] == 3
    town.reopen("study-law:2026")
    [line] = cells(town)
    assert (line["场次（场）"], line["备注"], line["完成日期"]) == (None, "", None)


def test_every_standing_has_a_word_of_its_own(town: PlannedTown) -> None:
    days = {
        "overdue": FixedDay(4, 9),
        "today": FixedDay(4, 13),
        "soon": FixedDay(4, 20),
        "open": FixedDay(4, 30),
        "done": FixedDay(4, 3),
        "late": FixedDay(3, 31),
        "waived": FixedDay(4, 14),
        "withdrawn": FixedDay(4, 15),
        "asked": FixedDay(4, 10),
        "silent": FixedDay(3, 4),
    }
    duties = [town.duty(key, day, title=key) for key, day in days.items()]
    standing = town.duty("standing", FixedDay(4, 7), title="standing", standing=True)
    town.at(3, 16).plan(*duties, standing, silent_before=date(2026, 3, 10))
    town.at(4, 3).done("done:2026")
    town.done("late:2026")
    town.done("standing:2026", standing=True)
    town.at(4, 9).ask_extension("asked:2026", date(2026, 4, 24))
    town.waive("waived:2026")
    town.plan(*(duty for duty in duties if duty.key != "withdrawn"), standing, retire=True, yes_many=True)
    seen = {line["事项"]: (line["状态"], line["逾期工作日"]) for line in cells(town)}
    assert seen == {
        "silent": ("启用前到期", None),
        "late": ("逾期办结", 3),
        "standing": ("已复核", None),
        "done": ("已办结", None),
        "overdue": ("逾期", 2),
        "asked": ("延期待批", None),
        "today": ("今日到期", None),
        "waived": ("免办", None),
        "soon": ("临近到期", None),
        "open": ("待办", None),
    }
    [gone] = cells(town, filters=Filters(states=("withdrawn",)))
    assert gone["状态"] == "已撤回"
    remarks = {line["事项"]: line["备注"] for line in cells(town)}
    assert remarks["asked"] == "申请延至2026-04-24"
    assert remarks["standing"].startswith("长期坚持")


def test_a_day_that_is_not_sure_and_one_that_waits_for_its_notice_say_so(town: PlannedTown) -> None:
    town.plan(town.duty(), years=(2026, 2027))
    sure, unsure = cells(town)
    assert "暂定" not in sure["备注"]
    assert "暂定，放假安排未公布" in unsure["备注"]


def test_nothing_to_report_and_a_missing_proof_are_words(town: PlannedTown) -> None:
    town.plan(town.duty(zero_report=True))
    assert cells(town)[0]["佐证材料"] == ()
    town.at(3, 9).done("study-law:2026", nothing_to_report=True, note="")
    [line] = cells(town)
    assert (line["备注"], line["佐证材料"]) == ("本期无，报平安", "无")


def test_many_measures_share_a_column_and_none_have_no_column(town: PlannedTown) -> None:
    town.plan(town.duty())
    assert not any("指标" in heading for heading in cells(town)[0])
    town.at(1, 6).plan(
        town.duty(measures=(Measure("场次", "场"), Measure("人次", "人次"))),
        town.duty("check", FixedDay(4, 8), title="检查", measures=tuple(Measure(f"指标{n}", "件") for n in range(5))),
    )
    town.at(3, 9).done("study-law:2026", measures={"人次": 86, "场次": 1})
    study, check = cells(town)
    assert (study["完成指标"], check["完成指标"]) == ("场次1场、人次86人次", "")


def test_a_measure_that_two_duties_count_in_different_units_has_none_in_its_heading(town: PlannedTown) -> None:
    town.plan(town.duty(measures=(Measure("次数", "场"),)), town.duty("b", FixedDay(4, 8), measures=(Measure("次数", "件"),)))
    with open_ledger(town.store, EVERYTHING, as_of=TODAY, workdays=town.basis.workdays, tz=TZ) as found:
        assert found.measures == (MeasureName("次数", ""),)


def test_lines_come_by_due_day_however_many_are_read_together(town: PlannedTown, monkeypatch: pytest.MonkeyPatch) -> None:
    town.plan(*(town.duty(f"d{n}", FixedDay(1 + n * 5 % 12, 9), title=f"{n}") for n in range(11)))
    at_once = [one.line.ref for one in lines(town)]
    monkeypatch.setattr(ledger, "_TOGETHER", 2)
    assert [one.line.ref for one in lines(town)] == at_once
    days = [one.line.due_on for one in lines(town)]
    assert days == sorted(days)
    assert len(days) == 11


def test_too_many_lines_are_refused_in_a_sentence(town: PlannedTown, monkeypatch: pytest.MonkeyPatch) -> None:
    town.plan(town.duty(), town.duty("b"))
    monkeypatch.setattr(ledger, "MOST_LINES", 1)
    with pytest.raises(ValueError, match=r"^符合条件的有2项，一次最多导出1项，请缩小范围后再导出。$"):
        lines(town)
    with pytest.raises(ValueError, match="没有“gone”这个状态"):
        lines(town, Filters(states=("gone",)))


def test_its_figures_are_those_of_the_leaders_page(town: PlannedTown) -> None:
    kinds, at = list(Kind), ("sifasuo", "huilong")
    days = [(2, 2), (2, 9), (3, 4), (3, 9), (3, 13), (3, 20), (3, 30), (4, 2), (4, 9), (4, 10), (4, 15), (4, 30), (6, 1), (9, 1)]
    duties = [town.duty(f"d{n}", FixedDay(*day), kind=kinds[n % 5], owner=Party(unit=at[n % 2])) for n, day in enumerate(days)]
    town.at(2, 20).plan(*duties, silent_before=date(2026, 2, 10))
    town.at(3, 2).extend("d12:2026", date(2026, 12, 1))
    town.waive("d10:2026")
    town.done("d5:2026")
    town.at(4, 10).done("d2:2026")
    town.ask_extension("d9:2026", date(2026, 6, 1))
    page = overview(town.store, 2026, as_of=TODAY, workdays=town.basis.workdays)
    sums = LedgerSums()
    for one in lines(town, Filters(due_from=date(2026, 1, 1), due_to=date(2026, 12, 31))):
        sums.add(one.line)
    assert page.whole.overdue > 0
    assert page.whole.silent > 0
    assert page.whole.extension_pending == page.whole.waived == page.whole.extended == page.whole.late == 1
    assert sums.whole() == page.whole
    assert [figures for _, figures in sums.kinds()] == [page.by_kind[kind] for kind in Kind]
    in_order = ("caohui", "sifasuo", "huilong")
    assert sums.units(in_order) == [(unit.name, unit.figures) for unit in page.by_unit]
    assert [name for name, _ in sums.units(("huilong",))] == ["回龙村", "司法所"]


def test_what_was_withdrawn_counts_nowhere(town: PlannedTown) -> None:
    town.plan(town.duty())
    town.plan(retire=True, yes_many=True)
    [one] = lines(town, Filters(states=("withdrawn",)))
    assert not any(getattr(figures_of_line(one.line), each.name) for each in fields(figures_of_line(one.line)))
    assert (state(one.line, TODAY), overdue_workdays(one)) == ("withdrawn", None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("两行\n一格\t又", "两行\n一格\t又"),
        ("\x00\x08坏\x1b字\x7f符", "坏字符"),
        ("\u202e倒写\u202c\u200b", "倒写"),
        ("半\ud83d个\ufffe", "半个"),
        ("😀", "😀"),
        ("长" * 20_000, "长" * 16_000 + "…"),
    ],
)
def test_what_no_cell_can_hold_is_left_out_and_the_rest_stays(typed: str, kept: str) -> None:
    assert written(typed) == kept
