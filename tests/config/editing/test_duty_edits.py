from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from config.calendar_schema import calendar_schema
from config.editing import duties
from config.editing.change import open_draft
from config.editing.duties import FIELDS, FieldValue, add_duty, change_duty, file_of, stop_after
from config.editing.refusals import EditRefused
from planning.duty import Duty, Measure, Party, Shift
from planning.rules import Before
from tests.config.editing.conftest import STUDY, gone_and_come

if TYPE_CHECKING:
    from tests.config.conftest import CalendarOf, Home

SMALL = """\
duties:
  # 关于学习
  - key: study-more
    kind: study
    title: 学习
    owner: role:学习秘书   # 由他召集
    rule: 3月底            # 文件原文
    note: 一次算一次
"""


@pytest.fixture
def duty_of(calendar_of: CalendarOf) -> Callable[[str], Duty]:
    """The one duty of a text without faults."""

    def read(text: str) -> Duty:
        calendar = calendar_of(text)
        assert [problem for problem in calendar.problems if problem.severity == "error"] == []
        return next(duty for duty in calendar.duties if duty.source.startswith("calendar/20-more.yaml"))

    return read


def test_every_field_of_a_duty_has_its_place() -> None:
    assert set(FIELDS) == set(calendar_schema()["properties"]["duties"]["items"]["properties"])


@pytest.mark.parametrize(
    ("changes", "come"),
    [
        ({"title": "专题学习"}, ["    title: 专题学习\n"]),
        ({"owner": "person:lisi"}, ["    owner: person:lisi     # 由他召集\n"]),
        ({"rule": {"by": "04-30"}}, ["    rule: {by: 04-30}      # 文件原文\n"]),
        ({"rule": "4月底"}, ["    rule: 4月底            # 文件原文\n"]),
        ({"partners": ["unit:bangongshi"]}, ["    partners: [unit:bangongshi]\n"]),
        ({"shift": "forward"}, ["    shift: forward\n"]),
        ({"evidence": ["签到表", "照片, 两张"]}, ['    evidence: [签到表, "照片, 两张"]\n']),
        ({"from_year": 2026, "until_year": 2027}, ["    from_year: 2026\n", "    until_year: 2027\n"]),
        ({"sign_off": True, "verifier": "person:lisi"}, ["    verifier: person:lisi\n", "    sign_off: true\n"]),
        ({"note": "甲\n乙"}, ["    note: |-\n", "      甲\n", "      乙\n"]),
        ({"themes": {"Q1": "民法典", "Q2": "宪法"}}, ["    themes: {Q1: 民法典, Q2: 宪法}\n"]),
        (
            {"measures": [Measure("次数", "次", required=True), Measure("人次", "")]},
            ["    measures:\n", "      - {name: 次数, unit: 次, required: true}\n", "      - {name: 人次}\n"],
        ),
        (
            {"ladder": [{"at": "T-3", "to": ["owner"], "say": "请准备"}, {"at": "T0"}]},
            ["    ladder:\n", "      - {at: T-3, to: [owner], say: 请准备}\n", "      - {at: T0}\n"],
        ),
    ],
)
def test_a_field_changes_on_its_own_lines(
    duty_of: Callable[[str], Duty], changes: dict[str, FieldValue], come: list[str]
) -> None:
    text = change_duty(SMALL, "study-more", changes)

    gone, found = gone_and_come(SMALL, text)
    assert found == come
    assert len(gone) <= 1
    assert duty_of(text).key == "study-more"


def test_the_reader_gives_what_was_asked(duty_of: Callable[[str], Duty]) -> None:
    changes: dict[str, FieldValue] = {
        "rule": {"before": "05-01"},
        "partners": ["unit:bangongshi", "person:wangwu"],
        "overseer": "role:分管领导",
        "measures": [Measure("次数", "次", required=True)],
        "shift": "none",
    }

    duty = duty_of(change_duty(SMALL, "study-more", changes))

    assert duty.rule == Before(5, 1, inclusive=False)
    assert duty.partners == (Party(unit="bangongshi"), Party(person="wangwu"))
    assert duty.overseer == Party(role="分管领导")
    assert duty.measures == (Measure("次数", "次", required=True),)
    assert duty.shift is Shift.NONE


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_nothing_takes_a_field_out(nothing: FieldValue) -> None:
    assert gone_and_come(SMALL, change_duty(SMALL, "study-more", {"note": nothing})) == (["    note: 一次算一次\n"], [])


def test_what_is_equal_or_the_default_is_left_as_it_is() -> None:
    assert change_duty(SMALL, "study-more", {"title": "学习", "sign_off": False, "leader": None, "rule": "3月底"}) == SMALL


def test_a_flag_that_is_written_can_be_turned_off() -> None:
    on = change_duty(SMALL, "study-more", {"zero_report": True})

    assert gone_and_come(on, change_duty(on, "study-more", {"zero_report": False}))[1] == ["    zero_report: false\n"]


def test_a_duty_stops_after_a_year_and_goes_on(duty_of: Callable[[str], Duty]) -> None:
    stopped = stop_after(SMALL, "study-more", 2026)

    assert duty_of(stopped).until_year == 2026
    assert stop_after(stopped, "study-more", None) == SMALL


def test_a_new_duty_is_written_in_the_usual_order(duty_of: Callable[[str], Duty]) -> None:
    fields: dict[str, FieldValue] = {
        "note": "新的",
        "rule": {"at_least": 1, "per": "month"},
        "owner": "role:学习秘书",
        "title": "每月学习",
        "kind": "study",
        "key": "study-monthly",
        "partners": [],
        "sign_off": False,
        "leader": None,
    }

    text = add_duty(STUDY, fields, after="study-law")

    gone, come = gone_and_come(STUDY, text)
    assert gone == []
    assert sorted(come) == sorted(
        [
            "  - key: study-monthly\n",
            "    kind: study\n",
            "    title: 每月学习\n",
            "    owner: role:学习秘书\n",
            "    rule: {at_least: 1, per: month}\n",
            "    note: 新的\n",
            "\n",
        ]
    )
    assert text.index("key: study-law") < text.index("key: study-monthly") < text.index("key: study-speakers")
    assert duty_of(add_duty("duties: []\n", fields)).key == "study-monthly"


def test_the_file_of_a_duty_is_found_past_files_with_faults(home: Home) -> None:
    home.write("calendar/05-open.yaml", "duties: [\n")
    home.write("calendar/20-more.yaml", SMALL)
    draft = open_draft(home.folder)

    assert file_of(draft, "study-more") == "calendar/20-more.yaml"
    assert file_of(draft, "study-law") == "calendar/10-good.yaml"
    with pytest.raises(EditRefused) as refused:
        file_of(draft, "study")
    assert refused.value.code == "unknown_duty"


@pytest.mark.parametrize("fixed", sorted([*duties.FIXED, "titel"]))
def test_what_names_a_duty_is_not_changed_on_a_page(fixed: str) -> None:
    with pytest.raises(EditRefused) as refused:
        change_duty(SMALL, "study-more", {fixed: "x"})

    assert refused.value.code == "not_editable"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: change_duty(SMALL, "other", {"title": "x"}), "unknown_duty"),
        (lambda: add_duty(SMALL, {"key": "study-more"}), "key_taken"),
        (lambda: add_duty(SMALL, {"key": "new"}, after="other"), "unknown_duty"),
        (lambda: add_duty(SMALL, {"key": "new", "titel": "x"}), "not_editable"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(change: Callable[[], str], code: str) -> None:
    with pytest.raises(EditRefused) as refused:
        change()

    assert refused.value.code == code
