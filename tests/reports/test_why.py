"""Why somebody got, or did not get, a message: every fate and every hold has its own sentence, with time and words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from models.message import attempts, messages
from models.occurrence import assignments, extension_requests, occurrences
from models.upkeep import facts
from planning.held import FIRST_HEARD
from planning.windows import parse_windows
from reports.channel_rests import channel_rests
from reports.channels import Condition, standings
from reports.outbox import MessageFilters, outbox
from reports.sentences import step_words
from reports.why import Why, why
from tests.rows import message_row

HEAD = "“中心组法治专题学习”的"
DAY = date(2026, 3, 9)  # a Monday
WINDOWS = parse_windows(["08:30-12:00", "14:30-17:30"])


class Asking:
    """One occurrence of 陈霞's, and the question why."""

    def __init__(self, office: Any, clock: Any, workdays: Any) -> None:
        self.office, self.clock, self.workdays = office, clock, workdays
        self.ref = office.occurrence(due=date(2026, 3, 12))
        self.now: datetime = clock(3, 9, 10)
        self.steps = iter(("T-9", "T-8", "T-7", "T-6", "T-5"))

    def remind(self, fire_at: datetime | None = None, **fields: Any) -> None:
        self.office.reminder(self.ref, next(self.steps), fire_at or self.clock(3, 9, 9), **fields)

    def mail(self, number: int, *, state: str = "sent", at: datetime | None = None, **fields: Any) -> int:
        when = at or self.clock(3, 9, 9)
        usual = {
            "person": "chenxia",
            "name": "陈霞",
            "dedupe_key": f"k{number}",
            "state": state,
            "built_at": when,
            "next_at": when,
        }
        usual["sent_at"] = when if state == "sent" else None
        if state == "leased":
            usual |= {"lease_token": "t", "lease_until": when}
        with self.office.store.write() as db:
            row = message_row(id=number, ref=f"T2603-{number:06d}", **(usual | fields))
            db.execute(insert(messages), row)
        return number

    def tried(self, number: int, outcome: str, code: str, words: str) -> None:
        at = self.clock(3, 9, 9)
        row = {"message_id": number, "n": 1, "token": "t", "started_at": at, "data_at": at, "finished_at": at}
        with self.office.store.write() as db:
            db.execute(insert(attempts), row | {"outcome": outcome, "code": code, "detail": words})

    def fact(self, name: str, **value: Any) -> None:
        with self.office.store.write() as db:
            db.execute(insert(facts), {"name": name, "value": value, "at": self.now})

    def ask(self, person: str = "chenxia", day: date = DAY) -> Why:
        tz = self.clock(1, 1).tzinfo
        return why(self.office.store, person, day, now=self.now, tz=tz, windows=WINDOWS, workdays=self.workdays)

    def said(self, person: str = "chenxia", day: date = DAY) -> list[str]:
        return [one.removeprefix(HEAD).removeprefix("到期前9个工作日提醒") for one in self.ask(person, day).sentences]


@pytest.fixture
def asking(office: Any, clock: Any, workdays: Any) -> Asking:
    return Asking(office, clock, workdays)


def test_folded_into_a_newer_step(asking: Asking) -> None:
    asking.remind(state="folded", reason="由 T-7 一并提醒", message_id=asking.mail(1))
    assert asking.said() == ["没有单独发送，并入消息T2603-000001（由 T-7 一并提醒）。"]


def test_superseded_and_expired(asking: Asking) -> None:
    asking.remind(state="superseded", reason="时限已变更")
    asking.remind(state="expired", reason="到期太久，不再发送")
    assert [one.partition("提醒")[2] for one in asking.said()] == ["", "已过期没有发送：到期太久，不再发送。"]
    assert asking.said()[0] == "已取消：时限已变更。"


def test_before_the_day_from_which_the_office_is_reminded(asking: Asking) -> None:
    asking.office.occurrence(period="2025-Q4", due=DAY, silent=True)
    (said,) = asking.ask().sentences
    assert said == "“中心组法治专题学习”的时限2026年3月9日在启用日之前，只留记录，不提醒。"
    assert asking.ask().lines[0].state == "silent"


def test_held_because_this_half_day_has_had_its_message(asking: Asking) -> None:
    asking.remind(held_until=asking.clock(3, 9, 14) + timedelta(minutes=30), reason="本半天已提醒过，并入下一次")
    assert asking.said() == ["应于3月9日 09:00提醒，暂缓到3月9日 14:30：本半天已提醒过，并入下一次。"]


def test_put_off_by_the_reader_also_when_asked_for_the_day_it_was_put_off_to(asking: Asking) -> None:
    asking.remind(asking.clock(3, 6, 9), held_until=asking.clock(3, 11, 8), reason="按本人要求推迟到3月11日")
    expected = ["应于3月6日 09:00提醒，暂缓到3月11日 08:00：按本人要求推迟到3月11日。"]
    assert asking.said(day=date(2026, 3, 11)) == expected
    assert asking.said() == expected  # it waits on this day as well


def test_an_extension_that_nobody_decided_yet(asking: Asking) -> None:
    asking.remind()
    with asking.office.store.write() as db:
        occurrence = db.execute(select(occurrences.c.id)).scalar_one()
        wish = {"occurrence_id": occurrence, "from_on": DAY, "to_on": date(2026, 3, 20), "reason": "出差", "state": "pending"}
        wish |= {"asked_by": "chenxia", "asked_name": "陈霞", "asked_at": asking.now}
        db.execute(insert(extension_requests), wish | {"decided_by": "", "decided_name": "", "answer": ""})
    assert asking.said() == ["应于3月9日 09:00提醒，延期待批：陈霞申请延至3月20日，批复以前不提醒。"]


def test_a_crowd_after_a_stop_waits_for_a_word(asking: Asking) -> None:
    asking.remind()
    asking.fact("hold:catch-up", since=asking.clock(3, 9, 9).isoformat(), reason="停机后积压", count=320, released="")
    assert asking.said() == ["应于3月9日 09:00提醒，停机后积压，320条消息自3月9日 09:00起等待放行（suishi release-hold）。"]


def test_a_clock_in_doubt_holds_what_is_planned_and_what_is_built(asking: Asking) -> None:
    asking.remind()
    asking.fact("hold:clock", since=asking.clock(3, 9, 9).isoformat(), reason="时钟跳变")
    assert asking.said() == ["应于3月9日 09:00提醒，服务器时钟可疑（时钟跳变），自3月9日 09:00起暂停发送。"]
    asking.remind(state="queued", message_id=asking.mail(1, state="pending"))
    assert "已写入消息T2603-000001，服务器时钟可疑（时钟跳变）" in asking.said()[1]


def test_outside_the_windows(asking: Asking) -> None:
    asking.now = asking.clock(3, 9, 13)
    asking.remind()
    asking.remind(state="queued", message_id=asking.mail(1, state="pending"))
    first, second = asking.said()
    assert first == "应于3月9日 09:00提醒，现在不在发送时段，3月9日 14:30以后发送。"
    assert second.endswith("已写入消息T2603-000001，现在不在发送时段，3月9日 14:30以后发送。")


def test_a_channel_at_fault_and_one_that_was_asked_to_wait(asking: Asking) -> None:
    later = asking.clock(3, 9, 11).isoformat()
    since = asking.clock(3, 9, 9).isoformat()
    asking.fact("channel:mail", until=later, fails=3, reason="535 bad password", since=since)
    asking.fact("channel:wecom", until=later, fails=0, reason="45009 freq out of limit", since=since)
    asking.remind(state="queued", message_id=asking.mail(1, state="pending"))
    asking.remind(state="queued", message_id=asking.mail(2, state="pending", channel="wecom"))
    mail, wecom = asking.said()
    assert mail == "已写入消息T2603-000001，渠道“mail”暂停到3月9日 11:00（连续3次失败：535 bad password）。"
    assert wecom.endswith("渠道“wecom”暂停到3月9日 11:00（对方要求稍后再发：45009 freq out of limit）。")


def test_a_stand_in_got_it_and_is_told_for_whom(asking: Asking) -> None:
    asking.remind(state="sent", message_id=asking.mail(1, person="liqiang", name="李强"))
    asking.tried(1, "accepted", "250", "queued as Q7")
    assert asking.said() == ["已于3月9日 09:00由消息T2603-000001发出，由代理人李强接收，对方答复：250 queued as Q7。"]
    assert asking.said("liqiang") == ["（代陈霞）已于3月9日 09:00由消息T2603-000001发出，对方答复：250 queued as Q7。"]


def test_a_groups_message_is_named_by_the_group(asking: Asking) -> None:
    asking.remind(
        state="sent", message_id=asking.mail(1, person="group:robot", name="法治办工作群", channel="robot", verified=False)
    )
    assert asking.said() == ["已于3月9日 09:00由消息T2603-000001发出，发在“法治办工作群”里（渠道已收，无法核实）。"]
    (line,) = outbox(asking.office.store, MessageFilters(person="chenxia"), tz=asking.clock(1, 1).tzinfo).lines
    assert (line.name, line.verified, line.kind) == ("法治办工作群", False, "reminders")
    assert outbox(asking.office.store, MessageFilters(person="liqiang"), tz=asking.clock(1, 1).tzinfo).total == 0


def test_what_a_refusal_led_to_is_told_from_the_beginning(asking: Asking) -> None:
    asking.mail(1, state="failed", last_error="550 no such user")
    asking.mail(2, channel="wecom", fallback_of=1)
    asking.tried(2, "accepted", "0", "ok")
    asking.remind(state="sent", message_id=2)
    assert asking.said() == [
        "已于3月9日 09:00由消息T2603-000002发出，对方答复：0 ok；此前mail渠道的消息T2603-000001没有送达（550 no such user）。"
    ]


def test_sent_on_another_day_than_it_was_due(asking: Asking) -> None:
    asking.remind(asking.clock(3, 6, 17), state="sent", message_id=asking.mail(1))
    expected = ["已于3月9日 09:00（应于3月6日 17:00）由消息T2603-000001发出。"]
    assert asking.said() == expected
    assert asking.said(day=date(2026, 3, 6)) == expected


def test_on_a_day_through_which_it_waited(asking: Asking) -> None:
    asking.remind(asking.clock(3, 5, 17), state="sent", message_id=asking.mail(1))
    assert asking.said(day=date(2026, 3, 6)) == ["已于3月9日 09:00（应于3月5日 17:00）由消息T2603-000001发出。"]


def test_no_longer_his(asking: Asking) -> None:
    asking.remind(state="cancelled", reason="handed_over")
    with asking.office.store.write() as db:
        db.execute(assignments.update().values(active=False))
    assert asking.said() == ["已取消：已移交。"]


def test_a_reminder_that_lies_in_an_ended_message_is_no_secret(asking: Asking) -> None:
    asking.remind(state="queued", message_id=asking.mail(1, state="cancelled"))
    assert asking.said() == ["所在的消息T2603-000001已经结束，却没有发出，请联系维护人员核对数据库。"]


def test_the_admin_is_told_what_the_system_wrote(asking: Asking) -> None:
    about = {"person": "wangmin", "name": "王敏", "kind": "office", "subject": "岁时：1个问题需要处理", "about": ["calendar"]}
    asking.mail(1, **about)
    asking.mail(2, state="cancelled", last_error="并入新的消息", **about)
    asking.mail(3, state="failed", last_error="550 no such user", **about)
    said = asking.ask("wangmin").sentences
    assert said[1:] == (
        "系统给管理员的消息T2603-000001“岁时：1个问题需要处理”已于3月9日 09:00发出。",
        "系统给管理员的消息T2603-000002“岁时：1个问题需要处理”没有发出：并入新的消息。",
        "系统给管理员的消息T2603-000003“岁时：1个问题需要处理”没有送达：550 no such user。",
    )


def test_a_person_whom_nobody_knows(asking: Asking) -> None:
    answer = asking.ask("nobody")
    assert (answer.known, answer.sentences) == (False, ("人员名册里没有“nobody”，请核对编号（people.yaml）。",))


def test_how_each_channel_stands(asking: Asking) -> None:
    store, now = asking.office.store, asking.now
    since = asking.clock(3, 9, 9).isoformat()
    asking.fact("channel:mail", until=asking.clock(3, 9, 11).isoformat(), fails=3, reason="535", since=since)
    asking.fact("channel:wecom", until=asking.clock(3, 9, 11).isoformat(), fails=0, reason="45009", since=since)
    asking.fact("channel:old", until=since, fails=0, reason="", since=since)
    asking.mail(1, state="pending")
    asking.tried(asking.mail(2, channel="wecom"), "accepted", "0", "ok")
    found = standings(store, ["wecom", "mail", "old", "never"], now=now)
    assert [(one.channel, one.condition) for one in found] == [
        ("wecom", Condition.RESTING),
        ("mail", Condition.AT_FAULT),
        ("old", Condition.OPEN),
        ("never", Condition.OPEN),
    ]
    assert [one.waiting for one in found] == [0, 1, 0, 0]
    assert found[0].last is not None
    assert (found[0].last.outcome, found[0].last.code) == ("accepted", "0")
    assert found[1].since == asking.clock(3, 9, 9)
    words = [one.sentence(asking.clock(1, 1).tzinfo) for one in channel_rests(store, now=asking.clock(3, 9, 12))]
    assert words == ["渠道“mail”此前连续3次失败：535，正在等待下一次尝试", "", ""]


def test_what_left_silence_says_why_it_comes_so_late(asking: Asking) -> None:
    asking.remind(state="sent", message_id=asking.mail(1), say=FIRST_HEARD)
    [said] = asking.said()
    assert said.endswith("（启用日提前，此前没有提醒过）。")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("sign-off", "验收销号通知"),
        ("sign-off+3", "办结后3个工作日的销号提醒"),
        ("sign-off-up+10", "办结后10个工作日仍未销号的催办"),
        ("sent-back", "退回通知"),
    ],
)
def test_what_was_said_about_a_sign_off_has_its_own_words(step: str, said: str) -> None:
    assert step_words(step) == said
