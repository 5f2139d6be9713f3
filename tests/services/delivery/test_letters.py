"""How many messages the words make, what a group reads, how pressing is counted, and the calendar file beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import insert

from models.message import messages
from models.occurrence import extension_requests, occurrences
from models.office import units
from models.reminder import reminders
from models.store import Store
from notifications.letter import Markup
from notifications.mail.build import build_mail
from planning.basis import DeliveryPolicy
from planning.delivery_rules import ChannelRule
from planning.duty import Role
from planning.roster import Destination, Person, Post, Roster, StandIn
from planning.sheets import Sheet
from services.letters import Built, Reader, add_messages, lock_numbering, placeholder, with_tokens, word
from services.rehearse import rehearse
from services.waiting import load_waiting
from tests.services.delivery.town import CUT, NAMES, Town, at, policy

TUESDAY = at("2026-03-03")
SHEETS = (
    Sheet(1, frozenset({Role.OVERSEER}), "橙", "催办单", demand="请督促{责任人}抓紧办理。"),
    Sheet(3, frozenset({Role.OVERSEER, Role.LEADER}), "橙", "督办单", opening="第{次数}次，请{责任单位}说明。"),
)
MAIL = Destination("mail", "wangmin@caohui.example")
GROUP = Destination("qun", "wangmin,chenxia")


def ruled(**rule: Any) -> DeliveryPolicy:
    return policy(channel_rules={"mail": ChannelRule(attaches=True), "qun": ChannelRule(**rule)}, sheets=SHEETS)


def built(store: Store, reader: Reader, rules: DeliveryPolicy, **more: Any) -> list[Built]:
    def work(db: Any) -> list[Built]:
        lock_numbering(db)
        return add_messages(db, load_waiting(db, reminders.c.state == "planned"), reader, policy=rules, now=TUESDAY, **more)

    return store.transact(work)


def person(**changes: Any) -> Reader:
    return Reader("wangmin", "王敏", changes.pop("destination", Destination("qun", "wangmin")), **changes)


def test_a_channels_bytes_make_several_messages_and_each_reminder_is_in_one(town: Town) -> None:
    for n in range(30):
        town.item(f"第{n}项" + "法治宣传进村（社区）" * 2)
    made = built(town.store, person(), ruled(markup=Markup.MARKDOWN, most_bytes=2048), tries=2, after=[7])
    rows = town.rows(messages)
    assert len(made) > 1
    assert [one.id for one in made] == [row.id for row in rows]
    assert [row.ref for row in rows] == [f"T2603-{number:06d}" for number in range(1, len(rows) + 1)]
    told = [one.reminder_id for each in made for one in each.told]
    assert sorted(told) == [row.id for row in town.rows(reminders)]
    assert len({row.dedupe_key for row in rows}) == len(rows)
    assert all(row.tries == 2 for row in rows)
    for number, (one, row) in enumerate(zip(made, rows, strict=True), start=1):
        assert len(row.text.encode()) <= 2048
        assert f"（第{number}条，共{len(rows)}条）" in row.text
        assert row.ref in row.text
        assert [entry["assignment"] for entry in row.links] == [waiting.assignment_id for waiting in one.told]
        for waiting in one.told:
            assert waiting.title in row.text


def test_tokens_fit_where_their_placeholders_stood(town: Town) -> None:
    for n in range(30):
        town.item(f"第{n}项法治宣传")
    built(town.store, person(), ruled(markup=Markup.TEXT, most_bytes=2048))
    for row in town.rows(messages):
        tokens = {placeholder(entry["id"]): "t" * 26 for entry in row.links}
        assert len(with_tokens(row.text, tokens).encode()) <= 2048


def test_a_mail_is_one_whatever_it_holds(town: Town) -> None:
    for n in range(40):
        town.item(f"第{n}项")
    (one,) = built(town.store, person(destination=MAIL), ruled())
    assert len(one.told) == 40
    (row,) = town.rows(messages)
    assert "另有10项" in row.text
    assert len(row.links) == 40


def test_who_follows_a_refused_message_names_it(town: Town) -> None:
    town.item()
    built(town.store, person(destination=MAIL), ruled())
    town.change(messages, 1, state="failed")
    built(town.store, person(), ruled(markup=Markup.TEXT), fallback_of=1, replaces="T2603-000001")
    row = town.rows(messages)[1]
    assert row.fallback_of == 1
    assert "如已收到编号T2603-000001的提醒，请忽略" in row.text


def test_words_said_again_speak_of_no_parts(town: Town) -> None:
    for n in range(30):
        town.item(f"第{n}项" + "法治宣传进村（社区）" * 2)
    rules = ruled(markup=Markup.TEXT, most_bytes=2048)
    first = built(town.store, person(), rules)[0]
    again = town.store.transact(lambda db: word(db, first.told, person(), ref="T2603-000001", policy=rules, now=at("2026-03-09")))
    assert "条，共" not in again.text
    assert len(again.text.encode()) <= 2048
    assert "已逾期1个工作日" in again.text
    assert len(again.links) == len(first.told)


def test_a_group_reads_each_person_and_carries_no_link(town: Town) -> None:
    shared = town.occurrence("法治专题学习")
    town.remind(town.assign(shared, "wangmin"))
    town.remind(town.assign(shared, "chenxia", "partner"))
    town.item("矛盾纠纷排查", person="chenxia")
    reader = Reader("group:qun", "法治办工作群", GROUP, group=True)
    (one,) = built(town.store, reader, ruled(markup=Markup.MARKDOWN, most_bytes=4096, group=True, links=False))
    assert len(one.told) == 3
    (row,) = town.rows(messages)
    assert (row.person, row.name, row.address, row.calendar) == ("group:qun", "法治办工作群", "wangmin,chenxia", "")
    assert "**王敏：**\n1. 【黄灯】法治专题学习，3月6日（周五），还剩3个工作日；请陈霞配合" in row.text
    assert "**陈霞：**\n1. 【黄灯】矛盾纠纷排查" in row.text
    assert "/t/" not in row.text
    assert all("id" not in entry for entry in row.links)
    assert "wangmin" not in row.text


def test_a_channel_may_tell_less_than_the_office(town: Town) -> None:
    town.item("涉密的事", explanation="因会议提前")
    built(town.store, person(), ruled(markup=Markup.TEXT, detail="number"))
    (row,) = town.rows(messages)
    assert "涉密的事" not in row.subject + row.text + row.html
    built(town.store, person(destination=MAIL), ruled(detail="number"))
    assert "涉密的事" in town.rows(messages)[1].text


def test_a_group_is_told_who_stands_in(town: Town) -> None:
    town.item(person="wangmin")
    away = StandIn("chenxia", date(2026, 3, 1), date(2026, 3, 31))
    roster = Roster(
        people={
            "wangmin": Person("wangmin", "王敏", (Post("sifasuo", "所长"),), stand_ins=(away,)),
            "chenxia": Person("chenxia", "陈霞", (Post("sifasuo", "干部"),)),
        }
    )
    rules = policy(channel_rules={"qun": ChannelRule(markup="text", group=True)}, roster=roster)
    built(town.store, Reader("group:qun", "群", GROUP, group=True), rules)
    assert "王敏（陈霞代）：" in town.rows(messages)[0].text


def pressed(town: Town, *, role: str = "overseer", step: str = "T+1", state: str = "planned", due: str = "2026-02-27") -> int:
    """An item overdue since Friday with its owner and one who oversees; the occurrence."""
    occurrence = town.occurrence("行政检查计划报备", due=due, unit="dadui")
    town.assign(occurrence, "zhangwei")
    town.remind(town.assign(occurrence, "liguoqiang", role), step, state=state)
    with town.store.write() as db:
        db.execute(insert(units), {"key": "dadui", "name": "综合行政执法大队", "kind": "office", "position": 0})
    return occurrence


def overseer(destination: Destination = MAIL) -> Reader:
    return Reader("liguoqiang", "李国强", destination)


def test_whoever_oversees_gets_the_sheet_that_is_true_on_the_day_of_reading(town: Town) -> None:
    pressed(town)
    built(town.store, overseer(), ruled())
    (row,) = town.rows(messages)
    assert row.subject == "【法治建设工作提醒】〔督办单〕行政检查计划报备：已逾期3个工作日（2月27日截止）"
    for words in ("【橙灯】〔督办单〕", "责任单位：综合行政执法大队", "责任人：张伟", "催办：第1次", "请综合行政执法大队说明"):
        assert words in row.text
    assert f"编号：{row.ref}-1" in row.text


def test_the_first_workday_after_the_due_day_has_a_sheet_of_its_own(town: Town) -> None:
    pressed(town, due="2026-03-02")
    built(town.store, overseer(), ruled())
    (row,) = town.rows(messages)
    for words in ("【橙灯】〔催办单〕", "责任人：张伟", "催办：第1次", "要求：请督促张伟抓紧办理", "已逾期1个工作日"):
        assert words in row.text


def test_sheets_that_were_read_are_counted_and_those_that_were_not_are_not(town: Town) -> None:
    occurrence = pressed(town, role="leader", step="T+3")
    part = town.assign(occurrence, "liguoqiang", "overseer")
    for step, state in (("T+1", "sent"), ("T+2", "folded"), ("T-1", "sent")):
        town.remind(part, step, state=state)
    town.remind(town.assign(occurrence, "chenxia", "overseer"), "T+1", state="sent")
    built(town.store, overseer(), ruled())
    text = town.rows(messages)[0].text
    assert "第2次，请综合行政执法大队说明。" in text
    assert "【橙灯】〔督办单〕" in text


def test_no_sheet_without_its_day_its_role_or_the_offices_wish(town: Town) -> None:
    pressed(town, role="leader", due="2026-03-02")
    built(town.store, overseer(), ruled())
    town.change(messages, 1, dedupe_key="another")
    built(town.store, overseer(), policy())
    for row in town.rows(messages):
        assert "〔督办〕" in row.text
        assert "责任单位" not in row.text


def test_an_extension_that_waits_takes_the_sheet_away(town: Town) -> None:
    occurrence = pressed(town)
    asked = {
        "occurrence_id": occurrence,
        "from_on": date(2026, 2, 27),
        "to_on": date(2026, 3, 13),
        "reason": "等上级文件",
        "asked_by": "zhangwei",
        "asked_name": "张伟",
        "asked_at": at("2026-02-26"),
        "state": "pending",
    }
    with town.store.write() as db:
        db.execute(insert(extension_requests), asked)
    built(town.store, overseer(), ruled())
    (row,) = town.rows(messages)
    told = row.subject + row.text + row.html
    assert "延期待批" in told
    assert "逾期" not in told
    assert "催办单" not in told


def test_the_calendar_holds_what_the_reader_does_and_nothing_else(town: Town) -> None:
    mine = town.item("法治专题学习")
    off = town.occurrence("取消的事")
    town.remind(town.assign(off), "cancelled")
    town.close(off, state="waived")
    town.item("下属的事", role="overseer")
    built(town.store, person(destination=MAIL), ruled())
    (row,) = town.rows(messages)
    entries = {str(entry["UID"]): entry for entry in Calendar.from_ical(row.calendar).walk("VEVENT")}
    assert set(entries) == {f"occurrence-{mine}@caohui.example", f"occurrence-{off}@caohui.example"}
    assert entries[f"occurrence-{mine}@caohui.example"]["DTEND"].dt == at("2026-03-06", "17:30")
    assert entries[f"occurrence-{off}@caohui.example"]["STATUS"] == "CANCELLED"
    assert "{link" not in row.calendar


@pytest.mark.parametrize("channel", ["qun", "other"])
def test_a_channel_that_carries_no_files_gets_none(town: Town, channel: str) -> None:
    town.item()
    built(town.store, person(destination=Destination(channel, "wangmin")), ruled())
    assert town.rows(messages)[0].calendar == ""


def test_a_move_before_the_words_left_is_in_the_calendar_as_well(town: Town) -> None:
    occurrence = town.item()
    rules = ruled()
    (one,) = built(town.store, person(destination=MAIL), rules)
    town.change(occurrences, occurrence, due_on=date(2026, 3, 9), due_at=at("2026-03-09", "17:30"), due_epoch=1)

    def again(db: Any) -> dict[str, Any]:
        waiting = load_waiting(db, reminders.c.id == one.told[0].reminder_id)
        return word(db, waiting, person(destination=MAIL), ref="T2603-000001", policy=rules, now=TUESDAY).columns()

    before, after = town.rows(messages)[0].calendar, town.store.transact(again)["calendar"]
    assert "SEQUENCE:0" in before
    assert "SEQUENCE:1" in after
    assert "DTEND;TZID=Asia/Shanghai:20260309T173000" in after


def test_a_title_that_looks_like_a_link_gets_no_token(town: Town) -> None:
    town.item("看这里{link:1}")
    town.tick(TUESDAY)
    (envelope,) = town.wire.taken
    assert envelope.text.count("/t/") == 1
    assert "｛link:1}" in envelope.text
    assert set(NAMES) == set(town.policy.destinations)


def test_the_file_goes_out_with_the_mail_and_says_the_same_at_a_second_try(town: Town) -> None:
    town.item()
    town.wire.script = [CUT]
    town.tick(TUESDAY, policy=ruled())
    town.tick(at("2026-03-03", "09:30"), policy=ruled())
    first, second = town.wire.taken
    (file,) = first.attachments
    assert (file.name, file.media_type) == ("办理项.ics", "text/calendar")
    assert "SUMMARY:法治专题学习截止" in file.text
    assert first == second
    assert build_mail(first, sender="fazhi@caohui.example") == build_mail(second, sender="fazhi@caohui.example")


def test_a_rehearsal_has_the_sheet_that_will_be_sent(town: Town) -> None:
    occurrence = pressed(town, step="T+3")
    told = town.assign(occurrence, "liguoqiang", "leader")
    town.remind(told, "T+1", state="sent")
    (heard,) = rehearse(town.store, ruled(), now=TUESDAY, until=TUESDAY)
    town.tick(TUESDAY, policy=ruled())
    (envelope,) = town.wire.taken
    assert heard.text == envelope.text
    assert "责任单位：综合行政执法大队" in heard.text
