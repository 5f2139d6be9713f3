from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text

from models.message import messages
from models.occurrence import assignments, due_changes, occurrences
from models.reminder import reminders
from planning.roster import Destination, Person, Post, Roster, StandIn
from services.compose import PLANNED
from services.lease import PENDING
from services.letters import Built, Reader
from tests.services.delivery.town import DOWN, NAMES, Town, Wire, at, destinations, minutes, policy

MONDAY = at("2026-03-02")
TUESDAY = at("2026-03-03")
FRIDAY = at("2026-03-06")


def test_a_due_reminder_goes_out_and_says_what_until_when_and_who(town: Town) -> None:
    town.item(as_written="3月上旬", explanation="原定3月8日，遇周日，提前至3月6日")
    outcome = town.tick(TUESDAY)
    assert (outcome.built, outcome.sent) == (1, 1)
    (envelope,) = town.wire.taken
    assert envelope.subject == "【法治建设工作提醒】法治专题学习：还剩3个工作日（3月6日截止）"
    for words in ("王敏同志", "3月上旬（3月6日）", "还剩3个工作日", "原定3月8日，遇周日，提前至3月6日", "办理人：王敏"):
        assert words in envelope.text
        assert words.split("：")[-1] in envelope.html
    assert "http://127.0.0.1:8600/t/" in envelope.text
    assert envelope.ref in envelope.text
    assert "!" not in envelope.text
    assert "！" not in envelope.text
    assert "请立即" not in envelope.text
    assert town.reminder_states == ["sent"]
    assert town.message_states == ["sent"]
    assert town.outcomes == ["accepted"]
    assert town.rows(assignments)[0].told_due_on == date(2026, 3, 6)


def test_the_ref_carries_year_month_and_a_number_and_counts_on(town: Town) -> None:
    town.item()
    town.item(person="chenxia")
    town.tick(TUESDAY)
    assert [row.ref for row in town.rows(messages)] == ["T2603-000001", "T2603-000002"]


def test_the_token_of_a_link_is_never_in_the_database(town: Town) -> None:
    town.item()
    town.tick(TUESDAY)
    (message,) = town.rows(messages)
    assert "{link:" in message.text
    assert "{link:" in message.html
    token = town.wire.taken[0].text.partition("/t/")[2][:26]
    assert len(token) == 26
    assert token not in f"{message.text}{message.html}{message.links}"


def test_a_second_tick_sends_nothing_again(town: Town) -> None:
    town.item()
    town.tick(TUESDAY)
    outcome = town.tick(TUESDAY + minutes(15))
    assert (outcome.built, outcome.sent) == (0, 0)
    assert len(town.wire.taken) == 1


def test_all_of_one_person_goes_into_one_digest_overdue_first(town: Town) -> None:
    town.item("临近的学习", due="2026-03-09")
    town.item("今天的报告", due="2026-03-03", step="T0")
    town.item("逾期的整改", due="2026-03-02", step="T+1")
    town.item("另一件逾期", due="2026-02-27", step="T+2")
    town.tick(TUESDAY)
    (envelope,) = town.wire.taken
    assert envelope.subject == "【法治建设工作提醒】今日到期1项、逾期2项、临近1项：另一件逾期等"
    places = [envelope.text.index(title) for title in ("另一件逾期", "逾期的整改", "今天的报告", "临近的学习")]
    assert places == sorted(places)
    assert town.reminder_states == ["sent"] * 4


def test_a_digest_shows_thirty_items_and_counts_the_rest(town: Town) -> None:
    for number in range(33):
        town.item(f"第{number}件", due="2026-03-06")
    town.tick(TUESDAY)
    (envelope,) = town.wire.taken
    assert envelope.text.count("时限：") == 30
    assert "另有3项，请打开链接查看" in envelope.text
    assert "临近33项" in envelope.subject
    assert town.reminder_states == ["sent"] * 33


def test_the_newest_step_speaks_and_older_ones_fold(town: Town) -> None:
    part = town.assign(town.occurrence(due="2026-03-03"))
    for step, day in (("T-3", "2026-02-26"), ("T-1", "2026-03-02"), ("T0", "2026-03-03")):
        town.remind(part, step, at(day))
    outcome = town.tick(TUESDAY)
    assert (outcome.sent, outcome.folded) == (1, 2)
    assert "今日到期" in town.wire.taken[0].text
    assert town.reminder_states == ["folded", "folded", "sent"]
    assert town.rows(reminders)[0].reason == "由 T0 一并提醒"


def test_a_step_meant_for_before_the_day_never_calls_a_past_day_near(town: Town) -> None:
    town.item(due="2026-03-04", step="T-1", fire_at=TUESDAY)
    town.tick(FRIDAY)
    text = town.wire.taken[0].text
    assert "已逾期2个工作日" in text
    assert "还剩" not in text
    assert "即将" not in text
    assert "临近" not in town.wire.taken[0].subject


@pytest.mark.parametrize("state", ["done", "waived", "withdrawn"])
def test_what_is_closed_is_not_reminded(town: Town, state: str) -> None:
    town.close(town.item(), state=state)
    outcome = town.tick(TUESDAY)
    assert (outcome.sent, outcome.cancelled) == (0, 1)
    assert town.reminder_states == ["cancelled"]


def test_who_is_released_is_not_reminded(town: Town) -> None:
    part = town.assign(town.occurrence(), active=False)
    town.remind(part)
    assert town.tick(TUESDAY).cancelled == 1
    assert town.wire.taken == []


def test_what_waited_more_than_fourteen_days_expires_and_is_told_to_the_admin(town: Town) -> None:
    town.item(fire_at=at("2026-02-13"))
    outcome = town.tick(TUESDAY)
    assert (outcome.sent, outcome.expired) == (0, 1)
    assert outcome.problems
    assert any(key.startswith("expired:") for key in town.open_problems)


def test_nothing_leaves_at_noon_at_night_or_on_rest_days(town: Town) -> None:
    town.item()
    for now, opens in (
        (at("2026-03-03", "12:00"), at("2026-03-03", "14:30")),
        (at("2026-03-03", "20:00"), at("2026-03-04", "08:30")),
        (at("2026-03-07", "09:00"), at("2026-03-09", "08:30")),
    ):
        outcome = town.tick(now)
        assert (outcome.sent, outcome.built, outcome.held_until) == (0, 0, opens)
    assert town.reminder_states == ["planned"]


def test_a_make_up_saturday_is_a_day_like_others(town: Town) -> None:
    town.item(due="2026-03-03", fire_at=at("2026-02-28"))
    assert town.tick(at("2026-02-28")).sent == 1


def test_a_person_without_an_address_is_reported_and_stops_nobody(town: Town) -> None:
    town.item()
    town.item(person="chenxia")
    outcome = town.tick(TUESDAY, policy=policy(destinations=destinations("mail", person="chenxia")))
    assert outcome.sent == 1
    assert town.reminder_states == ["failed", "sent"]
    assert "王敏没有可用的提醒地址" in town.open_problems["unreachable:wangmin"]


def test_a_closed_channel_is_passed_over_for_the_next_destination(town: Town) -> None:
    town.item()
    town.tick(TUESDAY, policy=policy(destinations=destinations("wecom", "mail")))
    assert town.wire.taken[0].address == "wangmin@mail.example"
    assert town.rows(messages)[0].rank == 1


def test_who_has_only_a_channel_that_is_not_open_waits_for_it(town: Town) -> None:
    """A slip in channels.yaml must not make anybody unreachable."""
    town.item()
    only_wecom = policy(destinations=destinations("wecom"))
    outcome = town.tick(TUESDAY, policy=only_wecom)
    assert (outcome.sent, outcome.failed) == (0, 0)
    assert "渠道“wecom”没有启用" in town.open_problems["channel:wecom"]
    wecom = Wire("wecom")
    assert town.tick(TUESDAY + minutes(15), policy=only_wecom, channels={"wecom": wecom}).sent == 1
    assert town.open_problems == {}


def test_who_stands_in_gets_one_digest_with_both_peoples_work(town: Town) -> None:
    town.add_people(NAMES)
    town.item("自己的事", person="chenxia")
    town.item("别人的事", person="wangmin")
    away = Person("wangmin", "王敏", (Post("sifasuo", "干部"),), stand_ins=(StandIn("chenxia", TUESDAY.date(), TUESDAY.date()),))
    here = Person("chenxia", "陈霞", (Post("sifasuo", "所长"),))
    town.tick(TUESDAY, policy=policy(roster=Roster(people={"wangmin": away, "chenxia": here})))
    (envelope,) = town.wire.taken
    assert envelope.address == "chenxia@caohui.example"
    assert "陈霞同志" in envelope.text
    assert "您正在代理王敏的工作" in envelope.text


def test_who_stands_in_is_asked_of_the_day_of_the_tick_and_needs_an_address(town: Town) -> None:
    town.add_people(NAMES)
    town.item("别人的事", person="wangmin")
    tomorrow = TUESDAY.date() + timedelta(days=1)
    away = Person("wangmin", "王敏", (Post("sifasuo", "干部"),), stand_ins=(StandIn("chenxia", tomorrow, tomorrow),))
    here = Person("chenxia", "陈霞", (Post("sifasuo", "所长"),))
    roster = Roster(people={"wangmin": away, "chenxia": here})
    town.tick(TUESDAY, policy=policy(roster=roster))
    assert [envelope.address for envelope in town.wire.taken] == ["wangmin@caohui.example"]
    town.item("明天的事", person="wangmin", fire_at=TUESDAY + timedelta(days=1))
    mute = {**policy().destinations, "chenxia": ()}
    town.tick(TUESDAY + timedelta(days=1), policy=policy(roster=roster, destinations=mute))
    assert [envelope.address for envelope in town.wire.taken] == ["wangmin@caohui.example"] * 2


def test_a_slip_in_the_peoples_file_leaves_the_reminder_waiting_until_it_is_mended(town: Town) -> None:
    town.item("法治专题学习")
    town.tick(TUESDAY, policy=policy(destinations={}, roster_faulty=True))
    assert town.reminder_states == ["planned"]
    assert any("suishi check" in sentence for sentence in town.open_problems.values())
    town.tick(TUESDAY + minutes(15))
    assert town.reminder_states == ["sent"]
    assert town.open_problems == {}


def test_one_bad_row_stops_nobody_else(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from services import compose

    town.item()
    town.item(person="chenxia")
    real = compose.add_messages

    def add_messages(db: object, waiting: object, reader: Reader, **more: object) -> list[Built]:
        if reader.person == "chenxia":
            raise ValueError("a title that breaks everything")
        return real(db, waiting, reader, **more)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(compose, "add_messages", add_messages)
    outcome = town.tick(TUESDAY)
    assert outcome.sent == 1
    assert town.reminder_states == ["sent", "planned"]
    assert "陈霞的提醒无法生成" in town.open_problems["compose:chenxia"]
    monkeypatch.setattr(compose, "add_messages", real)
    assert town.tick(TUESDAY + minutes(15)).sent == 1
    assert town.open_problems == {}


def test_the_overseer_is_asked_to_press_and_later_to_supervise(town: Town) -> None:
    for offset, day in ((1, "2026-03-02"), (3, "2026-02-26")):
        occurrence = town.occurrence(f"整改{offset}", due=day)
        town.assign(occurrence, "wangmin")
        town.remind(town.assign(occurrence, "liguoqiang", "overseer"), f"T+{offset}")
    town.tick(TUESDAY)
    text = town.wire.taken[0].text
    assert "〔催办〕整改1" in text
    assert "〔督办〕整改3" in text
    assert "办理人：王敏" in text
    assert "请督促办理" in text
    assert "/t/" not in text  # who oversees gets no link to act with


def test_a_provisional_date_says_so_everywhere(town: Town) -> None:
    town.item("春节走访", due="2027-02-12", provisional=True)
    town.tick(TUESDAY)
    (envelope,) = town.wire.taken
    assert "2027年2月12日（暂定，2027年放假安排未公布）" in envelope.text
    assert "暂定" in envelope.subject


def test_a_date_that_waits_for_its_notice_asks_for_the_notice(town: Town) -> None:
    town.item("法治考试", awaiting_notice=True)
    town.tick(TUESDAY)
    (envelope,) = town.wire.taken
    assert "请查找通知并登记日期" in envelope.text
    assert "请查找通知并登记日期" in envelope.subject


def test_a_standing_duty_is_reviewed_not_finished(town: Town) -> None:
    town.item("长期坚持的事", standing=True)
    town.tick(TUESDAY)
    assert "前复核一次" in town.wire.taken[0].text


def test_a_step_says_what_it_asks_for(town: Town) -> None:
    town.remind(town.assign(town.occurrence()), "T-3", say="提前一周通知讲授人")
    town.tick(TUESDAY)
    assert "本次请办：提前一周通知讲授人" in town.wire.taken[0].text


def test_a_moved_date_is_told_once_and_swallows_the_steps_that_are_due(town: Town) -> None:
    occurrence = town.occurrence(due="2026-03-04", due_epoch=1, explanation="原定3月6日，因会议提前")
    part = town.assign(occurrence, told_due_on=date(2026, 3, 6))
    town.remind(part, "moved", MONDAY, due_epoch=1)
    town.remind(part, "T-1", TUESDAY, due_epoch=1)
    outcome = town.tick(TUESDAY)
    assert (outcome.sent, outcome.folded) == (1, 1)
    assert "原定3月6日，改为3月4日" in town.wire.taken[0].text
    assert "时限由3月6日改为3月4日" in town.wire.taken[0].subject
    assert town.rows(assignments)[0].told_due_on == date(2026, 3, 4)


def test_who_was_told_by_nobody_else_hears_the_day_before_the_change(town: Town) -> None:
    occurrence = town.occurrence(due="2026-03-04", due_epoch=1)
    with town.store.write() as db:
        moved = {"occurrence_id": occurrence, "due_epoch": 1, "from_on": date(2026, 3, 5), "to_on": date(2026, 3, 4)}
        db.execute(insert(due_changes), {**moved, "cause": "plan", "reason": "", "at": MONDAY})
    town.remind(town.assign(occurrence), "moved", MONDAY, due_epoch=1)
    town.tick(TUESDAY)
    assert "原定3月5日，改为3月4日" in town.wire.taken[0].text


def test_a_date_moved_back_to_what_is_known_is_not_told(town: Town) -> None:
    part = town.assign(town.occurrence(due_epoch=2), told_due_on=date(2026, 3, 6))
    town.remind(part, "moved", MONDAY, due_epoch=2)
    assert town.tick(TUESDAY).sent == 0
    assert town.reminder_states == ["folded"]


def test_steps_of_an_old_date_are_superseded(town: Town) -> None:
    town.remind(town.assign(town.occurrence(due_epoch=1)), "T-3", MONDAY)
    town.tick(TUESDAY)
    assert town.reminder_states == ["superseded"]


@pytest.mark.parametrize(("state", "words"), [("withdrawn", "已从计划中撤回"), ("waived", "已免办")])
def test_who_was_told_hears_that_it_is_called_off(town: Town, state: str, words: str) -> None:
    occurrence = town.occurrence()
    town.remind(town.assign(occurrence, told_due_on=date(2026, 3, 6)), "cancelled", MONDAY)
    town.close(occurrence, state=state)
    town.tick(TUESDAY)
    (envelope,) = town.wire.taken
    assert words in envelope.text
    assert "无需办理" in envelope.subject
    assert "/t/" not in envelope.text


def test_who_was_told_nothing_is_not_told_that_it_is_called_off(town: Town) -> None:
    occurrence = town.occurrence()
    town.remind(town.assign(occurrence), "cancelled", MONDAY)
    town.close(occurrence, state="withdrawn")
    assert town.tick(TUESDAY).sent == 0
    assert [(row.state, "没有收到过" in row.reason) for row in town.rows(reminders)] == [("cancelled", True)]


def test_the_successor_hears_who_handed_over(town: Town) -> None:
    occurrence = town.occurrence()
    town.assign(occurrence, "chenxia", active=False)
    town.remind(town.assign(occurrence, "wangmin", handed=True), "handed-over", MONDAY)
    town.tick(TUESDAY)
    assert "由陈霞移交您办理" in town.wire.taken[0].text


@pytest.mark.parametrize(
    ("detail", "shown", "hidden"),
    [("title", "法治专题学习", "因会议提前"), ("number", "还剩3个工作日", "法治专题学习")],
)
def test_a_message_tells_no_more_than_the_office_allows(town: Town, detail: str, shown: str, hidden: str) -> None:
    town.item(explanation="因会议提前")
    town.tick(TUESDAY, policy=policy(detail=detail))
    (envelope,) = town.wire.taken
    whole = envelope.subject + envelope.text + envelope.html
    assert shown in whole
    assert hidden not in whole


def test_a_title_cannot_break_the_messages_form(town: Town) -> None:
    town.item("学习</td><script>alert(1)</script>\r\nBcc: x@y.cn")
    town.tick(TUESDAY)
    (envelope,) = town.wire.taken
    assert "<script>" not in envelope.html
    assert "\n" not in envelope.subject


def test_mails_about_one_item_share_a_thread_and_every_mail_has_an_id_of_its_own(town: Town) -> None:
    part = town.assign(town.occurrence())
    town.remind(part, "T-3", TUESDAY)
    town.remind(part, "T-1", at("2026-03-05"))
    town.tick(TUESDAY)
    town.tick(at("2026-03-05"))
    first, second = (envelope.headers for envelope in town.wire.taken)
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Date"] == "Tue, 03 Mar 2026 08:45:00 +0800"
    assert first["Auto-Submitted"] == "auto-generated"


def test_what_a_dead_channel_held_back_joins_the_next_digest(town: Town) -> None:
    part = town.assign(town.occurrence(due="2026-03-04"))
    town.remind(part, "T-1", TUESDAY)
    town.item("另一件", due="2026-03-09", fire_at=TUESDAY)
    town.remind(part, "T0", at("2026-03-04"))
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    outcome = town.tick(at("2026-03-04"))
    assert (outcome.sent, outcome.folded) == (1, 1)
    (envelope,) = town.wire.taken
    assert "今日到期1项、临近1项" in envelope.subject
    assert town.message_states == ["cancelled", "sent"]
    assert sorted(town.reminder_states) == ["folded", "sent", "sent"]


def test_a_stop_over_new_year_gives_one_digest_each_and_folds_older_steps(town: Town) -> None:
    """Stopped from 31 December to 4 January; in between lies a holiday of three days."""
    last_tick, back = at("2025-12-31", "09:00"), at("2026-01-04", "08:45")
    town.tick(last_tick)
    for person in ("wangmin", "chenxia"):
        part = town.assign(town.occurrence(f"{person}的年度报告", due="2026-01-04"), person)
        for step, moment in (("T-1", at("2025-12-31")), ("T0", at("2026-01-04"))):
            town.remind(part, step, moment + minutes(30) if step == "T-1" else moment)
    town.item("另一件", due="2026-01-06", step="T-3", fire_at=at("2025-12-31", "10:00"))
    outcome = town.tick(back)
    assert (outcome.sent, outcome.folded) == (2, 2)
    assert sorted(envelope.address for envelope in town.wire.taken) == ["chenxia@caohui.example", "wangmin@caohui.example"]
    for envelope in town.wire.taken:
        assert "系统于12月31日09:00至1月4日08:45停止服务，以下为补发。" in envelope.text
    assert sorted(town.reminder_states) == ["folded", "folded", "sent", "sent", "sent"]
    town.item("后来的事", due="2026-01-09", fire_at=at("2026-01-05"))
    town.tick(at("2026-01-05"))
    assert "停止服务" not in town.wire.taken[-1].text


def test_a_stop_noticed_before_the_office_opens_is_still_told(town: Town) -> None:
    town.tick(at("2026-03-02", "09:00"))
    town.item(fire_at=at("2026-03-03"))
    assert town.tick(at("2026-03-04", "07:00")).held_until == at("2026-03-04", "08:30")
    town.tick(at("2026-03-04", "08:30"))
    assert "系统于3月2日09:00至3月4日07:00停止服务" in town.wire.taken[0].text


def test_ticks_once_a_day_are_no_stop(town: Town) -> None:
    town.tick(MONDAY)
    town.item(fire_at=TUESDAY)
    town.tick(TUESDAY + minutes(15))
    assert "停止服务" not in town.wire.taken[0].text


def test_a_tick_with_nothing_due_looks_only_through_the_partial_indexes(town: Town) -> None:
    """So its cost does not grow with what lies ahead; the benchmark holds the figure."""
    for query, index in (
        (select(reminders.c.id).where(PLANNED, reminders.c.fire_at <= TUESDAY), "ix_reminder_due"),
        (select(messages.c.channel).where(PENDING, messages.c.next_at <= TUESDAY), "ix_message_due"),
    ):
        written = str(query.compile(town.store.engine))
        assert "WHERE reminder.state = 'planned' AND" in written or "WHERE message.state = 'pending' AND" in written
        if town.store.dialect == "sqlite":
            with town.store.read() as db:
                steps = [str(row) for row in db.execute(text(f"EXPLAIN QUERY PLAN {written.replace('?', '2026')}"))]
            assert index in " ".join(steps)


def test_many_people_are_served_in_one_tick(town: Town) -> None:
    crowd = [f"person-{number}" for number in range(15)]
    for person in crowd:
        town.item(person=person)
    addresses = {person: (Destination("mail", f"{person}@caohui.example"),) for person in crowd}
    assert town.tick(TUESDAY, policy=policy(destinations=addresses)).sent == 15
    assert len({envelope.address for envelope in town.wire.taken}) == 15


def test_a_silent_item_is_not_reminded(town: Town) -> None:
    town.change(occurrences, town.item(), silent=True)
    town.tick(TUESDAY + timedelta(minutes=1))
    assert town.reminder_states == ["cancelled"]
