from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from config.editing import people
from config.editing.refusals import EditRefused
from config.people import read_people
from planning.roster import Destination, Person, Post, Roster, StandIn, Unit
from tests.config.editing.conftest import PEOPLE, gone_and_come

if TYPE_CHECKING:
    from tests.config.conftest import Home


@pytest.fixture
def read(home: Home) -> Callable[[str], Roster]:
    """The roster of a text that has no faults."""

    def _read(text: str) -> Roster:
        home.write("people.yaml", text)
        roster, problems = read_people(home.folder)
        assert [problem for problem in problems if problem.severity == "error"] == []
        assert roster is not None
        return roster

    return _read


def test_somebody_new_is_written_as_the_others_are(read: Callable[[str], Roster]) -> None:
    newcomer = Person(
        key="limei",
        name="李梅",
        posts=(Post("sifasuo", "司法所干部", ("普法专干",)),),
        destinations=(Destination("outbox", "limei@caohui.example"),),
    )

    text = people.add_person(PEOPLE, newcomer, after="wangmin")

    assert gone_and_come(PEOPLE, text) == (
        [],
        [
            "  - key: limei\n",
            "    name: 李梅\n",
            "    posts:\n",
            "      - {unit: sifasuo, title: 司法所干部, roles: [普法专干]}\n",
            "    destinations:\n",
            "      - {channel: outbox, address: limei@caohui.example}\n",
            "\n",
        ],
    )
    keys = list(read(text).people)
    assert keys[keys.index("wangmin") + 1] == "limei"
    assert "limei}\n\n  # —— 派出所 ——\n" in text.replace("limei@caohui.example", "limei")


def test_somebody_new_comes_last_unless_a_place_is_named(read: Callable[[str], Roster]) -> None:
    text = people.add_person(PEOPLE, Person("new", "新人", (Post("caohui", "干部"),), left_on=date(2027, 1, 1)))

    assert list(read(text).people)[-1] == "new"
    assert read(text).people["new"].left_on == date(2027, 1, 1)


def test_a_name_changes_on_its_line(read: Callable[[str], Roster]) -> None:
    text = people.rename_person(PEOPLE, "zhangwei", " 张伟（大） ")

    assert gone_and_come(PEOPLE, text) == (["    name: 张伟\n"], ["    name: 张伟（大）\n"])
    assert read(text).people["zhangwei"].name == "张伟（大）"


def test_posts_change_member_by_member(read: Callable[[str], Roster]) -> None:
    zhoubin = read(PEOPLE).people["zhoubin"].posts
    posts = (zhoubin[1], Post("pingan", "平安法治办公室主任", ("平安法治办主任", "信访专干")))

    text = people.set_posts(PEOPLE, "zhoubin", posts)

    assert gone_and_come(PEOPLE, text) == (
        ["      - {unit: pingan, title: 平安法治办公室主任, roles: [平安法治办主任]}\n"],
        ["      - {unit: pingan, title: 平安法治办公室主任, roles: [平安法治办主任, 信访专干]}\n"],
    )
    assert read(text).people["zhoubin"].posts == posts
    assert "# 一人两职的例子：两处的事都找他" in text


def test_a_post_may_lose_its_last_role(read: Callable[[str], Roster]) -> None:
    text = people.set_posts(PEOPLE, "luohui", [Post("xiansifaju", "法治督察科科长")])

    assert gone_and_come(PEOPLE, text)[1] == ["      - {unit: xiansifaju, title: 法治督察科科长}\n"]


def test_destinations_come_and_go(read: Callable[[str], Roster]) -> None:
    two = (Destination("mail", "luohui@caohui.example"), Destination("outbox", "luohui@caohui.example"))

    more = people.set_destinations(PEOPLE, "luohui", two)
    none = people.set_destinations(more, "luohui", [])

    assert gone_and_come(PEOPLE, more) == ([], ["      - {channel: mail, address: luohui@caohui.example}\n"])
    assert read(more).people["luohui"].destinations == two
    assert read(none).people["luohui"].destinations == ()
    assert people.set_destinations(none, "luohui", two[1:]) == PEOPLE


def test_a_robot_of_a_group_needs_no_address() -> None:
    text = people.set_destinations(PEOPLE, "luohui", [Destination("wecom-group", "")])

    assert gone_and_come(PEOPLE, text)[1] == ["      - {channel: wecom-group}\n"]


def test_somebody_leaves_and_stays_after_all(read: Callable[[str], Roster]) -> None:
    gone = people.set_left_on(PEOPLE, "chenxia", date(2026, 12, 1))

    assert gone_and_come(PEOPLE, gone) == ([], ["    left_on: 2026-12-01\n"])
    assert read(gone).people["chenxia"].left_on == date(2026, 12, 1)
    assert people.set_left_on(gone, "chenxia", None) == PEOPLE


def test_stand_ins_are_added_below_those_there_are(read: Callable[[str], Roster]) -> None:
    august = StandIn("wangmin", date(2026, 8, 3), date(2026, 8, 7))

    first = people.add_stand_in(PEOPLE, "luohui", august)
    second = people.add_stand_in(PEOPLE, "chenxia", august)

    row = "      - {person: wangmin, since: 2026-08-03, until: 2026-08-07}\n"
    assert gone_and_come(PEOPLE, first) == ([], ["    stand_ins:\n", row])
    assert gone_and_come(PEOPLE, second) == ([], [row])
    assert read(second).people["chenxia"].stand_ins[1] == august


def test_a_stand_in_ends_early(read: Callable[[str], Roster]) -> None:
    text = people.end_stand_in(PEOPLE, "chenxia", since=date(2026, 7, 1), last_day=date(2026, 7, 3))

    assert gone_and_come(PEOPLE, text)[1] == ["      - {person: wangmin, since: 2026-07-01, until: 2026-07-03}\n"]


def test_a_stand_in_that_would_never_begin_is_taken_out() -> None:
    early = date(2026, 6, 30)
    august = StandIn("wangmin", date(2026, 8, 3), date(2026, 8, 7))

    alone = people.end_stand_in(PEOPLE, "chenxia", since=date(2026, 7, 1), last_day=early)
    of_two = people.end_stand_in(people.add_stand_in(PEOPLE, "chenxia", august), "chenxia", since=august.since, last_day=early)

    assert "stand_ins:" not in alone[alone.index("key: chenxia") : alone.index("key: wangmin")]
    assert of_two == PEOPLE


def test_a_stand_in_is_known_by_its_first_day_however_it_is_written() -> None:
    written = PEOPLE.replace("since: 2026-07-01", "since: 2026年7月1日")

    text = people.end_stand_in(written, "chenxia", since=date(2026, 7, 1), last_day=date(2026, 7, 2))

    assert "{person: wangmin, since: 2026年7月1日, until: 2026-07-02}" in text


@pytest.mark.parametrize(
    ("since", "last_day", "code"),
    [
        (date(2026, 7, 2), date(2026, 7, 3), "unknown_stand_in"),
        (date(2026, 7, 1), date(2026, 7, 16), "stand_in_dates"),
    ],
)
def test_ending_a_stand_in_never_makes_it_longer(since: date, last_day: date, code: str) -> None:
    with pytest.raises(EditRefused) as refused:
        people.end_stand_in(PEOPLE, "chenxia", since=since, last_day=last_day)

    assert refused.value.code == code


def test_a_date_that_is_none_is_no_stand_ins_first_day() -> None:
    broken = PEOPLE.replace("since: 2026-07-01", "since: 2026-02-30")

    with pytest.raises(EditRefused):
        people.end_stand_in(broken, "chenxia", since=date(2026, 7, 1), last_day=date(2026, 7, 2))


def test_the_official_order_can_be_changed(read: Callable[[str], Roster]) -> None:
    text = people.move_person(PEOPLE, "zhangwei", after="liguoqiang")
    first = people.move_person(PEOPLE, "zhangwei", after=None)

    keys = list(read(text).people)
    assert keys[keys.index("liguoqiang") + 1] == "zhangwei"
    assert next(iter(read(first).people)) == "zhangwei"
    assert sorted(text.splitlines()) == sorted(PEOPLE.splitlines())
    assert people.move_person(PEOPLE, "zhangwei", after="zhaoli") == PEOPLE


def test_units_are_added_and_renamed(read: Callable[[str], Roster]) -> None:
    text = people.add_unit(PEOPLE, Unit("baiyang", "白杨村", "village", parent="caohui", contact="pengyu"), after="qingsong")

    assert gone_and_come(PEOPLE, text)[1] == [
        "  - {key: baiyang, name: 白杨村, kind: village, parent: caohui, contact: pengyu}\n"
    ]
    units = list(read(text).units)
    assert units[units.index("qingsong") + 1] == "baiyang"
    renamed = people.rename_unit(text, "baiyang", "白杨社区")
    assert read(renamed).units["baiyang"].name == "白杨社区"


def test_a_unit_gets_another_contact_and_head(read: Callable[[str], Roster]) -> None:
    text = people.set_contact(people.set_head(PEOPLE, "paichusuo", "chenxia"), "paichusuo", "wangmin")

    assert gone_and_come(PEOPLE, text)[1] == [
        "  - {key: paichusuo, name: 派出所, kind: office, parent: caohui, head: chenxia, contact: wangmin}\n"
    ]
    assert people.set_contact(people.set_head(text, "paichusuo", "sunlei"), "paichusuo", None) == PEOPLE


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda: people.rename_person(PEOPLE, "zhangwi", "x"), "unknown_person", "是不是 zhangwei"),
        (lambda: people.set_head(PEOPLE, "sifasu", "x"), "unknown_unit", "是不是 sifasuo"),
        (lambda: people.add_person(PEOPLE, Person("chenxia", "x", ())), "key_taken", "换一个"),
        (lambda: people.add_unit(PEOPLE, Unit("sifasuo", "x", "office")), "key_taken", "换一个"),
        (lambda: people.add_person(PEOPLE, Person("new", "x", ()), after="nobody"), "unknown_person", "请刷新页面"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(change: Callable[[], str], code: str, said: str) -> None:
    with pytest.raises(EditRefused) as refused:
        change()

    assert refused.value.code == code
    assert said in refused.value.sentence
