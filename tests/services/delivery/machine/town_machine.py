"""The rules by which Hypothesis plays: everything that people, clocks, providers and failing processes do to the town."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from models.store import Store
from tests.services.delivery.machine.laws import Court, judge_the_end
from tests.services.delivery.machine.providers import Answer
from tests.services.delivery.machine.world import LAST, OWNERS, World, begin_anew

DENSE = "T-7 T-6 T-5 T-4 T-3 T-2 T-1 T0 T+1=owner,overseer T+2 T+3=owner,overseer"
"""A step nearly each day: something is due at nearly each tick."""

LADDERS = (DENSE, "assigned T-7 T-3 T0 T+1 T+3=owner,overseer", "T-1 T0")
MOST_DUTIES = 5
LASTING = 4
"""Ticks: one more than any count of tries that ends a message."""

POINTS = ("B1", "B2", "D1", "D2", "D3", "D4", "D5b", "D5c", "D7", "D8", "D9", "D10", "D12")

days = st.integers(min_value=0, max_value=12)
number = st.integers(min_value=0, max_value=MOST_DUTIES - 1)
owners = st.sampled_from(OWNERS)
scripts = st.lists(st.sampled_from(Answer), max_size=3)
crashes = st.builds(lambda point, nth: f"{point}:{nth}", st.sampled_from(POINTS), st.integers(1, 2))
ACTS = ("complete", "reopen", "waive", "hand over", "extend", "withdraw", "bring back")
MEANWHILE = ("complete", "waive", "hand over", "extend", "withdraw", "move", "lease lost")


class TownMachine(RuleBasedStateMachine):
    """``store`` begins each life with what the file ``template`` holds; both are set by the test that runs the machine."""

    store: Store
    template: Path

    @initialize(first=owners, second=owners, ladder=st.sampled_from(LADDERS))
    def two_duties_to_begin_with(self, first: str, second: str, ladder: str) -> None:
        begin_anew(self.store, self.template)
        self.world = World(self.store)
        self.court = Court(self.world)
        self.world.add(3, first, ladder)
        self.world.add(5, second, DENSE)

    def key(self, place: int) -> str:
        return sorted(self.world.duties)[place % len(self.world.duties)]

    # --- the files ---------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.world.duties) < MOST_DUTIES)
    @rule(ahead=days, owner=owners, ladder=st.sampled_from(LADDERS))
    def a_duty_is_added(self, ahead: int, owner: str, ladder: str) -> None:
        self.world.add(ahead, owner, ladder)

    @rule(place=number, ahead=days)
    def a_date_is_moved(self, place: int, ahead: int) -> None:
        self.world.move(self.key(place), ahead)

    @rule(place=number, ahead=days)
    def a_date_is_moved_and_moved_back(self, place: int, ahead: int) -> None:
        before = self.world.duties[self.key(place)].rule
        self.world.move(self.key(place), ahead)
        self.world.edit(self.key(place), rule=before)

    @rule(full=st.booleans())
    def it_is_planned_again(self, full: bool) -> None:
        self.world.plan(full=full)
        before = self.world.counts()
        self.world.plan(full=full)
        assert self.world.counts() == before, "I1: planning again changed the rows"

    @rule(who=owners)
    def somebody_leaves(self, who: str) -> None:
        self.world.person(who, left_on=self.world.today)

    @rule(who=owners)
    def somebody_comes_back(self, who: str) -> None:
        self.world.person(who, left_on=None)

    @rule(place=number, act=st.sampled_from(ACTS), ahead=days, to=owners)
    def somebody_acts(self, place: int, act: str, ahead: int, to: str) -> None:
        self.world.act(act, self.key(place), days=ahead, to=to)

    # --- time --------------------------------------------------------------------------------------------------

    @rule(length=st.sampled_from((1, 6, 31, 61, 125)))
    def minutes_pass(self, length: int) -> None:
        self.world.wait(timedelta(minutes=length))

    @rule(length=st.sampled_from((1, 2, 3, 9, 16)))
    def days_pass(self, length: int) -> None:
        self.world.wait(timedelta(days=length))

    @rule()
    def the_next_window_opens(self) -> None:
        self.world.to_next_window()

    @rule(length=st.integers(1, 8))
    def the_clock_is_set_back(self, length: int) -> None:
        self.world.now -= timedelta(minutes=length)

    def to_work(self, *, later: bool) -> None:
        """Into a window: the open one, or the next when it is to be later."""
        if later:
            self.world.to_next_window()
        else:
            self.world.to_work()

    # --- sending -----------------------------------------------------------------------------------------------

    @rule()
    def a_tick_comes(self) -> None:
        self.world.tick()

    @rule(mail=scripts, wecom=scripts, later=st.booleans())
    def a_tick_meets_providers_in_a_mood(self, mail: list[Answer], wecom: list[Answer], later: bool) -> None:
        self.to_work(later=later)
        self.world.tick({"mail": mail, "wecom": wecom})

    @rule(mail=scripts, crash=crashes, later=st.booleans())
    def a_tick_ends_with_its_process(self, mail: list[Answer], crash: str, later: bool) -> None:
        self.to_work(later=later)
        self.world.tick({"mail": mail}, crash=crash)

    @rule(answer=st.sampled_from(Answer))
    def a_provider_stays_in_its_mood(self, answer: Answer) -> None:
        self.to_work(later=True)
        for _ in range(LASTING):
            self.world.tick({"mail": [answer] * 3})
            self.world.wait(timedelta(minutes=6))

    @rule(point=st.sampled_from(POINTS))
    def a_process_ends_again_and_again(self, point: str) -> None:
        self.to_work(later=True)
        for _ in range(LASTING):
            self.world.tick(crash=f"{point}:1")
            self.world.wait(timedelta(minutes=6))

    @rule(mail=scripts, act=st.sampled_from(MEANWHILE), place=number, ahead=days, to=owners)
    def something_happens_during_a_tick(self, mail: list[Answer], act: str, place: int, ahead: int, to: str) -> None:
        """Between the look and the marker of the first message."""
        self.to_work(later=True)
        key = self.key(place)

        def meanwhile() -> None:
            if act == "lease lost":
                self.world.overtake()
            elif act == "move":
                self.world.move(key, ahead)
            else:
                self.world.act(act, key, days=ahead, to=to)

        self.world.channels["mail"].before.append(meanwhile)
        self.world.tick({"mail": mail})

    @invariant()
    def the_laws_hold(self) -> None:
        if hasattr(self, "court"):
            self.court.judge()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        if self.world.now < LAST:
            self.world.come_to_rest(self.court.judge)
            judge_the_end(self.world)
