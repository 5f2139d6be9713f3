from __future__ import annotations

from datetime import datetime, timedelta

from models.message import attempts, messages
from planning.basis import DeliveryPolicy
from planning.delivery_rules import ChannelRule, Rate
from planning.roster import Destination
from services.rates import off_the_hour
from tests.services.delivery.town import TZ, Town, Wire, at, minutes, policy

TUESDAY = at("2026-03-03")


class Time:
    """A clock that goes on only while somebody waits."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.waits: list[float] = []

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=max(seconds, 0.001))


def limited(*rates: Rate, channel: str = "robot", account: str = "") -> DeliveryPolicy:
    people = [f"p{number}" for number in range(1, 60)]
    listed = {person: (Destination(channel, person),) for person in people}
    return policy(destinations=listed, channel_rules={channel: ChannelRule(rates=rates, account=account)})


def fill(town: Town, count: int) -> None:
    for number in range(1, count + 1):
        town.item(f"第{number}件", person=f"p{number}")


def test_no_minute_holds_more_than_the_provider_allows(town: Town) -> None:
    fill(town, 45)
    robot, time = Wire("robot"), Time(TUESDAY)
    outcome = town.tick(TUESDAY, policy=limited(Rate(18, 60)), channels={"robot": robot}, clock=time.clock, wait=time.wait)
    assert outcome.sent == 45
    left = sorted(row.data_at for row in town.rows(attempts))
    for first, beyond in zip(left, left[18:], strict=False):
        assert beyond - first >= timedelta(seconds=60)


def test_without_patience_the_rest_is_left_to_the_next_tick(town: Town) -> None:
    fill(town, 40)
    robot = Wire("robot")
    outcome = town.tick(TUESDAY, policy=limited(Rate(18, 60)), channels={"robot": robot})
    assert (outcome.sent, outcome.again_at) == (18, TUESDAY + minutes(1))
    assert town.tick(TUESDAY + minutes(0.5), policy=limited(Rate(18, 60)), channels={"robot": robot}).sent == 0
    assert town.tick(TUESDAY + minutes(10), policy=limited(Rate(18, 60)), channels={"robot": robot}).sent == 18
    assert town.tick(TUESDAY + minutes(20), policy=limited(Rate(18, 60)), channels={"robot": robot}).sent == 4
    assert all(row.tries == 1 for row in town.rows(messages))


def test_the_limit_survives_a_restart_and_is_shared_by_channels_of_one_robot(town: Town) -> None:
    fill(town, 10)
    both = limited(Rate(6, 60), channel="one", account="robot-1")
    both = policy(
        destinations={**both.destinations, "q1": (Destination("two", "q1"),)},
        channel_rules={name: ChannelRule(rates=(Rate(6, 60),), account="robot-1") for name in ("one", "two")},
    )
    town.item("另一件", person="q1")
    one, two = Wire("one"), Wire("two")
    town.tick(TUESDAY, policy=both, channels={"one": one, "two": two})
    assert len(one.taken) + len(two.taken) == 6


def test_two_limits_hold_at_once(town: Town) -> None:
    fill(town, 12)
    robot, time = Wire("robot"), Time(TUESDAY)
    rule = limited(Rate(4, 1), Rate(10, 60))
    town.tick(TUESDAY, policy=rule, channels={"robot": robot}, clock=time.clock, wait=time.wait)
    left = sorted(row.data_at for row in town.rows(attempts))
    assert len(left) == 12
    assert all(beyond - first >= timedelta(seconds=1) for first, beyond in zip(left, left[4:], strict=False))
    assert left[10] - left[0] >= timedelta(seconds=60)


def test_a_channel_at_its_limit_does_not_hold_up_the_others(town: Town) -> None:
    fill(town, 20)
    town.item("邮件", person="wangmin")
    rule = limited(Rate(5, 60))
    rule = policy(destinations={**rule.destinations, **policy().destinations}, channel_rules=rule.channel_rules)
    robot, time = Wire("robot"), Time(TUESDAY)
    town.tick(TUESDAY, policy=rule, channels={"robot": robot}, clock=time.clock, wait=time.wait)
    mail = next(row for row in town.rows(messages) if row.person == "wangmin")
    assert mail.sent_at == TUESDAY
    assert len(robot.taken) == 20


def test_the_round_minutes_are_left_to_others(town: Town) -> None:
    fill(town, 1)
    rule = policy(destinations={"p1": (Destination("robot", "p1"),)}, channel_rules={"robot": ChannelRule(off_the_hour=True)})
    nine = at("2026-03-03", "09:00")
    outcome = town.tick(nine, policy=rule, channels={"robot": Wire("robot")})
    assert outcome.sent == 0
    assert outcome.again_at is not None
    assert minutes(1) <= outcome.again_at - nine < minutes(1.5)
    assert town.tick(outcome.again_at, policy=rule, channels={"robot": Wire("robot")}).sent == 1


def test_channels_leave_the_round_minute_one_after_the_other() -> None:
    nine = at("2026-03-03", "09:30")
    assert off_the_hour("a", nine, TZ) != off_the_hour("b", nine, TZ)
    assert off_the_hour("a", nine + minutes(1), TZ) is None
