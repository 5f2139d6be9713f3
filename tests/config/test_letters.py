"""letters.yaml: what an office says when it presses, and what it is told when it slips."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import yaml

from config.letters import FILE, read_letters, standard_sheets
from planning.duty import Role
from planning.sheets import LAMPS, PLACEHOLDERS

if TYPE_CHECKING:
    from tests.config.conftest import Home

ONE = "sheets:\n  - {from: T+2, to: [overseer], lamp: 红, heading: 催办函, demand: '请{责任人}办理'}\n"


def test_without_the_file_the_standard_sheets_are_in_force(home: Home) -> None:
    office = home.read()
    assert office.letters.sheets == standard_sheets()
    assert office.problems == ()
    assert [(sheet.from_workday, sheet.lamp, sheet.heading) for sheet in standard_sheets()] == [
        (1, "橙", "催办单"),
        (3, "橙", "督办单"),
        (7, "红", "督办单"),
    ]
    assert all(Role.LEADER in sheet.to for sheet in standard_sheets()[1:])


def test_the_lamp_of_the_standard_sheets_only_grows_with_the_days() -> None:
    """督办单 is 橙 at T+3 and 红 at T+7 (DOMAIN 4): no later one is milder, and 黄 means that there is still time."""
    weights = [LAMPS.index(sheet.lamp) for sheet in sorted(standard_sheets(), key=lambda sheet: sheet.from_workday)]
    assert weights == sorted(weights)
    assert "黄" not in {sheet.lamp for sheet in standard_sheets()}


def test_the_standard_sheets_are_short_and_polite() -> None:
    for sheet in standard_sheets():
        for words in (sheet.opening, sheet.demand, sheet.closing):
            assert 0 < len(words) <= 60
            assert not any(rude in words for rude in ("!", "！", "立即", "必须", "否则", "排名"))


def test_the_office_words_its_own(home: Home) -> None:
    home.write(FILE, ONE)
    (sheet,) = home.read().letters.sheets
    assert (sheet.from_workday, sheet.to, sheet.heading) == (2, frozenset({Role.OVERSEER}), "催办函")
    assert (sheet.opening, sheet.demand) == ("", "请{责任人}办理")


def test_a_list_without_sheets_asks_for_none(home: Home) -> None:
    home.write(FILE, "sheets: []\n")
    assert home.read().letters.sheets == ()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (ONE.replace("T+2", "T-2"), "不是逾期的工作日数"),
        (ONE.replace("T+2", "T+0"), "不是逾期的工作日数"),
        (ONE.replace("overseer", "boss"), "不认识的角色"),
        (ONE.replace("红", "绿"), "不在可选范围内"),
        (ONE.replace("{责任人}", "{责任入}"), "不认识的代称"),
        (ONE.replace("heading: 催办函, ", ""), "缺少 heading"),
        (ONE.replace("heading", "header"), "不认识的字段"),
        (ONE.replace("to: [overseer]", "to: []"), "没有写发给谁"),
        (ONE + ONE.removeprefix("sheets:\n"), "都从 T+2 起发给分管领导"),
        ("lettes: []\n", "缺少 sheets"),
        ("sheets: 催办单\n", "应当是一个列表"),
    ],
)
def test_each_slip_is_told_with_its_line_and_harms_nothing_else(home: Home, wrong: str, sentence: str) -> None:
    home.write(FILE, wrong)
    office = home.read()
    assert any(sentence in problem.message and problem.file == FILE and problem.line for problem in office.errors)
    assert not office.unusable
    assert not any(sheet.heading == "催办函" for sheet in office.letters.sheets[1:])


def test_a_file_that_makes_no_sense_leaves_the_standard_in_force(home: Home) -> None:
    home.write(FILE, "# 全删了\n")
    office = home.read()
    assert office.letters.sheets == standard_sheets()
    assert [problem.file for problem in office.errors] == [FILE]


def test_a_new_words_file_says_what_the_standard_says() -> None:
    text = files("config").joinpath("standard", FILE).read_text(encoding="utf-8")
    assert len(yaml.safe_load(text)["sheets"]) == len(standard_sheets())
    assert all(f"{{{name}}}" in text for name in PLACEHOLDERS)


def test_reading_alone_and_with_the_office_gives_the_same(home: Home) -> None:
    home.write(FILE, ONE)
    assert read_letters(home.folder) == home.read().letters
