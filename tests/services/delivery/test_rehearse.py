from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select

from models.message import messages
from models.reminder import reminders
from models.schema import TABLES
from notifications.mail.sender import MailSender
from planning.windows import is_open
from services.rehearse import Rehearsed, rehearse
from tests.notifications.mail_sink import MailSink, serving
from tests.services.delivery.town import DOWN, Town, at, minutes, policy

NOW = at("2026-02-09", "08:30")
UNTIL = at("2026-03-13", "17:30")
BUSY = {time(8, 30), time(8, 45), time(14, 30)}


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with serving(MailSink()) as running:
        yield running


def year(town: Town) -> None:
    """Some weeks around the Spring Festival, with make-up Saturdays and a long holiday."""
    town.ladder("中心组法治专题学习", due="2026-02-24")
    town.ladder("法治政府建设年度报告", due="2026-02-28", owner="chenxia")
    town.ladder("消费者权益保护主题普法", due="2026-03-13", owner="zhangwei", overseer="chenxia")
    town.item("夜里到时的提醒", due="2026-02-27", fire_at=at("2026-02-25", "21:00"))
    town.item("中午到时的提醒", due="2026-02-27", person="chenxia", fire_at=at("2026-02-25", "12:30"))
    town.item("假期里到时的提醒", due="2026-02-27", person="zhangwei", fire_at=at("2026-02-18", "09:00"))
    part = town.assign(town.occurrence("假期前后各到时一次的提醒", due="2026-02-25"), "liguoqiang")
    town.remind(part, "T-3", at("2026-02-19", "09:00"))
    town.remind(part, "T-2", at("2026-02-23", "09:00"))


def all_rows(town: Town) -> dict[str, list[object]]:
    with town.store.read() as db:
        return {table.name: list(db.execute(select(table).order_by(*table.primary_key.columns))) for table in TABLES}


def test_what_is_rehearsed_is_what_a_mail_server_then_gets_day_by_day(town: Town, sink: MailSink) -> None:
    year(town)
    told = rehearse(town.store, town.policy, now=NOW, until=UNTIL)
    sender = MailSender("mail", host="127.0.0.1", port=sink.port, security="none", sender="法治办 <fazhi@caohui.example>")
    got: list[tuple[datetime, str, str, str, str]] = []
    for now in working_quarters(town):
        sink.mails.clear()
        town.tick(now, channels={"mail": sender})
        got.extend(sorted((now, *seen(mail)) for mail in sink.read))
    sender.close()
    assert len(told) > 20
    assert got == sorted((one.at, one.address, one.subject, lines(one.text), lines(one.html)) for one in told)
    assert set(town.reminder_states) == {"sent", "folded", "planned"}


def working_quarters(town: Town) -> Iterator[datetime]:
    """The quarters of an hour at which a tick comes; the idle ones of the afternoon are left out to keep the test short."""
    now = NOW
    while now <= UNTIL:
        opened = is_open(town.policy.windows, town.policy.workdays, now, town.policy.tz)
        if opened and now.astimezone(town.policy.tz).time() in BUSY:
            yield now
        now += minutes(15)


def seen(mail: EmailMessage) -> tuple[str, str, str, str]:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    return mail["To"].addresses[0].addr_spec, mail["Subject"], lines(text.get_content()), lines(html.get_content())


def lines(words: str) -> str:
    return "\n".join(words.splitlines())


def test_a_rehearsal_writes_nothing(town: Town) -> None:
    year(town)
    town.tick(at("2026-02-10", "09:00"))
    before = all_rows(town)
    assert rehearse(town.store, town.policy, now=at("2026-02-10", "09:15"), until=UNTIL)
    assert all_rows(town) == before


def test_a_rehearsal_can_be_asked_for_one_person(town: Town) -> None:
    year(town)
    told = rehearse(town.store, town.policy, now=NOW, until=UNTIL, person="chenxia")
    assert {one.person for one in told} == {"chenxia"}
    everybody = rehearse(town.store, town.policy, now=NOW, until=UNTIL)
    assert told == [one for one in everybody if one.person == "chenxia"]


def test_a_rehearsal_names_the_occurrences_and_carries_the_real_links(town: Town) -> None:
    town.item(due="2026-03-06", fire_at=at("2026-03-03"))
    (told,) = rehearse(town.store, town.policy, now=at("2026-03-03"), until=at("2026-03-03"))
    assert told.occurrences == ("duty-1:2026-Q1",)
    assert told.ref == "T2603-000001"
    town.tick(at("2026-03-03"))
    assert town.wire.taken[0].text == told.text


def test_numbers_go_on_from_what_was_sent(town: Town) -> None:
    town.item(fire_at=at("2026-03-02"))
    town.tick(at("2026-03-02"))
    town.item(person="chenxia")
    (told,) = rehearse(town.store, town.policy, now=at("2026-03-02", "09:00"), until=at("2026-03-06"))
    assert told.ref == "T2603-000002"


def test_what_waits_on_its_way_is_rehearsed_too(town: Town) -> None:
    town.item()
    town.wire.script = [DOWN]
    town.tick(at("2026-03-03"))
    (told,) = rehearse(town.store, town.policy, now=at("2026-03-03", "09:00"), until=at("2026-03-03", "17:00"))
    assert told.at == at("2026-03-03", "09:00")


def test_a_rehearsal_at_night_begins_when_the_office_opens(town: Town) -> None:
    town.item()
    (told,) = rehearse(town.store, town.policy, now=at("2026-03-03", "20:00"), until=at("2026-03-04", "17:00"))
    assert told.at == at("2026-03-04", "08:30")


def test_nothing_planned_is_nothing_told(town: Town) -> None:
    assert rehearse(town.store, town.policy, now=NOW, until=UNTIL) == []


def test_a_person_without_an_address_does_not_stop_the_rehearsal(town: Town) -> None:
    town.item()
    town.item(person="chenxia")
    only = policy(destinations={"chenxia": policy().destinations["chenxia"]})
    told: list[Rehearsed] = rehearse(town.store, only, now=at("2026-03-02"), until=at("2026-03-06"))
    assert [one.person for one in told] == ["chenxia"]


def test_only_what_can_still_matter_is_copied(town: Town) -> None:
    from services.clone import clone_for_sending

    town.item(fire_at=at("2026-03-03"))
    town.item(fire_at=at("2026-06-03"), due="2026-06-08")
    town.tick(at("2026-03-03"))
    copy = clone_for_sending(town.store, now=at("2026-03-01"), until=at("2026-03-31"))
    with copy.read() as db:
        counts = [db.execute(select(func.count()).select_from(table)).scalar_one() for table in (reminders, messages)]
    copy.close()
    assert counts == [0, 1]
