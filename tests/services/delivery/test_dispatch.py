from __future__ import annotations

from dataclasses import replace
from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from models.message import attempts, messages
from models.occurrence import assignments, occurrences
from models.reminder import reminders
from models.store import open_store
from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from services.recording import backoff
from services.tick import tick
from tests.services.delivery.town import CUT, DOWN, GONE, LATER, SPAM, YES, Town, Wire, at, destinations, minutes, policy

TUESDAY = at("2026-03-03")
TWO = policy(destinations=destinations("mail", "wecom"))


def test_a_refused_mail_is_never_recorded_as_sent(town: Town) -> None:
    town.item()
    town.wire.script = [GONE]
    outcome = town.tick(TUESDAY)
    assert (outcome.sent, outcome.failed) == (0, 1)
    assert town.message_states == ["failed"]
    assert town.reminder_states == ["failed"]
    assert town.outcomes == ["rejected"]
    assert town.rows(assignments)[0].told_due_on is None
    assert "王敏" in town.open_problems["unreachable:wangmin"]
    assert "550" in town.open_problems["address:wangmin:mail"]


@pytest.mark.parametrize("refusal", [GONE, SPAM])
def test_a_refusal_passes_to_the_next_destination_in_the_same_tick(town: Town, refusal: Outcome) -> None:
    town.item()
    town.wire.script = [refusal]
    wecom = Wire("wecom")
    outcome = town.tick(TUESDAY, policy=TWO, channels={"wecom": wecom})
    assert (outcome.failed, outcome.sent) == (1, 1)
    assert wecom.taken[0].address == "wangmin@wecom.example"
    first, second = town.rows(messages)
    assert (first.state, second.state, second.rank) == ("failed", "sent", 1)
    assert town.reminder_states == ["sent"]
    assert town.rows(reminders)[0].message_id == second.id
    assert town.rows(assignments)[0].told_due_on == date(2026, 3, 6)


def test_a_deferred_mail_is_tried_again_at_growing_distances_and_then_goes_elsewhere(town: Town) -> None:
    town.item()
    town.wire.script = [LATER] * 8
    wecom = Wire("wecom")
    now = TUESDAY
    patient = replace(TWO, rules=replace(TWO.rules, give_up_hours=1000))
    for number in range(1, 8):
        assert town.tick(now, policy=patient, channels={"wecom": wecom}).deferred == 1
        (message,) = town.rows(messages)
        assert message.tries == number
        assert message.next_at == now + backoff(message.id, number)
        now = max(at("2026-03-04", "09:00"), message.next_at) if number > 3 else message.next_at
        now = now if now < at("2026-03-04", "11:00") else at("2026-03-05", "09:00")
        with town.store.write() as db:  # the waits outgrow the windows: bring the moment near
            db.execute(update(messages).values(next_at=now))
    outcome = town.tick(now, policy=patient, channels={"wecom": wecom})
    assert (outcome.failed, outcome.sent) == (1, 1)
    assert town.message_states == ["failed", "sent"]
    assert town.outcomes == ["deferred"] * 8 + ["accepted"]


def test_the_waits_grow_from_a_minute_to_half_a_day_and_are_the_same_each_time() -> None:
    waits = [backoff(7, tries).total_seconds() / 60 for tries in range(1, 9)]
    for wait, plain in zip(waits, (1, 5, 15, 60, 180, 360, 720, 720), strict=True):
        assert plain * 0.9 <= wait <= plain * 1.1
    assert waits == [backoff(7, tries).total_seconds() / 60 for tries in range(1, 9)]
    assert backoff(7, 1) != backoff(8, 1)


def test_the_providers_own_wait_comes_first(town: Town) -> None:
    town.item()
    town.wire.script = [Outcome(Verdict.DEFERRED, Scope.MESSAGE, code="451", retry_after=120.0)]
    town.tick(TUESDAY)
    assert town.rows(messages)[0].next_at == TUESDAY + minutes(2)


def test_a_dead_channel_uses_up_no_tries_however_long_it_lasts(town: Town) -> None:
    for title in ("一", "二"):
        town.item(title, person="wangmin" if title == "一" else "chenxia")
    now = TUESDAY
    for rest in (1, 2, 5, 15, 30, 30, 30, 30):
        town.wire.script = [DOWN]
        outcome = town.tick(now)
        assert (outcome.sent, outcome.deferred) == (0, 1)
        assert town.tick(now + minutes(rest) - minutes(0.5)).deferred == 0  # it rests: nobody asks
        now += minutes(rest)
    assert [row.tries for row in town.rows(messages)] == [0, 0]
    assert town.message_states == ["pending", "pending"]
    assert "connection refused" in town.open_problems["channel:mail"]
    assert town.tick(now).sent == 2
    assert town.open_problems == {}


def test_a_channel_that_names_its_time_is_left_alone_until_then(town: Town) -> None:
    town.item()
    town.item(person="chenxia")
    town.wire.script = [Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="550", words="MI:STC", retry_after=3600.0)]
    town.tick(TUESDAY)
    assert town.tick(TUESDAY + minutes(30)).sent == 0
    assert town.tick(TUESDAY + minutes(61)).sent == 2


def test_a_dead_channel_does_not_hold_up_another(town: Town) -> None:
    town.item()
    town.item(person="chenxia")
    both = policy(destinations={**destinations("mail"), **destinations("wecom", person="chenxia")})
    town.wire.script = [DOWN]
    assert town.tick(TUESDAY, policy=both, channels={"wecom": Wire("wecom")}).sent == 1


def test_messages_for_a_channel_that_is_gone_wait_and_are_reported(town: Town) -> None:
    town.item()
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    outcome = tick(town.store, {"wecom": Wire("wecom")}, town.policy, now=TUESDAY + minutes(5))
    assert outcome.sent == 0
    assert any("没有启用" in sentence for sentence in outcome.problems)
    assert town.message_states == ["pending"]


def test_an_unknown_ending_is_sent_once_more_with_the_same_bytes(town: Town) -> None:
    town.item()
    town.wire.script = [CUT]
    assert town.tick(TUESDAY).unknown == 1
    assert town.tick(TUESDAY + minutes(4)).sent == 0
    assert town.tick(TUESDAY + minutes(5)).sent == 1
    first, second = town.wire.taken
    assert first == second
    assert town.outcomes == ["unknown", "accepted"]


def test_the_bytes_stay_the_same_even_when_another_day_began(town: Town) -> None:
    town.item(due="2026-03-03", step="T0")
    town.wire.script = [CUT]
    town.tick(TUESDAY)
    town.tick(at("2026-03-04"))
    first, second = town.wire.taken
    assert first == second


def test_two_unknown_endings_go_to_the_next_destination_which_names_the_first(town: Town) -> None:
    town.item()
    town.wire.script = [CUT, CUT]
    wecom = Wire("wecom")
    town.tick(TUESDAY, policy=TWO, channels={"wecom": wecom})
    town.tick(TUESDAY + minutes(5), policy=TWO, channels={"wecom": wecom})
    assert len(town.wire.taken) == 2
    assert "如已收到编号T2603-000001的提醒，请忽略" in wecom.taken[0].text
    assert town.reminder_states == ["sent"]


def test_what_is_done_between_building_and_sending_is_not_sent(town: Town) -> None:
    occurrence = town.item()
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    town.close(occurrence)
    outcome = town.tick(TUESDAY + minutes(5))
    assert (outcome.sent, outcome.cancelled) == (0, 1)
    assert town.message_states == ["cancelled"]
    assert town.reminder_states == ["cancelled"]
    assert town.wire.taken == []


def test_what_is_done_while_the_server_is_spoken_to_is_not_sent(town: Town) -> None:
    """Closed after the conversation began and before the marker: the last look sees it."""
    occurrence = town.item()

    class Slow(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            town.close(occurrence)
            return super().hand_over(envelope, marker=marker)

    slow = Slow()
    outcome = town.tick(TUESDAY, channels={"mail": slow})
    assert (outcome.sent, outcome.cancelled) == (0, 1)
    assert slow.taken == []
    assert town.message_states == ["cancelled"]
    assert town.outcomes == ["not_sent"]


def test_a_digest_drops_what_was_done_meanwhile(town: Town) -> None:
    done = town.item("办完的事")
    town.item("没办的事")
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    town.close(done)
    town.tick(TUESDAY + minutes(5))
    (envelope,) = town.wire.taken
    assert "办完的事" not in envelope.text
    assert "没办的事" in envelope.text
    assert sorted(town.reminder_states) == ["cancelled", "sent"]


def test_a_message_that_may_have_arrived_is_not_repeated_when_all_is_done(town: Town) -> None:
    occurrence = town.item()
    town.wire.script = [CUT]
    town.tick(TUESDAY)
    town.close(occurrence)
    town.tick(TUESDAY + minutes(5))
    assert len(town.wire.taken) == 1
    assert town.message_states == ["cancelled"]


def test_a_message_held_over_night_says_what_is_true_in_the_morning(town: Town) -> None:
    town.item(due="2026-03-03", step="T0")
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    town.tick(at("2026-03-04", "09:00"))
    (envelope,) = town.wire.taken
    assert "已逾期1个工作日" in envelope.text
    assert "今日到期" not in envelope.text


def test_a_corrected_address_is_used_at_the_next_try(town: Town) -> None:
    town.item()
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    town.tick(TUESDAY + minutes(5), policy=policy(destinations=destinations("mail")))
    assert town.wire.taken[0].address == "wangmin@mail.example"


def test_a_date_that_moved_before_the_message_left_is_told_as_it_is(town: Town) -> None:
    occurrence = town.item()
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    town.change(occurrences, occurrence, due_on=date(2026, 3, 9), due_epoch=1)
    town.tick(TUESDAY + minutes(5))
    assert "3月9日" in town.wire.taken[0].text
    assert town.rows(assignments)[0].told_due_on == date(2026, 3, 9)


def test_a_date_that_moved_after_the_words_were_frozen_is_put_right_by_one_notice(town: Town) -> None:
    occurrence = town.item()
    town.wire.script = [CUT]
    town.tick(TUESDAY)
    town.change(occurrences, occurrence, due_on=date(2026, 3, 9), due_epoch=1)
    town.tick(TUESDAY + minutes(5))
    town.tick(TUESDAY + minutes(10))
    town.tick(TUESDAY + minutes(15))
    assert len(town.wire.taken) == 2  # this morning he was told already, and the day is not near
    town.tick(at("2026-03-03", "14:35"))
    assert [("原定3月6日，改为3月9日" in envelope.text) for envelope in town.wire.taken] == [False, False, True]
    assert town.rows(assignments)[0].told_due_on == date(2026, 3, 9)


def test_who_lost_the_lease_sends_nothing(town: Town) -> None:
    town.item()

    class Overtaken(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            with town.store.write() as db:
                db.execute(update(messages).values(lease_token="somebody-else"))
            return super().hand_over(envelope, marker=marker)

    overtaken = Overtaken()
    outcome = town.tick(TUESDAY, channels={"mail": overtaken})
    assert outcome.sent == 0
    assert overtaken.taken == []
    assert town.outcomes == ["lost_lease"]


def test_a_result_that_comes_too_late_changes_nothing_and_is_reported(town: Town) -> None:
    town.item()

    class Late(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            outcome = super().hand_over(envelope, marker=marker)
            with town.store.write() as db:
                db.execute(update(messages).values(lease_token="somebody-else"))
            return outcome

    outcome = town.tick(TUESDAY, channels={"mail": Late()})
    assert outcome.sent == 0
    assert town.message_states == ["leased"]
    assert town.outcomes == ["lost_lease"]
    assert "late:T2603-000001" in town.open_problems


def test_a_fault_in_a_channels_own_code_ends_no_tick(town: Town) -> None:
    town.item()
    town.item(person="chenxia")

    class Broken(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            if envelope.name == "王敏":
                raise KeyError("a programming error")
            return super().hand_over(envelope, marker=marker)

    outcome = town.tick(TUESDAY, channels={"mail": Broken()})
    assert (outcome.sent, outcome.deferred) == (1, 1)


def test_a_message_that_can_no_longer_be_worded_is_buried_and_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.item()
    town.item(person="chenxia")
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    from services import lease

    real = lease.word

    def word(db: object, waiting: object, reader: lease.Reader, **more: object) -> object:
        if reader.person == "wangmin":
            raise ValueError("broken")
        return real(db, waiting, reader, **more)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(lease, "word", word)
    outcome = town.tick(at("2026-03-04", "09:00"))
    assert (outcome.sent, outcome.failed) == (1, 1)
    assert town.message_states == ["sent", "dead"]
    assert any(key.startswith("dead:") for key in town.open_problems)


def test_two_dispatchers_without_the_leaders_lock_send_each_message_once(town: Town, store_url: str) -> None:
    for number in range(30):
        town.item(f"第{number}件", person=f"person-{number}")
    named = policy(destinations={f"person-{n}": destinations("mail", person=f"person-{n}")[f"person-{n}"] for n in range(30)})
    wires = [Wire(), Wire()]
    start = Barrier(2)

    def run(wire: Wire) -> None:
        store = open_store(store_url)
        start.wait()
        for _ in range(3):
            tick(store, {"mail": wire}, named, now=TUESDAY, alone=False)
        store.close()

    threads = [Thread(target=run, args=(wire,)) for wire in wires]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refs = [envelope.ref for wire in wires for envelope in wire.taken]
    assert len(refs) == len(set(refs)) == 30
    assert town.reminder_states == ["sent"] * 30


def test_a_second_tick_at_the_same_time_finds_the_house_busy(town: Town, store_url: str) -> None:
    town.item()
    other = open_store(store_url)

    class Meanwhile(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            assert tick(other, {"mail": self}, town.policy, now=TUESDAY).busy
            return super().hand_over(envelope, marker=marker)

    assert town.tick(TUESDAY, channels={"mail": Meanwhile()}).sent == 1
    assert not tick(other, {"mail": Wire()}, town.policy, now=TUESDAY).busy
    other.close()


def test_a_long_tick_stops_when_the_window_closes(town: Town) -> None:
    town.item()
    town.item(person="chenxia")
    moments = iter([at("2026-03-03", "11:59")] * 7)
    outcome = town.tick(at("2026-03-03", "11:59"), clock=lambda: next(moments, at("2026-03-03", "12:01")))
    assert outcome.sent == 1
    assert sorted(town.message_states) == ["pending", "sent"]
    assert town.tick(at("2026-03-03", "14:30")).sent == 1


def test_every_attempt_is_written_with_its_times_and_answer(town: Town) -> None:
    town.item()
    town.wire.script = [LATER, YES]
    town.tick(TUESDAY)
    town.tick(TUESDAY + minutes(2))
    first, second = town.rows(attempts)
    assert (first.n, first.outcome, first.code, first.detail) == (1, "deferred", "450", "greylisted")
    assert (second.n, second.outcome, second.data_at) == (2, "accepted", TUESDAY + minutes(2))
    with town.store.read() as db:
        row = db.execute(select(messages.c.provider_id, messages.c.sent_at)).one()
    assert (row.provider_id, row.sent_at) == ("Q1", TUESDAY + minutes(2))


def test_a_line_that_swallows_answers_leaves_one_message_in_doubt_and_not_a_crowd(town: Town) -> None:
    for person in ("wangmin", "chenxia", "zhangwei"):
        town.item(person=person)
    town.wire.script = [CUT, CUT, CUT]
    outcome = town.tick(TUESDAY)
    assert (outcome.unknown, len(town.wire.taken)) == (1, 1)
    assert sorted(row.ambiguous for row in town.rows(messages)) == [0, 0, 1]
    town.wire.script = []
    assert town.tick(TUESDAY + minutes(10)).sent == 3
    assert town.message_states == ["sent"] * 3


def test_a_limit_that_never_ends_is_told_after_a_quarter_of_an_hour(town: Town) -> None:
    town.item()
    busy = Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="45009", words="api freq out of limit", retry_after=60.0)
    for minute in range(0, 16, 2):
        town.wire.script = [busy]
        town.tick(TUESDAY + minutes(minute))
        assert ("channel:mail" in town.open_problems) == (minute > 14)
    town.wire.script = [busy]
    town.tick(TUESDAY + minutes(18))
    assert "45009" in town.open_problems["channel:mail"]
    assert town.rows(messages)[0].tries == 0
