"""The verifier is told that something waits for his sign-off (销号), until he has signed it off or sent it back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from models.message import messages
from models.occurrence import occurrences
from planning.reference import reference
from services.complete import complete
from services.rehearse import rehearse
from services.sign_off import send_back, sign_off
from tests.services.delivery.town import DOWN, Town, at, minutes

DONE_AT = at("2026-03-04", "16:00")  # a Wednesday


def done(town: Town, title: str = "行政执法公示不及时", *, now: datetime = DONE_AT) -> str:
    """An item due on 3 March, of 王敏's, that 李国强 verifies and 陈霞 oversees; done a day late. Its reference."""
    number = town.occurrence(title, due="2026-03-03", sign_off_needed=True)
    for person, role in (("wangmin", "owner"), ("liguoqiang", "verifier"), ("chenxia", "overseer")):
        town.assign(number, person, role)
    with town.store.read() as db:
        row = db.execute(select(occurrences).where(occurrences.c.id == number)).one()
    ref = reference(row.duty_key, row.period)
    said = {"by": "wangmin", "by_name": "王敏", "recorded_by": "wangmin", "via": "link", "now": now}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.policy.workdays, **said)
    return ref


def told(town: Town) -> list[tuple[str, str]]:
    return [(row.person, row.subject) for row in town.rows(messages)]


def days(town: Town, *, until: datetime, start: datetime = DONE_AT) -> None:
    """Ticks until then, twice an hour."""
    now = start
    while now <= until:
        town.tick(now)
        now += minutes(30)


def test_the_next_tick_tells_the_verifier_with_a_link_of_his_own(town: Town) -> None:
    done(town)
    town.tick(DONE_AT)
    (message,) = town.rows(messages)
    assert (message.person, message.subject, message.state) == (
        "liguoqiang",
        "【法治建设工作提醒】〔请验收销号〕行政执法公示不及时：已办结，待验收",
        "sent",
    )
    assert "以下事项已办结，请您验收销号。" in message.text
    assert "办结情况：王敏于3月4日办结，请验收：合格的请销号，不合格的请退回" in message.text
    assert "/t/{link:" in message.text
    assert "逾期" not in message.subject + message.text + message.html
    assert message.calendar == ""


def test_he_is_reminded_until_he_has_signed_it_off_and_then_no_more(town: Town) -> None:
    ref = done(town)
    days(town, until=at("2026-03-10", "17:30"))
    assert [person for person, _ in told(town)] == ["liguoqiang", "liguoqiang"]
    sign_off(town.store, ref, by="liguoqiang", via="link", now=at("2026-03-11", "09:00"))
    days(town, start=at("2026-03-11", "09:00"), until=at("2026-04-03", "17:30"))
    assert len(told(town)) == 2


def test_after_ten_workdays_who_oversees_hears_of_it_and_gets_no_link(town: Town) -> None:
    done(town)
    days(town, until=at("2026-03-18", "17:30"))
    (above,) = [row for row in town.rows(messages) if row.person == "chenxia"]
    assert above.subject == "【法治建设工作提醒】〔验收催办〕行政执法公示不及时：已办结，待验收"
    assert "王敏于3月4日办结，李国强尚未验收销号，请督促" in above.text
    assert "/t/" not in above.text


def test_several_items_done_in_one_half_day_make_one_message(town: Town) -> None:
    done(town)
    done(town, "执法案卷不规范")
    town.tick(DONE_AT)
    done(town, "罚没票据未装订", now=at("2026-03-04", "16:30"))
    town.tick(at("2026-03-04", "16:30"))
    ((person, subject),) = told(town)
    assert (person, subject) == ("liguoqiang", "【法治建设工作提醒】待验收销号2项：行政执法公示不及时等")
    town.tick(at("2026-03-05", "08:30"))
    assert told(town)[1:] == [("liguoqiang", "【法治建设工作提醒】〔请验收销号〕罚没票据未装订：已办结，待验收")]


def test_a_message_that_has_not_left_says_nothing_of_what_was_signed_off_meanwhile(town: Town) -> None:
    ref = done(town)
    town.wire.script = [DOWN]
    town.tick(DONE_AT)
    sign_off(town.store, ref, by="liguoqiang", via="page", now=at("2026-03-04", "16:10"))
    days(town, until=at("2026-03-05", "12:00"))
    assert town.message_states == ["cancelled"]


def test_what_he_sends_back_is_told_its_owner_with_the_reason(town: Town) -> None:
    town.add_people({"liguoqiang": "李国强"})
    ref = done(town)
    town.tick(DONE_AT)
    send_back(town.store, ref, by="liguoqiang", reason="公示栏还没有更新", via="link", now=at("2026-03-05", "09:00"))
    town.tick(at("2026-03-05", "09:00"))
    back = town.rows(messages)[-1]
    assert back.person == "wangmin"
    assert "以下事项验收时被退回，请按退回原因重新办理。" in back.text
    assert "退回原因：李国强验收退回：公示栏还没有更新" in back.text


def test_what_is_rehearsed_of_it_is_what_is_sent(town: Town) -> None:
    done(town)
    until = at("2026-03-26", "17:30")
    foretold = [
        (one.at, one.person, one.subject, one.text) for one in rehearse(town.store, town.policy, now=DONE_AT, until=until)
    ]
    assert len(foretold) == 7
    seen: list[tuple[datetime, str, str, str]] = []
    now = DONE_AT
    while now <= until:
        before = len(town.wire.taken)
        town.tick(now)
        people = {f"{person}@caohui.example": person for person in ("liguoqiang", "chenxia")}
        fresh = town.wire.taken[before:]
        seen += sorted((now, people[one.address], one.subject, one.text) for one in fresh)
        now += minutes(15)
    assert seen == sorted(foretold)
