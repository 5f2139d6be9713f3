from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from config.people import read_people
from config.problems import Problem
from planning.roster import Destination, Post, StandIn

if TYPE_CHECKING:
    from tests.config.conftest import Home


def codes(problems: Iterable[Problem]) -> list[tuple[str, int | None]]:
    return [(problem.code.value, problem.line) for problem in problems]


def test_units_and_people_are_read_in_the_files_order(home: Home) -> None:
    roster, problems = read_people(home.folder)

    assert problems == ()
    assert list(roster.units) == ["zhen", "bangongshi", "dongcun", "xicun"]
    assert roster.units["bangongshi"].parent == "zhen"
    assert roster.units["bangongshi"].contact == "zhangsan"
    assert [person.position for person in roster.people.values()] == [0, 1, 2]
    zhangsan = roster.people["zhangsan"]
    assert zhangsan.posts == (Post("bangongshi", "党政办主任", ("学习秘书", "联络员")),)
    assert zhangsan.destinations == (Destination("mail", "zhangsan@caohui.example"), Destination("outbox", "zhangsan"))
    assert zhangsan.stand_ins == (StandIn("lisi", date(2026, 7, 1), date(2026, 7, 15)),)
    assert [post.unit for post in roster.people["wangwu"].posts] == ["dongcun", "xicun"]


def test_a_person_without_an_address_is_a_warning(home: Home) -> None:
    home.replace("people.yaml", "    destinations: [{channel: outbox, address: wangwu}]\n", "")

    roster, problems = read_people(home.folder)

    assert [(problem.code.value, problem.severity) for problem in problems] == [("PPL007", "warning")]
    assert "wangwu" in roster.people


def test_somebody_who_left_needs_no_address(home: Home) -> None:
    home.replace("people.yaml", "destinations: [{channel: outbox, address: wangwu}]", "left_on: 2026-12-01")

    roster, problems = read_people(home.folder)

    assert problems == ()
    assert roster.people["wangwu"].left_on == date(2026, 12, 1)


def test_a_fault_with_one_person_stops_nobody_else(home: Home) -> None:
    home.replace("people.yaml", "- {unit: dongcun, title: 村主任}", "- {unit: dongcn, title: 村主任}")
    home.replace("people.yaml", "address: zhangsan@caohui.example", "address: zhangsan")

    roster, problems = read_people(home.folder, channels={"mail": "mail", "outbox": "outbox"})

    assert codes(problems) == [("PPL008", 14), ("PPL002", 19)]
    assert problems[1].hint == "是不是 dongcun?"
    assert roster.people["zhangsan"].destinations == (Destination("outbox", "zhangsan"),)
    assert [post.unit for post in roster.people["wangwu"].posts] == ["xicun"]


def test_mail_addresses_are_checked_on_every_channel_of_the_mail_type(home: Home) -> None:
    home.replace("people.yaml", "{channel: outbox, address: wangwu}", "{channel: office-mail, address: wangwu}")

    _, problems = read_people(home.folder, channels={"mail": "mail", "outbox": "outbox", "office-mail": "mail"})

    assert codes(problems) == [("PPL008", 21)]


def test_standing_in_for_each_other_at_different_times_is_no_circle(home: Home) -> None:
    home.replace(
        "people.yaml",
        "    destinations: [{channel: mail, address: lisi@caohui.example}]\n",
        "    destinations: [{channel: mail, address: lisi@caohui.example}]\n"
        "    stand_ins: [{person: zhangsan, since: 2026-07-16, until: 2026-07-31}]\n",
    )

    roster, problems = read_people(home.folder)

    assert problems == ()
    assert roster.people["lisi"].stand_ins


def test_a_circle_of_three_stand_ins_is_told_once_and_cut(home: Home) -> None:
    for key, other in (("lisi", "wangwu"), ("wangwu", "zhangsan")):
        address = "{channel: mail, address: lisi@caohui.example}" if key == "lisi" else "{channel: outbox, address: wangwu}"
        home.replace(
            "people.yaml",
            f"    destinations: [{address}]\n",
            f"    destinations: [{address}]\n    stand_ins: [{{person: {other}, since: 2026-07-10, until: 2026-07-20}}]\n",
        )

    roster, problems = read_people(home.folder)

    assert [problem.code.value for problem in problems] == ["PPL005"]
    assert "2026-07-10 至 2026-07-15" in problems[0].message
    assert [bool(person.stand_ins) for person in roster.people.values()] == [True, True, False]


def test_a_circle_of_units_is_told_once_and_cut(home: Home) -> None:
    home.replace("people.yaml", "{key: zhen, name: 某某镇, kind: town,", "{key: zhen, name: 某某镇, kind: town, parent: dongcun,")

    roster, problems = read_people(home.folder)

    assert codes(problems) == [("PPL004", 4)]
    assert roster.units["dongcun"].parent is None
    assert roster.units["zhen"].parent == "dongcun"


def test_a_file_that_makes_no_sense_gives_no_roster(home: Home) -> None:
    home.write("people.yaml", "units: [")

    roster, problems = read_people(home.folder)

    assert roster is None
    assert codes(problems) == [("YML009", 1)]
