"""重发: the office sends once more what did not arrive. Old rows keep their end, and nobody is told twice by one press."""

from __future__ import annotations

import pytest

from models.message import messages
from models.reminder import reminders
from services.errors import Refused
from services.resend import resend
from tests.services.delivery.town import GONE, Town, at, destinations, minutes, policy

TUESDAY = at("2026-03-03")


def ref_of(town: Town, place: int = 0) -> str:
    return str(town.rows(messages)[place].ref)


def test_what_was_refused_goes_out_once_more_when_the_address_is_mended(town: Town) -> None:
    town.item()
    town.wire.script = [GONE]
    town.tick(TUESDAY)
    town.policy = policy(destinations=destinations("mail"))
    done = resend(town.store, ref_of(town), by="zhangwei", now=TUESDAY + minutes(10))
    assert (done.planned, done.left_out) == (1, 0)
    assert town.tick(TUESDAY + minutes(11)).sent == 1
    assert town.message_states == ["failed", "sent"]
    assert town.reminder_states == ["failed", "sent"]
    assert [row.reason for row in town.rows(reminders)][1] == ""


def test_a_second_press_before_the_tick_plans_nothing_more(town: Town) -> None:
    town.item()
    town.tick(TUESDAY)
    resend(town.store, ref_of(town), by="zhangwei", now=TUESDAY + minutes(10))
    with pytest.raises(Refused) as refused:
        resend(town.store, ref_of(town), by="zhangwei", now=TUESDAY + minutes(10))
    assert refused.value.code == "nothing_left"
    town.tick(at("2026-03-03", "14:40"))
    assert len(town.wire.taken) == 2


def test_what_arrived_may_be_sent_again_as_often_as_the_office_wants(town: Town) -> None:
    town.item()
    town.tick(TUESDAY)
    for place, moment in enumerate((at("2026-03-03", "14:40"), at("2026-03-04"))):
        resend(town.store, ref_of(town, place), by="zhangwei", now=moment)
        town.tick(moment + minutes(1))
    assert town.message_states == ["sent"] * 3


def test_of_a_digest_only_what_is_still_open_goes_out_again(town: Town) -> None:
    closed = town.item("已经办完的")
    town.item("还没有办的")
    town.tick(TUESDAY)
    town.close(closed)
    done = resend(town.store, ref_of(town), by="zhangwei", now=TUESDAY + minutes(10))
    assert (done.planned, done.left_out) == (1, 1)
    town.tick(at("2026-03-03", "14:40"))
    assert "还没有办的" in town.wire.taken[-1].text
    assert "已经办完的" not in town.wire.taken[-1].text


def test_nothing_is_sent_again_that_is_closed_or_still_waiting_or_unknown(town: Town) -> None:
    occurrence = town.item()
    town.wire.script = []
    town.tick(TUESDAY)
    town.close(occurrence)
    codes = []
    for ref in (ref_of(town), "T2603-999999"):
        with pytest.raises(Refused) as refused:
            resend(town.store, ref, by="zhangwei", now=TUESDAY + minutes(10))
        codes.append(refused.value.code)
    assert codes == ["nothing_left", "unknown_message"]
