from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from config.app import App
from config.editing.adhoc import FILE, add_item
from config.editing.change import Draft, open_draft
from config.editing.checking import check_draft
from config.editing.refusals import EditRefused
from config.editing.writing import write_draft
from models.occurrence import occurrences
from models.store import Store
from planning.duty import Kind
from services.plan import plan

if TYPE_CHECKING:
    from tests.config.conftest import Home

NOW = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
TODAY = date(2026, 3, 2)
NO_ENVIRON: Mapping[str, str] = {}

WISH: dict[str, Any] = {"title": "报送“三资”清理情况", "owner": "person:zhangsan", "due_on": date(2026, 5, 20), "as_of": TODAY}


def written(home: Home, draft: Draft) -> None:
    write_draft(home.folder, draft, environ=NO_ENVIRON, now=NOW)


def test_the_first_item_makes_the_file_with_a_head(home: Home) -> None:
    draft, key = add_item(open_draft(home.folder), **WISH)

    assert key == "adhoc-2026-001"
    head, duty = draft.text(FILE).split("\nduties:\n")
    assert all(line.startswith("# ") for line in head.splitlines())
    assert duty == (
        "  - key: adhoc-2026-001\n"
        "    kind: routine\n"
        "    title: 报送“三资”清理情况\n"
        "    owner: person:zhangsan\n"
        "    rule: {on: 2026-05-20}\n"
        "    period: 临时-2026-001\n"
    )
    assert check_draft(home.folder, draft, environ=NO_ENVIRON).introduced == ()


def test_planning_makes_exactly_one_occurrence_of_an_item(home: Home, store: Store) -> None:
    app = App(home.folder, NO_ENVIRON, lambda: NOW)
    plan(store, app.plan_basis(), now=NOW)
    draft, key = add_item(open_draft(home.folder), **WISH)
    written(home, draft)

    outcome = plan(store, app.plan_basis(), now=NOW)
    again = plan(store, app.plan_basis(), now=NOW)

    with store.read() as db:
        rows = db.execute(select(occurrences.c.period, occurrences.c.due_on).where(occurrences.c.duty_key == key)).all()
    assert [tuple(row) for row in rows] == [("临时-2026-001", date(2026, 5, 20))]
    assert (outcome.added, again.added, len(again.moved), len(again.withdrawn)) == (1, 0, 0, 0)


def test_the_day_that_was_said_stays_even_on_a_rest_day(home: Home) -> None:
    sunday = {**WISH, "due_on": date(2026, 5, 31)}
    draft, key = add_item(open_draft(home.folder), **sunday)
    written(home, draft)

    duty = next(one for one in home.read().calendar.duties if one.key == key)

    from planning.dates import dues

    assert [due.on for due in dues(duty, years=(2026, 2027), workdays=home.read().workdays)] == [date(2026, 5, 31)]


def test_items_are_numbered_by_year_and_no_number_comes_twice(home: Home) -> None:
    draft, first = add_item(open_draft(home.folder), **WISH)
    draft, second = add_item(draft, **WISH)
    draft, next_year = add_item(draft, **{**WISH, "as_of": date(2027, 1, 4)})
    draft, known = add_item(draft, **WISH, taken=["adhoc-2026-041", "adhoc-2026-x", "study-law"])
    written(home, draft)
    home.write("calendar/95-moved.yaml", "duties:\n  - {key: adhoc-2026-107, kind: routine}\n")
    _, moved = add_item(open_draft(home.folder), **WISH)

    assert [first, second, next_year, known, moved] == [
        *("adhoc-2026-001", "adhoc-2026-002", "adhoc-2027-001", "adhoc-2026-042", "adhoc-2026-108")
    ]
    text = draft.text(FILE)
    assert text.count("\n\n  - key: adhoc-") == 3
    assert text.count("period: 临时-2027-001") == 1


def test_the_papers_words_are_the_rule_where_they_name_the_day(home: Home) -> None:
    draft, key = add_item(open_draft(home.folder), **{**WISH, "due_on": date(2026, 6, 30)}, as_written="2026年6月底")
    written(home, draft)

    duty = next(one for one in home.read().calendar.duties if one.key == key)

    assert "    rule: 2026年6月底\n" in draft.text(FILE)
    assert duty.as_written == "2026年6月底"
    assert duty.note == ""


@pytest.mark.parametrize(
    ("note", "as_written", "said"),
    [
        ("用公文系统报", "5月20日下班前", "用公文系统报（时限原文：5月20日下班前）"),
        ("", "三个工作日内", "时限原文：三个工作日内"),
        ("只有说明", "", "只有说明"),
        ("", "2026年2月30日", "时限原文：2026年2月30日"),
        ("", "2026年5月底", "时限原文：2026年5月底"),
        ("", "每月底", "时限原文：每月底"),
    ],
)
def test_other_words_are_kept_in_the_note(home: Home, note: str, as_written: str, said: str) -> None:
    draft, key = add_item(open_draft(home.folder), **WISH, note=note, as_written=as_written)
    written(home, draft)

    duty = next(one for one in home.read().calendar.duties if one.key == key)

    assert duty.note == said
    assert "rule: {on: 2026-05-20}" in draft.text(FILE)


def test_a_rectification_has_a_verifier_and_its_own_ladder(home: Home) -> None:
    more = {"verifier": "person:lisi", "sign_off": True, "partners": ["unit:bangongshi"], "basis": "县督查通知"}
    draft, key = add_item(open_draft(home.folder), **WISH, kind=Kind.RECTIFICATION, more=more)
    written(home, draft)

    duty = next(one for one in home.read().calendar.duties if one.key == key)

    assert (duty.kind, duty.sign_off, duty.basis) == (Kind.RECTIFICATION, True, "县督查通知")
    assert [step.name for step in duty.ladder] == ["T-1", "T0"]


def test_an_item_for_nobody_is_told_like_any_other_fault(home: Home) -> None:
    draft, _ = add_item(open_draft(home.folder), **{**WISH, "owner": "person:zhangsn"})

    faults = check_draft(home.folder, draft, environ=NO_ENVIRON).faults

    assert [(problem.code.value, problem.file, problem.line, problem.hint) for problem in faults] == [
        ("PPL003", FILE, 10, "是不是 zhangsan?")
    ]


def test_other_kinds_and_fields_are_refused(home: Home) -> None:
    draft = open_draft(home.folder)

    with pytest.raises(EditRefused) as kind:
        add_item(draft, **WISH, kind=Kind.STUDY)
    with pytest.raises(EditRefused) as field:
        add_item(draft, **WISH, more={"titel": "x"})

    with pytest.raises(EditRefused, match="只办一次") as many:
        add_item(draft, **WISH, more={"for_each": "village"})

    assert (kind.value.code, field.value.code, many.value.code) == ("kind", "not_editable", "not_editable")


def test_another_file_with_faults_is_no_hindrance(home: Home) -> None:
    home.write("calendar/20-open.yaml", "duties: [\n  # - {key: adhoc-2026-006}\n")
    home.write("calendar/30-gbk.yaml", "duties: []  # 说明\n".encode("gbk"))

    draft, key = add_item(open_draft(home.folder), **WISH)

    assert key == "adhoc-2026-007"
    assert draft.changed == (FILE,)
