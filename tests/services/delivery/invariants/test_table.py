"""Where each invariant of the delivery is proved: the list, and that nothing on it is missing."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[3]
HERE = "services/delivery/invariants"
MACHINE = "services/delivery/machine/laws.py"

PROVED = {
    "I1": [f"{HERE}/test_rows.py::test_i1_plans_without_an_edit_change_no_count_after_the_first"],
    "I2": [
        f"{HERE}/test_rows.py::test_i2_the_database_holds_one_row_for_each_step_of_a_person_at_an_epoch",
        f"{MACHINE}::i2_one_row_for_each_step",
    ],
    "I3": [
        f"{HERE}/test_rows.py::test_i3_no_two_messages_have_one_key_and_no_reminder_two_live_messages",
        f"{MACHINE}::i3_a_reminder_is_in_one_live_message",
    ],
    "I4": [
        f"{HERE}/test_sending.py::test_i4_a_reminder_is_sent_exactly_when_its_message_has_an_accepted_attempt",
        f"{MACHINE}::i4_sent_is_what_a_provider_accepted",
    ],
    "I5": [f"{HERE}/test_time.py::test_i5_whatever_is_due_for_a_quarter_of_an_hour_has_ended_or_says_why_it_waits"],
    "I6": [
        f"{HERE}/test_sending.py::test_i6_a_crash_doubles_at_most_the_message_in_hand_and_with_equal_bytes",
        f"{MACHINE}::i6_copies_are_bounded_and_equal",
    ],
    "I7": [f"{HERE}/test_rows.py::test_i7_no_final_state_can_be_left", f"{MACHINE}::i7_what_has_ended_stays"],
    "I8": [
        f"{HERE}/test_sending.py::test_i8_what_is_closed_during_the_conversation_does_not_leave",
        f"{MACHINE}::i8_nothing_leaves_about_what_is_closed",
    ],
    "I9": [
        f"{HERE}/test_sending.py::test_i9_a_worker_that_lost_its_lease_sends_nothing",
        "crash/test_troubles.py::test_a_stopped_worker_that_was_overtaken_sends_nothing_once_its_lease_is_gone",
    ],
    "I10": [
        f"{HERE}/test_sending.py::test_i10_three_dispatchers_on_one_database_send_each_message_once",
        "crash/test_troubles.py::test_four_dispatchers_without_the_lock_send_everything_once",
    ],
    "I11": [
        f"{HERE}/test_time.py::test_i11_after_ten_days_off_forty_stale_reminders_of_fifty_people_are_fifty_messages",
        f"{HERE}/test_time.py::test_i11_after_days_off_a_person_gets_one_message_per_channel_and_only_the_newest_step",
    ],
    "I12": [f"{HERE}/test_sending.py::test_i12_no_text_calls_a_past_day_near", f"{MACHINE}::i12_nothing_past_is_called_near"],
    "I13": [
        f"{HERE}/test_moved_days.py::test_i13_a_month_moved_to_monday_and_back_is_at_most_one_notice_for_each_person",
        f"{HERE}/test_moved_days.py::test_i13_who_was_told_nothing_gets_no_notice",
        f"{MACHINE}::i13_a_moved_day_is_told_to_who_knew_another",
    ],
    "I14": [
        f"{HERE}/test_time.py::test_i14_a_clock_that_jumps_sends_nothing_before_it_is_confirmed_and_nothing_twice",
        "services/delivery/test_clock_guard.py::test_i14_a_clock_that_jumps_ahead_sends_nothing_and_spoils_nothing",
    ],
    "I15": [f"{HERE}/test_time.py::test_i15_a_message_that_hangs_delays_the_others_by_no_more_than_its_own_deadline"],
    "I16": [
        f"{HERE}/test_time.py::test_i16_a_dead_channel_uses_up_no_tries_however_long_it_is_dead",
        f"{MACHINE}::i16_a_channels_fault_uses_no_try",
    ],
    "I17": [
        f"{HERE}/test_sending.py::test_i17_a_permanent_failure_leaves_a_fallback_or_a_problem_in_one_transaction",
        "services/delivery/test_lying_providers.py::test_i17_a_lie_without_a_second_address_becomes_a_problem",
    ],
    "I18": [
        "services/delivery/test_lying_providers.py::test_i18_a_lie_that_never_ends_is_never_believed_and_the_mail_arrives",
        f"{MACHINE}::i18_an_attempt_says_what_the_provider_said",
    ],
    "I19": [f"{HERE}/test_rows.py::test_i19_attempts_and_the_log_are_only_ever_added_to"],
    "I20": [
        "crash/test_troubles.py::test_a_full_disk_costs_nothing_but_time",
        "crash/test_troubles.py::test_a_read_only_database_ends_the_tick_and_changes_nothing",
        "crash/test_troubles.py::test_a_locked_database_ends_the_tick_and_the_next_one_works",
    ],
    "I21": [
        "models/test_migrations.py::test_a_program_refuses_a_database_of_another_version",
        "services/test_upgrade.py::test_a_database_newer_than_the_program_is_left_alone",
    ],
    "I22": [
        f"{HERE}/test_rows.py::test_i22_completing_twice_gives_one_entry_and_a_friendly_answer",
        "services/record/test_complete.py::test_two_people_who_press_at_the_same_moment_give_one_completion",
    ],
    "I23": ["web/test_reading_changes_nothing.py::test_a_thousand_looks_at_every_address_leave_every_row_as_it_was"],
    "I24": ["journeys/test_secret_canary.py::test_i24_no_secret_is_said_or_kept_anywhere"],
    "I25": [f"{HERE}/test_rows.py::test_i25_every_due_moment_follows_from_its_day_and_the_offices_clock"],
    "I26": [
        f"{HERE}/test_rows.py::test_i26_the_log_extends_every_anchor_it_ever_gave",
        "reports/test_log_verify.py::test_a_rebuilt_tail_is_only_seen_with_an_anchor",
    ],
}
"""RELIABILITY 2.14 by number: the tests, and beside them the laws that the state machine holds after every step."""


@pytest.mark.parametrize(("number", "places"), PROVED.items(), ids=list(PROVED))
def test_each_invariant_is_proved_where_the_list_says(number: str, places: list[str]) -> None:
    for place in places:
        file, _, name = place.partition("::")
        assert name in _functions(file), f"{number}: {place} is not there"
        if file.startswith(HERE):
            assert re.match(rf"test_{number.lower()}_", name), f"{number}: {name} does not say its number"


def test_the_list_knows_all_twenty_six() -> None:
    assert list(PROVED) == [f"I{number}" for number in range(1, 27)]


@lru_cache
def _functions(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
