from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.calendar import Calendar
from planning.duty import BasisMark, Duty, Kind, Measure, Party, Role

if TYPE_CHECKING:
    from tests.config.conftest import CalendarOf, Home


FULL = """\
duties:
  - key: visit
    kind: publicity
    title: "{unit}走访"
    basis: 《人民调解法》
    basis_mark: 推
    owner: unit:each
    partners: [role:学习秘书, unit:bangongshi, person:lisi]
    overseer: role:分管领导
    leader: role:主要领导@zhen
    verifier: person:lisi
    rule: {day: 15}
    ladder: quick
    evidence: [照片, 签到表]
    evidence_required: true
    measures: [{name: 场次, unit: 场, required: true}, {name: 人次}]
    sign_off: true
    zero_report: true
    for_each: village
    themes: {1: 农民工工资, "03": 消费者权益保护, q4: 宪法}
    note: |
      第一行
      第二行
    from_year: 2026
    until_year: ２０３０
"""


def one(calendar: Calendar, key: str) -> Duty:
    return next(duty for duty in calendar.duties if duty.key == key)


def test_every_field_of_a_duty_is_read(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(FULL)
    duty = one(calendar, "visit")

    assert calendar.problems == ()
    assert duty.kind is Kind.PUBLICITY
    assert duty.title == "{unit}走访"
    assert (duty.basis, duty.basis_mark) == ("《人民调解法》", BasisMark.PROPOSED)
    assert duty.owner == Party(unit="each")
    assert duty.partners == (Party(role="学习秘书"), Party(unit="bangongshi"), Party(person="lisi"))
    assert (duty.overseer, duty.leader) == (Party(role="分管领导"), Party(role="主要领导", unit="zhen"))
    assert duty.verifier == Party(person="lisi")
    assert [step.name for step in duty.ladder] == ["T-1", "T0"]
    assert duty.evidence == ("照片", "签到表")
    assert duty.measures == (Measure("场次", "场", required=True), Measure("人次", ""))
    assert (duty.evidence_required, duty.sign_off, duty.zero_report) == (True, True, True)
    assert duty.for_each == "village"
    assert duty.period_titles == {"01": "农民工工资", "03": "消费者权益保护", "Q4": "宪法"}
    assert duty.note == "第一行\n第二行"
    assert (duty.from_year, duty.until_year) == (2026, 2030)
    assert duty.source == "calendar/20-more.yaml:2"


def test_what_is_not_written_takes_its_default(calendar_of: CalendarOf) -> None:
    calendar = calendar_of("duties:\n  - {key: x, kind: rectification, title: 整改, owner: 'person:lisi', rule: 3月底}\n")
    duty = one(calendar, "x")

    assert duty.basis_mark is BasisMark.SEEN
    assert not duty.evidence_required
    assert [step.name for step in duty.ladder] == ["T-1", "T0"]  # the kind's own ladder
    assert [step.name for step in one(calendar, "study-law").ladder] == ["T-7", "T-3", "T-1", "T0", "T+1", "T+3"]


def test_a_ladder_may_be_a_list_with_words_of_its_own(calendar_of: CalendarOf) -> None:
    ladder = "[{at: T0}, {at: T-7, to: [owner, partner], say: 通知讲授人}]"
    calendar = calendar_of(
        f"duties:\n  - {{key: x, kind: study, title: 学, owner: 'person:lisi', rule: 3月底, ladder: {ladder}}}\n"
    )

    first, last = one(calendar, "x").ladder
    assert (first.name, first.audience, first.say) == ("T-7", (Role.OWNER, Role.PARTNER), "通知讲授人")
    assert (last.name, last.audience) == ("T0", (Role.OWNER,))


def test_a_ladder_may_be_written_out(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(
        "duties:\n  - {key: x, kind: study, title: 学, owner: 'person:lisi', rule: 3月底, ladder: T-5 T0=owner}\n"
    )

    assert [step.offset for step in one(calendar, "x").ladder] == [-5, 0]


def test_a_bad_duty_stops_nobody_else(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(FULL.replace("role:分管领导", "role:分管领异") + FULL.partition("\n")[2].replace("visit", "visit-2"))

    assert calendar.broken == ("visit",)
    assert [duty.key for duty in calendar.duties] == ["annual-report", "study-law", "visit-2"]
    assert calendar.unreadable == ()


def test_all_faults_of_a_duty_are_told_at_once(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(
        FULL.replace("role:分管领导", "role:没有的岗位")
        .replace("{day: 15}", "{day: 32}")
        .replace("unit: 场, required: true", "unit: 场, required: 是")
        .replace("ladder: quick", "ladder: quik")
    )

    assert [(problem.line, problem.code.value) for problem in calendar.problems] == [
        (9, "CAL006"),
        (12, "FLD005"),
        (13, "SET004"),
        (16, "FLD008"),
    ]
    assert calendar.problems[2].hint == "是不是 quick?"


def test_a_field_written_twice_leaves_its_duty_out_and_no_other(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(FULL + "    title: 再写一遍\n" + FULL.partition("\n")[2].replace("visit", "visit-2"))

    assert calendar.broken == ("visit",)
    assert "visit-2" in {duty.key for duty in calendar.duties}
    assert calendar.unreadable == ()


@pytest.mark.parametrize("text", [FULL.replace("    kind", "    key: visit-2\n    kind"), FULL + FULL])
def test_a_key_that_may_be_hidden_makes_its_file_unknown(text: str, calendar_of: CalendarOf) -> None:
    assert calendar_of(text).unreadable == ("calendar/20-more.yaml",)


def test_of_two_duties_with_one_key_neither_is_taken_and_both_places_are_named(calendar_of: CalendarOf, home: Home) -> None:
    calendar = calendar_of("duties:\n  - {key: study-law, kind: study, title: 学, owner: 'person:lisi', rule: 3月底}\n")

    assert calendar.broken == ("study-law",)
    assert [duty.key for duty in calendar.duties] == ["annual-report"]
    first, second = calendar.problems
    assert (first.file, first.line) == ("calendar/10-good.yaml", 9)
    assert "calendar/20-more.yaml 第2行" in first.message
    assert (second.file, second.line) == ("calendar/20-more.yaml", 2)
    assert "calendar/10-good.yaml 第9行" in second.message


@pytest.mark.parametrize("text", ["duties: [", "- a\n", "duties:\n", "duties: 以后\n", ""])
def test_a_file_that_makes_no_sense_is_unknown_not_empty(text: str, calendar_of: CalendarOf) -> None:
    calendar = calendar_of(text)

    assert calendar.unreadable == ("calendar/20-more.yaml",)
    assert len(calendar.duties) == 2


def test_a_duty_without_a_usable_key_makes_its_file_unknown(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(FULL.replace("key: visit", "key: Visit"))

    assert calendar.unreadable == ("calendar/20-more.yaml",)


def test_files_are_read_in_the_order_of_their_names(home: Home) -> None:
    home.write("calendar/05-first.yaml", "duties:\n  - {key: first, kind: study, title: 学, owner: 'person:lisi', rule: 3月底}\n")
    home.write("calendar/.hidden.yaml", "not: read\n")
    home.write("calendar/notes.txt", "not read")

    calendar = home.read().calendar

    assert [duty.key for duty in calendar.duties] == ["first", "annual-report", "study-law"]
    assert calendar.problems == ()


def test_the_revision_follows_the_content_and_not_the_place(calendar_of: CalendarOf) -> None:
    before = one(calendar_of(FULL), "visit")
    moved = one(
        calendar_of(
            "# 说明\n\n" + FULL.replace("    sign_off: true\n", "").replace("    note:", "    sign_off: true\n    note:")
        ),
        "visit",
    )
    edited = one(calendar_of(FULL.replace("照片", "相片")), "visit")

    assert moved.source != before.source
    assert moved.revision == before.revision
    assert edited.revision != before.revision
    assert len(before.revision) == 64


def test_a_changed_ladder_in_the_settings_changes_the_revision(calendar_of: CalendarOf, home: Home) -> None:
    before = calendar_of(FULL)
    home.replace("suishi.yaml", '"T-1 T0"', '"T-2 T0"')

    after = home.read().calendar

    assert one(after, "visit").revision != one(before, "visit").revision
    assert one(after, "study-law").revision == one(before, "study-law").revision
    assert after.revision != before.revision


def test_a_role_that_nobody_holds_in_the_unit_is_a_warning(calendar_of: CalendarOf) -> None:
    calendar = calendar_of("duties:\n  - {key: x, kind: study, title: 学, owner: 'role:学习秘书@dongcun', rule: 3月底}\n")

    assert [(problem.code.value, problem.severity) for problem in calendar.problems] == [("CAL006", "warning")]
    assert "x" in {duty.key for duty in calendar.duties}


def test_a_role_counts_in_the_unit_and_below_and_a_title_is_a_role(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(
        "duties:\n"
        "  - {key: x, kind: study, title: 学, owner: 'role:学习秘书@zhen', rule: 3月底}\n"
        "  - {key: y, kind: study, title: 学, owner: 'role:村主任@each', for_each: village, rule: 3月底}\n"
    )

    assert calendar.problems == ()


def test_units_without_anybody_are_named(calendar_of: CalendarOf, home: Home) -> None:
    home.replace(
        "people.yaml", "name: 西村, kind: village, parent: zhen, head: wangwu", "name: 西村, kind: village, parent: zhen"
    )

    calendar = calendar_of(FULL)

    assert [problem.severity for problem in calendar.problems] == ["warning"]
    assert "西村" in calendar.problems[0].message
    assert "东村" not in calendar.problems[0].message


def test_full_width_punctuation_in_a_party_is_taken(calendar_of: CalendarOf) -> None:
    calendar = calendar_of("duties:\n  - {key: x, kind: study, title: 学, owner: role:学习秘书＠zhen, rule: 3月底}\n")

    assert one(calendar, "x").owner == Party(role="学习秘书", unit="zhen")


@pytest.mark.parametrize(("written", "offered"), [("lisi", "person:lisi"), ("zhen", "unit:zhen"), ("学习秘书", "role:学习秘书")])
def test_a_party_without_its_word_is_answered_with_the_right_one(written: str, offered: str, calendar_of: CalendarOf) -> None:
    calendar = calendar_of(f"duties:\n  - {{key: x, kind: study, title: 学, owner: {written}, rule: 3月底}}\n")

    assert calendar.problems[0].hint == f"是不是 {offered}?"


def test_sign_off_without_a_verifier_is_a_warning(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(FULL.replace("    verifier: person:lisi\n", ""))

    assert [(problem.code.value, problem.severity) for problem in calendar.problems] == [("CAL014", "warning")]
