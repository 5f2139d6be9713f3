"""What a message is about, before it is worded: plain values, so that wording needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Tone(StrEnum):
    """Why the reader hears of the item."""

    REMIND = "remind"  # 提醒: it is for the reader to do
    ASSIGNED = "assigned"  # 交办: it is new to the reader
    INFORM = "inform"  # 知悉: the reader answers for whoever does it
    PRESS = "press"  # 催办: overdue, to the one who oversees
    SUPERVISE = "supervise"  # 督办: still overdue, and to the leader
    MOVED = "moved"  # 改期
    HANDED_OVER = "handed-over"  # 移交
    CANCELLED = "cancelled"  # 取消


class Detail(StrEnum):
    """How much of a duty may travel through a provider's hands."""

    FULL = "full"
    TITLE = "title"  # no explanation, no names
    NUMBER = "number"  # not even the title: the page behind the link tells


@dataclass(frozen=True, slots=True)
class Item:
    """One occurrence as one reader hears of it. ``workdays_left`` is negative when overdue."""

    title: str
    tone: Tone
    due_on: date
    workdays_left: int
    owners: tuple[str, ...] = ()  # names of those who do it
    partner: bool = False
    verifier: bool = False
    provisional: bool = False
    unpublished_year: int | None = None  # the year without a holiday notice, when it is known which
    awaiting_notice: bool = False
    standing: bool = False
    explanation: str = ""  # 原定10月1日,遇国庆节假期,顺延至10月8日
    as_written: str = ""  # 3月底
    say: str = ""  # what this step asks for
    told_on: date | None = None  # moved: the day the reader knows
    extended_from: date | None = None  # the first due day, when the item was extended
    waived: bool = False  # cancelled: by a waiver; else the plan no longer has it
    from_name: str = ""  # handed over: by whom
    stands_in_for: str = ""  # the reader answers for this person today
    link: str = ""  # token or placeholder of the staff link; empty: no link


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one reader. ``late`` is the stop of the system that delayed it, in local time."""

    ref: str
    title: str  # 法治建设工作提醒
    office: str
    base_url: str
    name: str
    today: date
    items: tuple[Item, ...]
    detail: Detail = Detail.FULL
    late: tuple[datetime, datetime] | None = None
    replaces: str = ""  # ref of an earlier message whose fate is unknown


@dataclass(frozen=True, slots=True)
class Written:
    subject: str
    text: str
    html: str
