"""How a channel is used, whatever carries it: for a group or for persons, how much is said, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from config.fields import Section
from config.problems import Code
from planning.delivery_rules import Rate

DETAIL_NAMES = {"full": "全部内容", "title": "只写标题", "number": "只写编号"}
ON_UNKNOWN_NAMES = {"resend": "补发一次", "ask": "不补发，问管理员"}
MARKDOWN_NAMES = {"markdown": "带标题和链接的排版", "text": "纯文字"}
RATE_NAMES = {"per_second": "每秒", "per_minute": "每分钟", "per_hour": "每小时", "per_day": "每天"}
SECONDS = {"per_second": 1, "per_minute": 60, "per_hour": 3600, "per_day": 86400}
MOST_EVER = 100_000
"""The bound of a rate where the provider publishes none: more is a slip of the finger."""


class Grouping(Enum):
    """Whether one message of the channel is read by a whole group."""

    NEVER = "never"
    MAY = "may"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Habits:
    """What a type of channel does unless its entry says otherwise."""

    grouping: Grouping = Grouping.NEVER
    markup: str = "mail"  # the form of its words; with ``markups`` empty there is no choice
    markups: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, int] = field(default_factory=dict)  # per_minute -> messages
    limits: Mapping[str, int] = field(default_factory=dict)  # the provider's own, on its own servers


@dataclass(frozen=True, slots=True)
class Usage:
    """What the entry says of the channel's use, the defaults filled in."""

    group: str = ""  # the group's name as people know it; empty: each message is one person's
    links: bool = True  # readers' own links may travel on it
    detail: str = ""  # full | title | number; empty: as the office has it
    markup: str = "mail"  # mail | markdown | text
    rates: tuple[Rate, ...] = ()
    ask_when_unknown: bool = False


def read_usage(section: Section, habits: Habits, *, official: bool = True) -> Usage:
    """Read group, links, detail, markup, rate and on_unknown.

    ``official``: the channel speaks to the provider's own servers, so that nobody may ask for more than it allows.
    """
    group = _group(section, habits.grouping)
    links = section.flag("links", default=not group)
    if group and links:
        hint = "群里任何人点了别人的链接，就能以别人的名义登记：没有把握就删去这一行"
        where, what = section.line("links"), f"{section.what}发给群，又写了 links: true"
        section.sheet.warning(Code.LINKS_IN_A_GROUP, where, what, hint)
    markup = section.choice("markup", habits.markups, habits.markup) if habits.markups else habits.markup
    return Usage(
        group=group,
        links=links,
        detail=section.choice("detail", DETAIL_NAMES, ""),
        markup=markup,
        rates=_rates(section, habits, official=official),
        ask_when_unknown=section.choice("on_unknown", ON_UNKNOWN_NAMES, "resend") == "ask",
    )


def default_usage(habits: Habits, *, group: str) -> Usage:
    """How the type is used when nothing is known of its entry. ``group`` counts for types that may serve one."""
    grouped = group if habits.grouping is not Grouping.NEVER else ""
    return Usage(group=grouped, links=not grouped, markup=habits.markup, rates=as_rates(habits.rates))


def as_rates(written: Mapping[str, int]) -> tuple[Rate, ...]:
    return tuple(Rate(written[name], seconds) for name, seconds in SECONDS.items() if name in written)


def _group(section: Section, grouping: Grouping) -> str:
    if grouping is Grouping.NEVER:
        return ""
    if grouping is Grouping.ALWAYS:
        section.require("group")
    return section.text("group", longest=60)


def _rates(section: Section, habits: Habits, *, official: bool) -> tuple[Rate, ...]:
    """The default of each unit of time, replaced by what is written for the same unit."""
    written = section.section("rate", f"{section.what}的 rate ")
    found = dict(habits.rates)
    if written is None:
        return as_rates(found)
    for name in RATE_NAMES:
        most = habits.limits.get(name, MOST_EVER) if official else MOST_EVER
        if written.get(name) is not None:
            found[name] = written.whole(name, habits.rates.get(name, 1), least=1, most=most)
    written.close()
    return as_rates(found)
