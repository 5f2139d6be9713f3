"""The admin hears of what is wrong: once, over two channels, again a day later, and never from messages about messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models.message import MessageState, messages
from models.upkeep import problems
from notifications.envelope import Channel
from planning.delivery_rules import ChannelRule
from planning.roster import Destination
from services.office_messages import build_office_messages, something_to_tell, still_wanted
from services.problems import close_problem, report_problem
from tests.services.delivery.town import CUT, DOWN, GONE, SPAM, Town, Wire, at, policy

ADMIN = "liguoqiang"
MORNING = at("2026-03-02", "09:00")  # a Monday
TWO = {ADMIN: (Destination("mail", "li@caohui.example"), Destination("wecom", "liguoqiang"))}


class Office:
    """The town with an admin who is reached by mail and by WeCom."""

    def __init__(self, town: Town, **changes: Any) -> None:
        self.town = town
        self.policy = policy(**({"admin": ADMIN, "destinations": TWO} | changes))
        self.mail, self.wecom = town.wire, Wire("wecom")

    def report(self, key: str, text: str, *, now: datetime = MORNING, kind: str = "plan") -> None:
        with self.town.store.write() as db:
            report_problem(db, key=key, kind=kind, text=text, now=now)

    def close(self, key: str, *, now: datetime) -> None:
        with self.town.store.write() as db:
            assert close_problem(db, key=key, now=now)

    def build(self, now: datetime = MORNING, channels: tuple[str, ...] = ("mail", "wecom")) -> int:
        with self.town.store.write() as db:
            return build_office_messages(db, self.policy, channels, now=now)

    def tick(self, now: datetime) -> None:
        channels: dict[str, Channel] = {"wecom": self.wecom}
        self.town.tick(now, policy=self.policy, channels=channels)

    def rows(self) -> list[Any]:
        """Without the daily lines."""
        return [row for row in self.town.rows(messages) if row.kind == "office" and not row.about[0].startswith("daily:")]

    def told(self) -> dict[str, datetime | None]:
        return {row.key: row.told_at for row in self.town.rows(problems)}

    def texts(self, wire: Wire) -> list[str]:
        return [one.text for one in wire.taken if "岁时" in one.subject and "个问题需要处理" in one.subject]


@pytest.fixture
def office(town: Town) -> Office:
    return Office(town)


def test_one_message_on_each_of_two_channels_names_all_problems_with_their_remedies(office: Office) -> None:
    office.report("calendar", "calendar/10.yaml 第3行看不懂。请运行 suishi check。")
    office.report("backup", "备份没有写成。请检查磁盘空间。")
    office.tick(MORNING)
    assert [(row.channel, row.person, row.rank) for row in office.rows()] == [("mail", ADMIN, 0), ("wecom", ADMIN, 1)]
    assert [row.subject for row in office.rows()] == ["【法治建设工作提醒】岁时：2个问题需要处理"] * 2
    for wire in (office.mail, office.wecom):
        (text,) = office.texts(wire)
        assert "1. 备份没有写成。请检查磁盘空间。" in text
        assert "2. calendar/10.yaml 第3行看不懂。请运行 suishi check。" in text
        assert "http://127.0.0.1:8600/problems" in text
    refs = [row.ref for row in office.rows()]
    assert [
        ref in text for ref, text in zip(refs, (office.texts(office.mail)[0], office.texts(office.wecom)[0]), strict=True)
    ] == [
        True,
        True,
    ]
    assert office.told() == {"calendar": MORNING, "backup": MORNING}


def test_a_problem_is_told_once_and_again_a_day_later(office: Office) -> None:
    office.report("calendar", "日历有错。")
    assert office.build() == 2
    assert [office.build(MORNING + timedelta(minutes=minutes)) for minutes in (0, 10, 60, 600, 1430)] == [0] * 5
    assert office.build(MORNING + timedelta(hours=24)) == 2
    assert office.build(MORNING + timedelta(hours=24, minutes=10)) == 0


def test_seeing_it_again_does_not_tell_it_again(office: Office) -> None:
    office.report("calendar", "日历有错。")
    office.build()
    for minutes in range(10, 200, 10):
        office.report("calendar", "日历有错。", now=MORNING + timedelta(minutes=minutes))
        assert office.build(MORNING + timedelta(minutes=minutes)) == 0


def test_a_new_problem_goes_out_by_itself_and_next_days_come_together(office: Office) -> None:
    office.report("calendar", "日历有错。")
    office.build()
    later = MORNING + timedelta(hours=3)
    office.report("backup", "备份没有写成。", now=later)
    office.build(later)
    assert office.rows()[-1].about == ["backup", "calendar"]  # the first message had not left: one takes over the other
    office.tick(later)
    assert office.build(MORNING + timedelta(hours=24)) == 2
    assert sorted(office.rows()[-1].about) == ["backup", "calendar"]
    assert office.build(later + timedelta(hours=24)) == 0  # it came along with the other


def test_what_ended_is_said_once_with_the_next_message(office: Office) -> None:
    office.report("calendar", "日历有错。")
    office.report("never-told", "没人知道的事。")
    with office.town.store.write() as db:
        db.execute(update(problems).where(problems.c.key == "never-told").values(closed_at=MORNING))
    office.tick(MORNING)
    office.close("calendar", now=MORNING + timedelta(hours=1))
    assert office.build(MORNING + timedelta(hours=1)) == 0  # an end alone starts no message
    office.report("backup", "备份没有写成。", now=MORNING + timedelta(hours=2))
    office.tick(MORNING + timedelta(hours=2))
    text = office.texts(office.mail)[-1]
    assert "已消除：日历有错。" in text
    assert "没人知道的事" not in text
    assert office.rows()[-1].about == ["backup", "ended:calendar"]
    office.report("disk", "磁盘快满了。", now=MORNING + timedelta(hours=5, minutes=40))
    office.tick(MORNING + timedelta(hours=5, minutes=40))
    assert "已消除" not in office.texts(office.mail)[-1]


def test_what_comes_back_before_its_end_was_told_is_not_told_again(office: Office) -> None:
    office.report("ping:outside", "没有应答。")
    office.tick(MORNING)
    office.close("ping:outside", now=MORNING + timedelta(minutes=10))
    office.report("ping:outside", "没有应答。", now=MORNING + timedelta(minutes=20))
    assert office.build(MORNING + timedelta(minutes=20)) == 0


def test_two_flapping_problems_do_not_fill_the_mailbox(office: Office) -> None:
    for number in range(18):  # three hours of ticks
        now = MORNING + timedelta(minutes=10 * number)
        up, down = ("a", "b") if number % 2 else ("b", "a")
        office.report(down, f"{down}坏了。", now=now)
        with office.town.store.write() as db:
            close_problem(db, key=up, now=now)
        office.build(now)
    assert len([row for row in office.rows() if row.channel == "mail"]) <= 7


def test_a_group_never_reads_of_the_offices_troubles(town: Town) -> None:
    in_group = {ADMIN: (Destination("robot", "liguoqiang"), *TWO[ADMIN])}
    office = Office(town, destinations=in_group, channel_rules={"robot": ChannelRule(group=True, group_name="法治办工作群")})
    office.report("calendar", "日历有错。")
    assert office.build(channels=("robot", "mail", "wecom")) == 2
    assert [row.channel for row in office.rows()] == ["mail", "wecom"]
    assert [row.rank for row in office.rows()] == [1, 2]


def test_two_addresses_on_one_channel_are_one_way_only(town: Town) -> None:
    twice = {ADMIN: (Destination("mail", "li@caohui.example"), Destination("mail", "li@home.example"), TWO[ADMIN][1])}
    office = Office(town, destinations=twice)
    office.report("calendar", "日历有错。")
    office.build()
    assert [(row.channel, row.address) for row in office.rows()] == [("mail", "li@caohui.example"), ("wecom", "liguoqiang")]


def test_the_second_admin_is_told_as_well(town: Town) -> None:
    both = {**TWO, "wangmin": (Destination("mail", "wangmin@caohui.example"), Destination("wecom", "wangmin"))}
    office = Office(town, second_admin="wangmin", destinations=both)
    office.report("calendar", "日历有错。")
    assert office.build() == 4
    assert {row.person for row in office.rows()} == {ADMIN, "wangmin"}


def test_an_admin_with_one_channel_is_advised_once_and_told_over_that_one(town: Town) -> None:
    office = Office(town, destinations={ADMIN: (Destination("mail", "li@caohui.example"),)})
    for hours in range(0, 100, 5):
        assert office.build(MORNING + timedelta(hours=hours)) == 0
    (advice,) = office.town.rows(problems)
    assert (advice.key, advice.kind, advice.count) == (f"single-channel:{ADMIN}", "advice", 1)
    assert "只有“mail”一个提醒渠道" in advice.text
    office.report("calendar", "日历有错。")
    assert office.build(MORNING) == 1
    assert office.rows()[0].about == ["calendar"]
    office.policy = replace(office.policy, destinations=TWO)
    office.build(MORNING + timedelta(hours=120))
    assert list(office.town.open_problems) == ["calendar"]


def test_without_an_admin_and_without_a_problem_nothing_is_built(office: Office) -> None:
    with office.town.store.read() as db:
        assert not something_to_tell(db, office.policy, now=MORNING)
    assert office.build() == 0
    office.report("calendar", "日历有错。")
    office.policy = replace(office.policy, admin="")
    assert office.build() == 0
    assert office.told() == {"calendar": None}


def test_who_cannot_be_reached_counts_as_untold(office: Office) -> None:
    office.report("calendar", "日历有错。")
    assert office.build(channels=()) == 0
    assert office.told() == {"calendar": None}
    assert office.build(channels=("wecom",)) == 1


@pytest.mark.parametrize("answer", [GONE, SPAM, CUT, DOWN])
def test_a_message_that_fails_begets_no_messages_without_end(office: Office, answer: Any) -> None:
    office.report("calendar", "日历有错。")
    office.mail.script = [answer] * 500
    office.wecom.script = [answer] * 500
    for number in range(60):  # ten hours of ticks: the windows leave six and a half of them
        office.tick(MORNING + timedelta(minutes=10 * number))
    assert len(office.rows()) <= 6
    for number in range(6):
        office.tick(at("2026-03-03", "09:05") + timedelta(minutes=10 * number))
    assert len(office.rows()) <= 12


def test_a_dead_address_is_told_over_the_other_channel_and_tried_once_a_day(office: Office) -> None:
    office.report("calendar", "日历有错。")
    office.mail.script = [GONE] * 50
    for number in range(12):
        office.tick(MORNING + timedelta(minutes=10 * number))
    assert f"address:{ADMIN}:mail" in office.town.open_problems
    assert any("地址被退回" in text for text in office.texts(office.wecom))
    tried = [row for row in office.rows() if row.channel == "mail"]
    assert len(tried) == 1
    for number in range(12):
        office.tick(at("2026-03-03", "09:10") + timedelta(minutes=10 * number))
    assert len([row for row in office.rows() if row.channel == "mail"]) == 2


def test_an_address_that_works_again_is_used_again(office: Office) -> None:
    office.report("calendar", "日历有错。")
    office.mail.script = [GONE]
    office.tick(MORNING)
    office.tick(at("2026-03-03", "09:10"))
    assert f"address:{ADMIN}:mail" not in office.town.open_problems
    assert len(office.texts(office.mail)) == 1


def test_messages_for_a_dead_channel_do_not_pile_up(office: Office) -> None:
    office.report("calendar", "日历有错。")
    office.mail.script = [DOWN] * 500
    for day in ("02", "03", "04", "05"):
        for hour in ("09:00", "10:00", "15:00"):
            office.tick(at(f"2026-03-{day}", hour))
    waiting = [row for row in office.rows() if row.channel == "mail" and row.state == MessageState.PENDING]
    assert len(waiting) == 1
    assert "calendar" in waiting[0].about
    office.mail.script = []
    office.tick(at("2026-03-06", "15:00"))
    assert len(office.texts(office.mail)) == 1


def test_a_message_about_what_is_over_is_not_sent(office: Office) -> None:
    office.report("calendar", "日历有错。")
    office.build()
    office.close("calendar", now=MORNING)
    office.tick(MORNING + timedelta(minutes=10))
    assert {row.state for row in office.rows()} == {MessageState.CANCELLED}


def test_still_wanted_looks_at_each_key(office: Office) -> None:
    office.report("a", "甲。")
    office.report("b", "乙。")
    office.close("b", now=MORNING)
    with office.town.store.read() as db:
        assert still_wanted(db, ["a", "b"])
        assert not still_wanted(db, ["b"])
        assert still_wanted(db, ["b", "ended:b"])
        assert not still_wanted(db, ["ended:a"])
        assert not still_wanted(db, [])
        assert still_wanted(db, ["daily:2026-03-02"])


def test_what_happened_once_leaves_the_list_three_days_after_it_was_told(office: Office) -> None:
    office.report("refused:T2603-000001", "被拒收。", kind="refused")
    office.tick(MORNING)
    for day in (3, 4):
        office.tick(at(f"2026-03-0{day}", "09:10"))
        assert "refused:T2603-000001" in office.town.open_problems
    office.tick(at("2026-03-05", "09:20"))
    assert office.town.open_problems == {}
    office.report("calendar", "日历有错。", now=at("2026-03-05", "10:00"))
    office.tick(at("2026-03-05", "10:00"))
    assert "已消除" not in office.texts(office.mail)[-1]


def test_a_problem_told_by_a_clock_that_was_years_ahead_is_told_by_the_right_one(office: Office) -> None:
    office.report("hold:clock", "时钟快了。", now=at("2028-03-02", "09:00"), kind="clock")
    office.build(at("2028-03-02", "09:00"))
    assert office.build(MORNING) == 2


def test_a_short_channel_gets_what_fits_and_the_number_of_the_rest(town: Town) -> None:
    short = {"wecom": ChannelRule(markup="markdown", most_bytes=2048), "mail": ChannelRule()}
    office = Office(town, channel_rules=short)
    for number in range(25):
        office.report(f"p{number:02}", f"第{number}处设置不对，<@all>请按说明改正第{number}处设置，然后重新运行检查。" * 2)
    office.build()
    mail, wecom = office.rows()
    assert "25. " in mail.text
    assert mail.html
    assert len(wecom.text.encode()) <= 2048
    assert "个问题，请打开问题清单查看" in wecom.text
    assert "<@all>" not in wecom.text
    assert wecom.html == ""
    with town.store.read() as db:
        assert db.execute(select(problems.c.key).where(problems.c.told_at.is_(None))).all() == []
