"""A rule and a ladder taken apart into the blanks of a form, and put together again."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.editing.ladder_parts import NAMED, OWN, TEXT, USUAL, LadderParts, StepRow, ladder_parts_of
from config.editing.reading import read_one_ladder, read_one_rule
from config.editing.refusals import EditRefused
from config.editing.rule_parts import BLANKS, RuleParts, parts_of, parts_of_rule
from config.editing.spelling import content_of
from planning import rules
from planning.duty import Shift
from planning.ladder import parse_ladder
from tests.planning.test_provisional import EVERY_KIND, RULES

ALONE = (rules.Recurrence,)
"""Has no blanks of its own: it is written as text."""


def written(rule: rules.DateRule) -> RuleParts:
    """The parts as a form would hold them after the rule was read from a file."""
    parts = parts_of_rule(rule)
    assert parts is not None
    return parts


@pytest.mark.parametrize("rule", [one for one in EVERY_KIND if not isinstance(one, ALONE)], ids=lambda one: type(one).__name__)
def test_every_kind_of_rule_has_blanks_that_say_the_same(rule: rules.DateRule) -> None:
    parts = written(rule)

    assert set(parts.blanks) == set(BLANKS[parts.kind])
    assert read_one_rule(content_of(parts.value()), "").rule == rule
    assert parts_of(content_of(parts.value())) == parts


@given(rule=RULES)
def test_any_rule_comes_back_from_its_blanks(rule: rules.DateRule) -> None:
    content = content_of(written(rule).value())

    again = read_one_rule(content, "").rule
    assert again is not None
    assert parts_of(content_of(written(again).value())) == parts_of(content)


def test_the_office_writes_a_blank_as_it_likes() -> None:
    typed = RuleParts("after", {"days": "７", "unit": "workdays", "events": "罚-1：2026.9.24\n\n罚-2: 2026年10月8日"})

    read = read_one_rule(content_of(typed.value()), "")

    assert read.rule == rules.AfterEvent(7, working=True, events=(("罚-1", date(2026, 9, 24)), ("罚-2", date(2026, 10, 8))))
    assert read.shift is Shift.FORWARD
    for day in ("3月31日", "3.31", "03-31", "三月三十一日"):
        assert read_one_rule(content_of(RuleParts("yearly", {"day": day, "how": "by"}).value()), "").rule == rules.Before(
            3, 31, inclusive=True
        )


@pytest.mark.parametrize(
    "typed",
    [
        RuleParts("yearly", {"day": "", "how": "by"}),
        RuleParts("yearly", {"day": "2月30日", "how": "on"}),
        RuleParts("monthly", {"day": "三", "months": ""}),
        RuleParts("quota", {"per": "decade", "count": "1"}),
        RuleParts("workday", {"of": "month", "n": "0", "months": "1"}),
        RuleParts("weekly", {"weekday": "8"}),
        RuleParts("once", {"day": "2026-13-01"}),
        RuleParts("after", {"days": "", "unit": "days", "events": ""}),
        RuleParts("after", {"days": "7", "unit": "days", "events": "罚-1：下周"}),
        RuleParts("notified", {"day": "9月15日", "dates": "明年：2026-09-14"}),
        RuleParts("lunar", {"day": "九月三十一"}),
        RuleParts("term", {"name": "秋"}),
        RuleParts("market", {"days": "", "lunar": "1", "every": "1"}),
    ],
    ids=lambda typed: typed.kind,
)
def test_what_is_no_rule_is_told_by_the_reader_of_the_files(typed: RuleParts) -> None:
    read = read_one_rule(content_of(typed.value()), "")

    assert read.rule is None
    assert read.problems


@pytest.mark.parametrize("events", ["罚-1 2026-09-24", "：2026-09-24", "罚-1：", "罚-1：2026-09-24\n罚-1：2026-09-25"])
def test_a_line_that_names_no_day_or_one_name_twice_is_refused_with_the_line(events: str) -> None:
    with pytest.raises(EditRefused, match=r"罚-1|2026-09-24"):
        RuleParts("after", {"days": "7", "unit": "days", "events": events}).value()


def test_words_of_the_office_and_what_cannot_be_read_stay_text() -> None:
    for content in ("3月底", "尽快", {"by": "02-30"}, {"rrule": "FREQ=YEARLY;BYDAY=1WE", "starts": "2026-01-01"}):
        parts = parts_of(content)
        assert parts.kind == TEXT
        assert content_of(parts.value()) == content


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["assigned", "T0", "T-1", "T-20", "T+1", "T+7"]),
        st.lists(st.sampled_from(["owner", "partner", "overseer", "leader", "verifier"]), min_size=1, unique=True),
    ),
    min_size=1,
    unique_by=lambda step: step[0],
)


@given(STEPS)
def test_any_ladder_comes_back_from_its_rows(steps: list[tuple[str, list[str]]]) -> None:
    text = " ".join(f"{at}={','.join(to)}" for at, to in steps)

    parts = ladder_parts_of(text, ())

    assert parts.kind == OWN
    assert read_one_ladder(content_of(parts.value())) == parse_ladder(text)


def test_a_step_that_says_something_takes_a_row_of_its_own() -> None:
    parts = LadderParts(
        OWN, rows=(StepRow("before", "7", ("owner", "partner"), "请通知讲授人"), StepRow("due"), StepRow("after", "３"))
    )

    assert content_of(parts.value()) == [
        {"at": "T-7", "to": ["owner", "partner"], "say": "请通知讲授人"},
        {"at": "T0"},
        {"at": "T+3"},
    ]
    steps = read_one_ladder(content_of(parts.value()))
    assert steps is not None
    assert [(step.name, len(step.audience)) for step in steps] == [("T-7", 2), ("T0", 1), ("T+3", 2)]


def test_a_ladder_is_the_usual_one_a_name_or_steps() -> None:
    assert ladder_parts_of(None, ("monthly",)).kind == USUAL
    assert ladder_parts_of("monthly", ("monthly",)) == LadderParts(NAMED, name="monthly")
    assert ladder_parts_of("monthy", ("monthly",)) == LadderParts(TEXT, text="monthy")
    assert ladder_parts_of([{"at": "T-7", "to": "everybody"}], ()).kind == TEXT
    wrong = LadderParts(OWN, rows=(StepRow("before", "", ("owner",)), StepRow("before", "一")))
    assert read_one_ladder(content_of(wrong.value())) is None
