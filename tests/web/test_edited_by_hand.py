"""Files edited by hand count at the next call of a program and the next page: nobody starts anything anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planning.access import AccountRole, TokenKind
from services.accounts import set_rights
from services.plan import plan
from services.tokens import make_token
from tests.web.conftest import opened
from tests.web.staff_hands import STUDY

PEOPLE, SETTINGS, CALENDAR, HOLIDAYS = "people.yaml", "suishi.yaml", "calendar/all.yaml", "holidays/local.yaml"

SUNLEI = """
  - key: sunlei
    name: 孙磊
    posts: [{unit: sifasuo, title: 干部}]
    destinations: [{channel: outbox, address: sl@caohui.example}]
"""

LETTERS = """
  - key: letters
    kind: routine
    title: 来信来访分析
    owner: person:wangmin
    rule: {on: 2026-05-20}
    period: "2026"
    measures: [{name: 件数, unit: 件, required: true}]
"""

Call = Callable[..., Any]


@pytest.fixture
def program(town: Any) -> Call:
    """The county's platform, which records for 王敏's account: ``program(path)`` reads, with words it writes."""
    set_rights(town.app.store, "wangmin", role=AccountRole.OFFICE, scope=None, now=town.clock.now)
    token = make_token(town.app.store, TokenKind.PROGRAM, "wangmin", note="县级平台", by="zhangwei", now=town.clock.now)
    asked = {"Authorization": f"Bearer {token}"}

    def call(path: str, **said: Any) -> Any:
        path = f"/api/v1{path}"
        return town.post(path, json=said, headers=asked) if said else town.get(path, headers=asked)

    return call


def edit(town: Any, name: str, before: str, after: str) -> None:
    """With an editor, on the disk: the running program is told nothing."""
    path: Path = town.app.home / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def plan_from_the_console(town: Any) -> None:
    """``suishi plan`` in a process of its own, as far as the running one can tell."""
    console = opened(town.app.home, town.clock)
    plan(console.store, console.plan_basis((2026, 2027)), now=town.clock.now)
    console.close()


def test_who_left_by_the_file_is_a_stranger_at_the_next_call_and_the_next_page(town: Any, program: Call) -> None:
    town.sign_in("wangmin", AccountRole.OFFICE)
    assert town.get("/list").status_code == 200
    assert program("/occurrences").status_code == 200
    edit(town, PEOPLE, "{key: wangmin,", "{key: wangmin, left_on: 2026-04-08,")
    assert program("/occurrences").status_code == 401
    assert town.get("/list").status_code == 303
    edit(town, PEOPLE, " left_on: 2026-04-08,", "")
    assert program("/occurrences").status_code == 200
    assert town.get("/list").status_code == 200


def test_the_first_call_after_the_start_sees_what_was_edited_since_the_start(town: Any, program: Call) -> None:
    """Nothing was asked for yet: the files are those of the start, not of the first call."""
    edit(town, PEOPLE, "{key: wangmin,", "{key: wangmin, left_on: 2026-04-08,")
    assert program("/occurrences").status_code == 401


def test_who_was_written_into_the_file_can_be_handed_work(town: Any, program: Call) -> None:
    handing = {"to": "sunlei", "reason": "分工调整"}
    assert program(f"/occurrences/{STUDY}/hand-over", **handing).json()["code"] == "person_missing"
    edit(town, PEOPLE, "people:\n", f"people:\n{SUNLEI}")
    assert program(f"/occurrences/{STUDY}/hand-over", **handing).status_code == 200
    assert "孙磊" in town.get("/list").text


def test_a_name_that_was_put_right_stands_on_the_next_page(town: Any) -> None:
    assert "联系管理员 张伟" in town.get("/list").text
    edit(town, PEOPLE, "name: 张伟", "name: 张小伟")
    assert "联系管理员 张小伟" in town.get("/list").text


def test_a_unit_that_moved_moves_what_an_account_may_see(town: Any, program: Call) -> None:
    set_rights(town.app.store, "wangmin", role=AccountRole.OFFICE, scope="dangzhengban", now=town.clock.now)
    assert program(f"/occurrences/{STUDY}").status_code == 403
    edit(
        town,
        PEOPLE,
        "{key: sifasuo, name: 司法所, kind: office, parent: caohui,",
        "{key: sifasuo, name: 司法所, kind: office, parent: dangzhengban,",
    )
    assert program(f"/occurrences/{STUDY}").status_code == 200


def test_a_rule_of_the_office_that_was_changed_holds_for_the_next_call(town: Any, program: Call) -> None:
    edit(town, SETTINGS, "silent_before: 2026-01-01", "silent_before: 2026-01-01\nextension_approval: leader")
    asked = program(f"/occurrences/{STUDY}/extend", by="chenxia", to="2026-07-10", reason="领导出差")
    assert asked.status_code == 200, asked.text
    assert program(f"/occurrences/{STUDY}").json()["entries"][-1]["kind"] == "extension_asked"


def test_a_rest_day_that_was_written_down_counts_in_the_days_that_are_left(town: Any, program: Call) -> None:
    before = program(f"/occurrences/{STUDY}").json()["occurrence"]["workdays_left"]
    (town.app.home / "holidays").mkdir(exist_ok=True)
    (town.app.home / HOLIDAYS).write_text("- {date: 2026-04-10, off: true, reason: 停工令}\n", "utf-8")
    assert program(f"/occurrences/{STUDY}").json()["occurrence"]["workdays_left"] == before - 1
    (town.app.home / HOLIDAYS).unlink()
    assert program(f"/occurrences/{STUDY}").json()["occurrence"]["workdays_left"] == before


def test_a_duty_that_was_written_into_the_calendar_and_planned_is_there(town: Any, program: Call) -> None:
    edit(town, CALENDAR, "duties:\n", f"duties:\n{LETTERS}")
    assert "来信来访分析" in town.get("/duties").text  # in the files at once
    assert program("/occurrences/letters:2026").status_code == 404
    plan_from_the_console(town)
    assert program("/occurrences/letters:2026").json()["occurrence"]["title"] == "来信来访分析"
    assert "来信来访分析" in town.get("/list?text=来信").text
    done = {"by": "wangmin", "done_on": "2026-04-08"}
    assert program("/occurrences/letters:2026/done", **done).json()["code"] == "measures"
    assert program("/occurrences/letters:2026/done", **done, measures={"件数": 3}).status_code == 200


def test_while_a_file_is_half_written_what_was_in_force_stays(town: Any, program: Call) -> None:
    whole = (town.app.home / PEOPLE).read_text("utf-8")
    (town.app.home / PEOPLE).write_text("people: [", "utf-8")
    assert program("/occurrences").status_code == 200
    assert "联系管理员 张伟" in town.get("/list").text
    (town.app.home / PEOPLE).write_text(whole.replace("{key: wangmin,", "{key: wangmin, left_on: 2026-04-08,"), "utf-8")
    assert program("/occurrences").status_code == 401
