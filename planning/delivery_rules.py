"""The rules by which messages leave: what a channel is like, how fast it may be used, how long anything is tried.

Every number has the default of RELIABILITY 2.7-2.13 and can be set under ``delivery:`` in suishi.yaml, or beside the
channel in channels.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` messages in any ``seconds`` on end."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """What delivery must know of a channel, without knowing its provider."""

    markup: str = "mail"  # mail | markdown | text, as notifications.letter.Markup has them
    most_bytes: int | None = None  # UTF-8, of the text; None: no limit worth counting
    group: bool = False  # one message for all who are reached through it; addresses are those to be mentioned
    group_name: str = ""  # how the group is called in the record: 法治办工作群
    links: bool = True  # whether the reader's own links may travel on it
    detail: str = ""  # full | title | number; empty: as the office has it
    rates: tuple[Rate, ...] = ()
    account: str = ""  # channels of one account share its rates; a digest, never the key itself; empty: the channel's own
    verified: bool = True  # False: the answer proves nothing, so nothing is ever plainly «sent»
    off_the_hour: bool = False  # the provider asks for distance from minutes 0 and 30
    attaches: bool = False  # can carry a file
    ask_when_unknown: bool = False  # a message of which nobody knows is not repeated: the admin is asked


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """How long, how often, how many: the office's choice."""

    stale_after_days: int = 14
    most_tries: int = 8
    backoff_minutes: tuple[int, ...] = (1, 5, 15, 60, 180, 360, 720)
    breaker_minutes: tuple[int, ...] = (1, 2, 5, 15, 30)  # how long a channel at fault rests, growing
    tell_after_faults: int = 3  # of a channel in a row
    give_up_hours: int = 24  # after which a message on a closed channel goes to the next address
    give_up_hours_when_due: int = 2  # the same for what is due today or overdue
    half_day_limit: bool = True  # at most one message per person and half-day, unless due today or overdue
    catch_up_limit: int = 200  # more late messages than this wait for a word of the admin
    catch_up_release_hours: int = 2  # of open windows; then they go out without it
    early_minutes: int = 30  # before a window closes: what would else come after its deadline goes out now
    clock_tolerance_seconds: int = 120
    longest_gap_days: int = 45  # a start later than this after the last tick is a wrong clock, not a holiday
    tick_patience_seconds: int = 240  # how long one tick waits for a rate limit before it leaves the rest to the next
    retell_hours: int = 24  # an open problem is told again
