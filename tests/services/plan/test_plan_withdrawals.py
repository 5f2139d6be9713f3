from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.office import duties, plans
from planning import placement
from planning.dates import dues
from planning.rules import FixedDay, MonthlyDay, Recurrence
from services.errors import Refused

REF = "study-law:2026-04"


@pytest.fixture
def told(march: Any) -> Any:
    """A duty of each month; the owner knows of April's."""
    march.plan(march.duty(rule=MonthlyDay(10)))
    march.say(REF, "T-7")
    return march


def _without_april(town: Any) -> Any:
    return town.plan(town.duty(rule=MonthlyDay(10, (1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12))))


def test_a_period_that_the_rule_no_longer_has_is_withdrawn_and_who_knew_is_told(told: Any) -> None:
    outcome = _without_april(told)
    assert (outcome.withdrawn, outcome.moved, outcome.notices) == ((REF,), (), 1)
    row = told.row(REF)
    assert (row.state, row.closed_at) == ("withdrawn", told.now)
    said = told.reminders(REF)
    assert (said["T-7"], said["T-3"], said["cancelled"]) == ("sent", "cancelled", "planned")
    assert "cancelled" not in told.reminders(REF, "chenxia")
    assert told.reminder(REF, "cancelled").fire_at == told.now


def test_withdrawn_work_that_nobody_knew_of_goes_in_silence(march: Any) -> None:
    march.plan(march.duty(rule=MonthlyDay(10)))
    outcome = _without_april(march)
    assert (outcome.withdrawn, outcome.notices) == ((REF,), 0)
    assert set(march.reminders(REF).values()) == {"cancelled"}


def test_what_comes_back_before_the_notice_left_is_open_again_without_a_word(told: Any) -> None:
    _without_april(told)
    outcome = told.plan(told.duty(rule=MonthlyDay(10)))
    row = told.row(REF)
    assert (row.state, row.closed_at, row.due_epoch) == ("open", None, 1)
    assert (outcome.added, outcome.notices) == (1, 0)
    assert told.reminders(REF, epoch=0)["cancelled"] == "superseded"
    assert "moved" not in told.reminders(REF)
    assert told.reminders(REF)["T-3"] == "planned"


def test_what_comes_back_after_the_notice_left_is_told_as_back(told: Any) -> None:
    _without_april(told)
    told.say(REF, "cancelled")
    outcome = told.plan(told.duty(rule=MonthlyDay(10)))
    assert outcome.notices == 1
    assert told.reminder(REF, "moved").say == "此前通知撤销，现恢复办理，4月10日到期"
    assert told.parts(REF)["owner", "wangmin"].told_due_on is None


def test_withdrawn_back_and_withdrawn_again_clashes_with_nothing(told: Any) -> None:
    for _ in range(3):
        _without_april(told)
        told.plan(told.duty(rule=MonthlyDay(10)))
    assert told.row(REF).due_epoch == 3


def test_what_is_past_done_or_extended_is_not_withdrawn(told: Any) -> None:
    told.set_row("study-law:2026-05", state="done", closed_at=told.now, done_on=date(2026, 3, 19))
    told.set_row("study-law:2026-06", extensions=1, extension_days=3, due_on=date(2026, 6, 13))
    outcome = told.plan(told.duty(rule=MonthlyDay(10, (7, 8, 9, 10, 11, 12))))
    assert outcome.withdrawn == (REF,)
    assert told.row("study-law:2026-02").state == "open"


def test_a_duty_that_left_the_files_keeps_its_rows_and_is_reported(told: Any) -> None:
    told.plan(told.duty("other"))
    before = [row for row in told.rows() if row.duty_key == "study-law"]
    outcome = told.plan(told.duty("other"), full=True)
    assert outcome.gone == ("study-law",)
    assert [row for row in told.rows() if row.duty_key == "study-law"] == before
    assert "--retire" in told.problems()["gone:study-law"]
    assert told.problems()["gone:study-law"] in outcome.problems
    assert not outcome.degraded


def test_the_problem_closes_when_the_duty_is_back_in_the_files(told: Any) -> None:
    told.plan(told.duty("other"))
    outcome = told.plan(told.duty("other"), told.duty(rule=MonthlyDay(10)))
    assert (outcome.gone, told.problems()) == ((), {})
    assert (outcome.added, outcome.updated, outcome.withdrawn) == (0, 0, ())


def test_a_duty_retired_on_purpose_lets_go_of_what_lies_ahead(told: Any) -> None:
    outcome = told.plan(told.duty("other"), retire=True, yes_many=True)
    assert outcome.gone == ("study-law",)
    assert len(outcome.withdrawn) == 9
    assert told.row("study-law:2026-02").state == "open"
    assert told.problems() == {}
    with told.store.read() as db:
        assert not db.execute(select(duties.c.active).where(duties.c.key == "study-law")).scalar_one()
    again = told.plan(told.duty("other"), retire=True)
    assert (again.gone, again.withdrawn) == ((), ())


def test_a_retired_duty_can_come_back(told: Any) -> None:
    told.plan(told.duty("other"), retire=True, yes_many=True)
    outcome = told.plan(told.duty("other"), told.duty(rule=MonthlyDay(10)))
    assert outcome.added == 9
    assert told.row(REF).state == "open"
    assert outcome.gone == ()


def test_retiring_most_of_the_year_wants_a_second_word(told: Any) -> None:
    before = told.contents()
    with pytest.raises(Refused, match="--yes-many"):
        told.plan(told.duty("other"), retire=True)
    assert told.contents() == before


def test_a_duty_that_cannot_be_read_keeps_its_rows_and_the_rest_is_planned(told: Any) -> None:
    before = [row for row in told.rows() if row.duty_key == "study-law"]
    outcome = told.plan(
        told.duty("other"), broken=frozenset({"study-law"}), problems=("calendar/10.yaml 第3行：日期写错了。",), retire=True
    )
    assert (outcome.degraded, outcome.gone, outcome.added) == (True, (), 1)
    assert [row for row in told.rows() if row.duty_key == "study-law"] == before
    assert told.problems() == {"calendar": "calendar/10.yaml 第3行：日期写错了。"}
    with told.store.read() as db:
        assert db.execute(select(plans.c.degraded).order_by(plans.c.id.desc()).limit(1)).scalar_one()


def test_while_a_whole_file_is_unreadable_no_duty_counts_as_gone(told: Any) -> None:
    before = told.rows()
    outcome = told.plan(unreadable=True, problems=("calendar/10.yaml 打不开。",), retire=True)
    assert (outcome.degraded, outcome.gone, outcome.withdrawn) == (True, (), ())
    assert told.rows() == before


def test_the_files_mended_the_plan_is_whole_again(told: Any) -> None:
    told.plan(unreadable=True, problems=("calendar/10.yaml 打不开。",))
    outcome = told.plan(told.duty(rule=MonthlyDay(10)), unreadable=False, problems=())
    assert not outcome.degraded
    assert told.problems() == {}
    with told.store.read() as db:
        assert not db.execute(select(plans.c.degraded).order_by(plans.c.id.desc()).limit(1)).scalar_one()


def test_an_impossible_rule_stops_no_other_duty(told: Any) -> None:
    outcome = told.plan(
        told.duty("bad", rule=Recurrence("FREQ=NEVER", date(2026, 1, 1)), source="calendar/20.yaml:7"),
        told.duty("good"),
        told.duty(rule=MonthlyDay(10)),
    )
    assert (outcome.added, outcome.degraded) == (1, True)
    assert "calendar/20.yaml:7" in told.problems()["plan:bad"]
    assert told.row("good:2026").state == "open"


def test_a_fault_of_ours_in_one_duty_stops_no_other_and_is_logged(
    told: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(duty: Any, **given: Any) -> Any:
        if duty.key == "study-law":
            raise ZeroDivisionError
        return dues(duty, **given)

    monkeypatch.setattr(placement, "dues", faulty)
    before = [row for row in told.rows() if row.duty_key == "study-law"]
    outcome = told.plan(told.duty(rule=MonthlyDay(12)), told.duty("good", rule=FixedDay(5, 1)))
    assert (outcome.degraded, outcome.added, outcome.gone) == (True, 1, ())
    assert [row for row in told.rows() if row.duty_key == "study-law"] == before
    assert "study-law" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    mended = told.plan(told.duty(rule=MonthlyDay(12)), told.duty("good", rule=FixedDay(5, 1)), yes_many=True)
    assert (mended.degraded, len(mended.moved), told.problems()) == (False, 9, {})
