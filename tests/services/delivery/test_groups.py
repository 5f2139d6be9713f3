from __future__ import annotations

from dataclasses import replace

from models.message import messages
from planning.basis import DeliveryPolicy
from planning.delivery_rules import ChannelRule
from planning.roster import Destination
from tests.services.delivery.town import DOWN, GONE, Town, Wire, at, policy

TUESDAY = at("2026-03-03")
AFTERNOON = at("2026-03-03", "14:35")


def in_a_group(*, then: str = "", detail: str = "title", most_bytes: int | None = None) -> DeliveryPolicy:
    """王敏 and 陈霞 are reached through the office's group; ``then`` names a channel of their own behind it."""
    mobiles = {"wangmin": "13800000001", "chenxia": "13800000002"}
    listed = {
        person: (Destination("group", mobile), *((Destination(then, f"{person}@caohui.example"),) if then else ()))
        for person, mobile in mobiles.items()
    }
    rule = ChannelRule(
        markup="markdown", group=True, group_name="法治办工作群", links=False, detail=detail, most_bytes=most_bytes
    )
    return policy(destinations=listed, channel_rules={"group": rule})


def test_a_group_gets_one_message_for_all_and_each_reminder_is_told_by_it(town: Town) -> None:
    town.item("第一季度学习")
    town.item("季度报告", person="chenxia")
    group = Wire("group")
    outcome = town.tick(TUESDAY, policy=in_a_group(), channels={"group": group})
    assert (outcome.built, outcome.sent) == (1, 1)
    (envelope,) = group.taken
    assert envelope.address == "13800000001,13800000002"
    for words in ("第一季度学习", "季度报告", "王敏", "陈霞", "编号"):
        assert words in envelope.text
    assert "/t/" not in envelope.text  # whoever is in the group could press it in another's name
    assert "138" not in envelope.text
    (message,) = town.rows(messages)
    assert (message.person, message.name) == ("group:group", "法治办工作群")
    assert town.reminder_states == ["sent", "sent"]


def test_only_the_number_of_a_delicate_item_reaches_the_group(town: Town) -> None:
    town.item("某企业信用等级核查")
    group = Wire("group")
    town.tick(TUESDAY, policy=in_a_group(detail="number"), channels={"group": group})
    assert "某企业" not in group.taken[0].text + group.taken[0].subject


def test_what_a_group_cannot_get_goes_to_each_alone(town: Town) -> None:
    town.item("第一季度学习")
    town.item("季度报告", person="chenxia")
    group = Wire("group", script=[replace(GONE, code="93000")])
    outcome = town.tick(TUESDAY, policy=in_a_group(then="mail"), channels={"group": group})
    assert (outcome.failed, outcome.sent) == (1, 2)
    assert sorted(envelope.address for envelope in town.wire.taken) == ["chenxia@caohui.example", "wangmin@caohui.example"]
    assert ["第一季度学习" in envelope.text for envelope in sorted(town.wire.taken, key=lambda one: one.address)] == [False, True]
    assert {row.fallback_of for row in town.rows(messages)[1:]} == {1}
    assert town.reminder_states == ["sent", "sent"]


def test_without_another_address_everybody_of_the_group_is_named_to_the_admin(town: Town) -> None:
    town.item("第一季度学习")
    town.item("季度报告", person="chenxia")
    town.tick(TUESDAY, policy=in_a_group(), channels={"group": Wire("group", script=[GONE])})
    assert {"unreachable:wangmin", "unreachable:chenxia"} <= town.open_problems.keys()
    assert town.reminder_states == ["failed", "failed"]


def test_a_long_list_for_a_group_is_cut_between_items_and_nothing_is_left_out(town: Town) -> None:
    titles = [f"第{number}个企业的年度检查工作任务" for number in range(1, 31)]
    for title in titles:
        town.item(title)
    group = Wire("group")
    town.tick(TUESDAY, policy=in_a_group(most_bytes=2048), channels={"group": group})
    assert len(group.taken) > 1
    assert all(len(envelope.text.encode()) <= 2048 for envelope in group.taken)
    told = "".join(envelope.text for envelope in group.taken)
    assert all(told.count(f"{title}") == 1 for title in titles)
    assert set(town.reminder_states) == {"sent"}


def test_what_waits_for_a_group_joins_what_comes_in_the_afternoon(town: Town) -> None:
    town.item("第一季度学习")
    group = Wire("group", script=[DOWN])
    town.tick(TUESDAY, policy=in_a_group(), channels={"group": group})
    town.item("季度报告", person="chenxia", fire_at=AFTERNOON)
    town.tick(AFTERNOON, policy=in_a_group(), channels={"group": group})
    (envelope,) = group.taken
    assert "第一季度学习" in envelope.text
    assert "季度报告" in envelope.text
    assert envelope.address == "13800000001,13800000002"
