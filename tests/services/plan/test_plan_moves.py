from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select, update

from models.message import messages
from models.occurrence import due_changes
from planning.duty import Duty, Party, Shift
from planning.ladder import parse_ladder
from planning.rules import AsNotified, FixedDay, MonthlyDay
from services.errors import Refused

REF = "study-law:2026"


@pytest.fixture
def told(march: Any) -> Any:
    """The owner was told on 19 March that it is due on the 30th."""
    march.at("2026-03-19 08:00").plan(march.duty())
    march.say(REF, "T-7")
    return march.at("2026-03-20 09:00")


def test_a_later_day_raises_the_epoch_and_starts_the_ladder_anew(told: Any) -> None:
    outcome = told.plan(told.duty(rule=FixedDay(4, 9)))
    row = told.row(REF)
    assert (row.due_on, row.planned_on, row.due_epoch, row.row_version) == (date(2026, 4, 9), date(2026, 4, 9), 1, 1)
    assert row.original_due_on == date(2026, 3, 30)
    old = told.reminders(REF, epoch=0)
    assert old["T-7"] == "sent"
    assert set(old.values()) == {"sent", "superseded"}
    assert told.reminders(REF)["T-3"] == "planned"
    [move] = outcome.moved
    assert (move.ref, move.from_on, move.to_on, move.told) == (REF, date(2026, 3, 30), date(2026, 4, 9), ("王敏",))
    assert outcome.notices == 1
    with told.store.read() as db:
        change = db.execute(select(due_changes)).one()
    assert (change.due_epoch, change.from_on, change.to_on, change.cause) == (1, date(2026, 3, 30), date(2026, 4, 9), "plan")
    assert change.reason


def test_only_who_had_been_told_gets_the_notice(told: Any) -> None:
    told.plan(told.duty(rule=FixedDay(4, 9)))
    notice = told.reminder(REF, "moved")
    assert (notice.say, notice.fire_at, notice.offset, notice.state) == ("原定3月30日，改为4月9日", told.now, 0, "planned")
    assert "moved" not in told.reminders(REF, "chenxia")


def test_the_notice_says_why_the_day_is_not_the_rule_s_own(told: Any) -> None:
    told.plan(told.duty(rule=FixedDay(4, 5), shift=Shift.FORWARD))
    assert told.reminder(REF, "moved").say == "原定3月30日，改为4月7日（原定4月5日，遇清明节假期，顺延至4月7日）"
    with told.store.read() as db:
        assert db.execute(select(due_changes.c.reason)).scalar_one() == "原定4月5日，遇清明节假期，顺延至4月7日"


def test_steps_past_at_the_new_day_are_folded_into_the_notice(told: Any) -> None:
    told.plan(told.duty(rule=FixedDay(3, 24)))
    said = told.reminders(REF)
    assert (said["T-7"], said["T-3"], said["moved"], said["T-1"]) == ("folded", "folded", "planned", "planned")


def test_who_had_not_been_told_hears_the_newest_step_instead_of_a_notice(march: Any) -> None:
    march.plan(march.duty(rule=FixedDay(4, 20)))
    outcome = march.plan(march.duty(rule=FixedDay(3, 24)))
    said = march.reminders(REF)
    assert (said["T-7"], said["T-3"], said["T-1"]) == ("folded", "planned", "planned")
    assert "moved" not in said
    assert (outcome.notices, outcome.moved[0].told) == (0, ())


def test_two_moves_before_the_notice_left_give_one_notice_with_the_last_day(told: Any) -> None:
    told.plan(told.duty(rule=FixedDay(4, 9)))
    told.at("2026-03-20 11:00").plan(told.duty(rule=FixedDay(4, 16)))
    assert told.reminders(REF, epoch=1)["moved"] == "superseded"
    notice = told.reminder(REF, "moved")
    assert (notice.due_epoch, notice.state, notice.say) == (2, "planned", "原定3月30日，改为4月16日")


def test_a_notice_already_in_an_unclaimed_message_is_called_back_as_well(told: Any) -> None:
    told.plan(told.duty(rule=FixedDay(4, 9)))
    told.queue(REF, "moved")
    told.plan(told.duty(rule=FixedDay(4, 16)))
    assert told.reminders(REF, epoch=1)["moved"] == "superseded"
    assert told.reminders(REF)["moved"] == "planned"


def test_moved_back_before_the_notice_left_nobody_hears_of_it(told: Any) -> None:
    told.plan(told.duty(rule=FixedDay(4, 9)))
    outcome = told.plan(told.duty())
    assert outcome.notices == 0
    said = told.reminders(REF)
    assert "moved" not in said
    assert (said["T-7"], said["T-3"]) == ("folded", "planned")
    assert told.row(REF).due_epoch == 2


def test_moved_back_after_the_notice_left_is_told_again(told: Any) -> None:
    told.plan(told.duty(rule=FixedDay(4, 9)))
    told.say(REF, "moved")
    told.plan(told.duty())
    assert told.reminder(REF, "moved").say == "原定4月9日，改为3月30日"


def test_who_is_being_told_the_old_day_at_this_moment_gets_the_notice(march: Any) -> None:
    march.plan(march.duty())
    march.queue(REF, "T-7", leased=True)
    outcome = march.plan(march.duty(rule=FixedDay(4, 9)))
    assert march.reminders(REF, epoch=0)["T-7"] == "queued"
    assert march.reminder(REF, "moved").say == "原定3月30日，改为4月9日"
    assert outcome.notices == 1


def test_who_may_have_read_a_message_that_was_cut_off_gets_the_notice(march: Any) -> None:
    march.plan(march.duty())
    number = march.queue(REF, "T-7")
    with march.store.write() as db:
        db.execute(update(messages).where(messages.c.id == number).values(ambiguous=1))
    march.plan(march.duty(rule=FixedDay(4, 9)))
    assert march.reminders(REF, epoch=0)["T-7"] == "queued"
    assert march.reminder(REF, "moved").say == "原定3月30日，改为4月9日"


def test_a_step_due_and_not_yet_sent_still_speaks_after_a_new_epoch(march: Any) -> None:
    """The message waits for the window: called back with its old day, the person must hear the new one."""
    march.plan(march.duty())
    march.queue(REF, "T-7")
    march.plan(march.duty(rule=FixedDay(3, 31)))
    assert march.reminders(REF, epoch=0)["T-7"] == "superseded"
    assert march.reminders(REF)["T-7"] == "planned"


def test_a_day_in_another_year_is_told_with_its_year(told: Any) -> None:
    rule = AsNotified(3, 30, ((2026, date(2027, 1, 8)),))
    told.plan(told.duty(rule=rule))
    assert told.reminder(REF, "moved").say.startswith("原定2026年3月30日，改为2027年1月8日")


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "done", "closed_at": datetime.fromisoformat("2026-03-19T09:00:00+08:00"), "done_on": date(2026, 3, 19)},
        {"state": "waived", "closed_at": datetime.fromisoformat("2026-03-19T09:00:00+08:00")},
        {"extensions": 1, "extension_days": 7, "due_on": date(2026, 4, 6), "due_epoch": 1},
        {"due_on": date(2026, 4, 3), "due_epoch": 1},  # a reopening gave it a day of its own
    ],
)
def test_what_is_done_waived_extended_or_moved_by_hand_keeps_its_day(told: Any, columns: dict[str, Any]) -> None:
    told.set_row(REF, **columns)
    before = told.row(REF)
    outcome = told.plan(told.duty(rule=FixedDay(4, 20), title="新名称", owner=Party(person="zhaolei")))
    assert told.row(REF) == before
    assert (outcome.moved, outcome.updated, outcome.notices) == ((), 0, 0)


def test_what_is_past_stays_as_it_is(told: Any) -> None:
    told.at("2026-03-31 09:00")
    before = told.row(REF)
    outcome = told.plan(told.duty(rule=FixedDay(4, 20)))
    assert told.row(REF) == before
    assert outcome.moved == ()
    assert set(told.reminders(REF, epoch=0).values()) == {"sent", "planned"}


def test_what_is_due_today_may_still_move(told: Any) -> None:
    told.at("2026-03-30 16:00")
    assert len(told.plan(told.duty(rule=FixedDay(4, 20))).moved) == 1


def test_the_hour_of_reminding_moves_what_still_waits_and_no_day(told: Any) -> None:
    outcome = told.plan(told.duty(), remind_at=time(10, 0))
    assert (outcome.moved, outcome.updated) == ((), 1)
    assert told.row(REF).due_epoch == 0
    assert told.reminder(REF, "T-3").fire_at.isoformat() == "2026-03-25T02:00:00+00:00"
    assert told.reminder(REF, "T-7").fire_at.isoformat() == "2026-03-19T00:45:00+00:00"


def test_the_hour_at_which_a_day_ends_is_no_move(told: Any) -> None:
    outcome = told.plan(told.duty(), day_ends_at=time(12, 0))
    row = told.row(REF)
    assert (row.due_at.isoformat(), row.due_epoch, outcome.moved) == ("2026-03-30T04:00:00+00:00", 0, ())


def test_an_assignment_s_first_word_keeps_its_moment(march: Any) -> None:
    duty = march.duty(ladder=parse_ladder("assigned T0"))
    march.plan(duty)
    before = march.reminder(REF, "assigned")
    march.at("2026-03-20 15:00").plan(duty, full=True)
    assert march.reminder(REF, "assigned") == before


def test_the_notice_s_date_replaces_the_expected_one(march: Any) -> None:
    march.plan(march.duty(rule=AsNotified(4, 15)))
    assert march.row(REF).awaiting_notice
    march.plan(march.duty(rule=AsNotified(4, 15, ((2026, date(2026, 4, 20)),))))
    row = march.row(REF)
    assert (row.awaiting_notice, row.due_on) == (False, date(2026, 4, 20))


def _forty(town: Any, day: int) -> list[Duty]:
    return [town.duty(f"monthly-{n}", rule=MonthlyDay(day)) for n in range(4)]


def test_a_change_of_most_of_the_year_is_refused_and_nothing_is_written(told: Any) -> None:
    told.plan(*_forty(told, 10), told.duty())
    before = told.contents()
    with pytest.raises(Refused) as refused:
        told.plan(*_forty(told, 12), told.duty(), revision="r2")
    assert refused.value.code == "many_changes"
    assert "36项" in refused.value.sentence
    assert "--yes-many" in refused.value.sentence
    assert told.contents() == before


def test_a_change_of_most_of_the_year_passes_when_somebody_says_so(told: Any) -> None:
    told.plan(*_forty(told, 10), told.duty())
    rehearsed = told.plan(*_forty(told, 12), told.duty(), dry_run=True)
    assert rehearsed.many
    assert any("--yes-many" in sentence for sentence in rehearsed.problems)
    outcome = told.plan(*_forty(told, 12), told.duty(), yes_many=True)
    assert len(outcome.moved) == len(rehearsed.moved) == 36
    assert outcome.problems == ()


def test_five_moves_are_never_too_many(told: Any) -> None:
    told.plan(told.duty("few", rule=MonthlyDay(10, (4, 5, 6, 7, 8))), told.duty())
    assert len(told.plan(told.duty("few", rule=MonthlyDay(12, (4, 5, 6, 7, 8))), told.duty()).moved) == 5
