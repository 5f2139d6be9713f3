"""I13: a moved day gives at most one notice to each person, and none to who was told nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from planning.rules import FixedDay
from tests.services.delivery.machine.providers import Answer
from tests.services.delivery.machine.world import OWNERS, World

FRIDAY, MONDAY = FixedDay(3, 27), FixedDay(3, 30)
LADDER = "T-3 T-1 T0 T+1=owner,overseer"


def test_i13_a_day_moved_and_back_before_anybody_heard_of_it_is_not_told(world: World) -> None:
    _three_due_on_a_friday(world, told=True)
    told = len(world.account)
    for number in (1, 2, 3):
        world.edit(f"duty-{number}", rule=MONDAY)
    for number in (1, 2, 3):
        world.edit(f"duty-{number}", rule=FRIDAY)
    world.tick()
    assert world.account[told:] == []


def test_i13_a_month_moved_to_monday_and_back_is_at_most_one_notice_for_each_person(world: World) -> None:
    _three_due_on_a_friday(world, told=True)
    told = len(world.account)
    for rule in (MONDAY, FRIDAY):
        for number in (1, 2, 3):
            world.edit(f"duty-{number}", rule=rule)
        world.tick()
        world.wait(timedelta(minutes=20))
    notices = Counter(handed.person for handed in world.account[told:])
    assert set(notices.values()) <= {1}
    world.to_next_window()
    world.tick()
    assert all(one == date(2026, 3, 27) for one in _known(world).values())


def test_i13_who_was_told_nothing_gets_no_notice(world: World) -> None:
    _three_due_on_a_friday(world, told=False)
    for rule in (MONDAY, FRIDAY, MONDAY):
        for number in (1, 2, 3):
            world.edit(f"duty-{number}", rule=rule)
        world.to_next_window()
        world.tick()
    assert world.account == []


def test_i13_who_comes_back_after_the_day_moved_hears_of_the_new_day(world: World) -> None:
    """He was told Friday, was away when it became Monday, and is back: nobody else would tell him."""
    _three_due_on_a_friday(world, told=True)
    world.person("wangmin", left_on=world.today)
    world.edit("duty-1", rule=MONDAY)
    world.to_next_window()
    world.person("wangmin", left_on=None)
    world.tick()
    assert _known(world)[1] == date(2026, 3, 30)


def test_i13_a_notice_that_comes_late_is_not_told_when_its_day_is_known_by_then(world: World) -> None:
    """The day moved while the first mail was in hand; that one failed and came by WeCom with the new day in it."""
    world.add(5, "chenxia", "T-7 T-6 T-5 T-4 T-3 T-2 T-1 T0")
    world.to_next_window()
    world.channels["mail"].before.append(lambda: world.move("duty-1", 1))
    for _ in range(4):
        world.tick({"mail": [Answer.DOWN]})
        world.to_next_window()
    told = [handed for handed in world.account if handed.taken]
    assert told[0].tells == {1: date(2026, 3, 3)}
    for handed in told:
        assert "原定3月3日，改为3月3日" not in handed.envelope.text
        assert handed is told[0] or all(one.step != "moved" for one in handed.waiting)


def test_i13_who_was_only_about_to_be_told_gets_no_notice_of_a_withdrawal(world: World) -> None:
    """The withdrawal came while the first message was in hand; its last look kept it back: there is nothing to take back."""
    world.add(3, "wangmin", "T-3 T-2 T-1 T0")
    world.channels["mail"].before.append(lambda: world.act("withdraw", "duty-1"))
    world.tick()
    world.tick()
    world.wait(timedelta(minutes=30))
    world.tick()
    assert [handed.ref for handed in world.account if handed.taken] == []


def _three_due_on_a_friday(world: World, *, told: bool) -> None:
    """27 March 2026, for three people; ``told``: the assignment itself was told, and it is the next morning."""
    for owner in OWNERS:
        world.add(25, owner, f"assigned {LADDER}" if told else LADDER)
    if told:
        world.tick()
        assert set(_known(world).values()) == {date(2026, 3, 27)}
        world.wait(timedelta(days=1))


def _known(world: World) -> dict[int, date]:
    return {assignment: on for handed in world.account if handed.taken for assignment, on in handed.tells.items()}
