"""Plans and ticks together: what a person really reads after the office changed its mind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from notifications.envelope import Envelope, Marker, Outcome, Verdict
from planning.basis import DeliveryPolicy
from planning.duty import Party
from planning.roster import Destination
from planning.rules import FixedDay, MonthlyDay
from planning.windows import parse_windows
from services.tick import tick

REF = "study-law:2026"


@dataclass
class Sink:
    """A provider that accepts everything."""

    name: str = "mail"
    taken: list[Envelope] = field(default_factory=list)

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        if not marker():
            return None
        self.taken.append(envelope)
        return Outcome(Verdict.ACCEPTED)

    def close(self) -> None:
        """Nothing is held open."""


@dataclass
class Post:
    """The town's post office."""

    town: Any
    sink: Sink

    def tick(self, at: str = "") -> list[Envelope]:
        """What leaves at that moment of the town's wall clock, or now."""
        if at:
            self.town.at(at)
        basis = self.town.basis
        policy = DeliveryPolicy(
            tz=basis.tz,
            workdays=basis.workdays,
            windows=parse_windows(("08:30-12:00", "14:30-17:30")),
            title="工作提醒",
            office="曹回镇人民政府",
            base_url="http://127.0.0.1:8600",
            mail_domain="caohui.example",
            link_key=bytes(32),
            destinations={key: (Destination("mail", f"{key}@caohui.example"),) for key in basis.roster.people},
        )
        before = len(self.sink.taken)
        tick(self.town.store, {"mail": self.sink}, policy, now=self.town.now)
        return self.sink.taken[before:]


@pytest.fixture
def post(town: Any) -> Post:
    """The owner read on 19 March that it is due on the 30th."""
    made = Post(town, Sink())
    town.at("2026-03-18 09:00").plan(town.duty())
    [first] = made.tick("2026-03-19 09:00")
    assert first.address == "wangmin@caohui.example"
    assert town.parts(REF)["owner", "wangmin"].told_due_on == date(2026, 3, 30)
    return made


def test_a_day_moved_twice_over_noon_is_told_once_with_the_last_day(post: Post) -> None:
    town = post.town
    town.at("2026-03-20 12:10").plan(town.duty(rule=FixedDay(4, 9)))
    assert post.tick() == []
    town.at("2026-03-20 13:00").plan(town.duty(rule=FixedDay(4, 16)))
    [notice] = post.tick("2026-03-20 14:35")
    assert "3月30日" in notice.text
    assert "4月16日" in notice.text
    assert "4月9日" not in notice.text
    assert town.parts(REF)["owner", "wangmin"].told_due_on == date(2026, 4, 16)
    assert post.tick("2026-03-20 14:40") == []


def test_a_day_moved_and_moved_back_over_noon_is_not_told_at_all(post: Post) -> None:
    town = post.town
    town.at("2026-03-20 12:10").plan(town.duty(rule=FixedDay(4, 9)))
    town.at("2026-03-20 13:00").plan(town.duty())
    assert post.tick("2026-03-20 14:35") == []
    assert post.tick("2026-03-24 09:00") == []
    assert len(post.tick("2026-03-25 09:00")) == 1  # T-3, as if nothing had been


def test_who_was_never_told_reads_nothing_of_a_withdrawal(town: Any) -> None:
    post = Post(town, Sink())
    town.at("2026-03-02 09:00").plan(town.duty(rule=MonthlyDay(30)))
    town.plan(town.duty(rule=MonthlyDay(30, (1, 2))), yes_many=True)
    assert all("2026-03" not in envelope.text for envelope in post.tick())


def test_a_withdrawal_and_its_return_are_each_told_once(post: Post) -> None:
    town = post.town
    town.plan(town.duty(until_year=2025))
    [off] = post.tick("2026-03-20 09:00")
    assert "撤" in off.text
    assert post.tick("2026-03-20 09:05") == []
    town.plan(town.duty())
    [back] = post.tick("2026-03-20 14:40")  # a half-day has one message
    assert "恢复" in back.text
    assert post.tick("2026-03-20 09:15") == []
    [later] = post.tick("2026-03-25 09:00")
    assert "3月30日" in later.text


def test_a_successor_is_told_where_it_stands_and_the_one_before_nothing(post: Post) -> None:
    town = post.town
    town.plan(town.duty(owner=Party(person="zhaolei")))
    [first] = post.tick("2026-03-20 09:00")
    assert first.address == "zhaolei@caohui.example"
    [third] = post.tick("2026-03-25 09:00")
    assert third.address == "zhaolei@caohui.example"


def test_planning_between_two_ticks_sends_nothing_again(post: Post) -> None:
    town = post.town
    for full in (False, True):
        town.plan(town.duty(), full=full)
        assert post.tick() == []
