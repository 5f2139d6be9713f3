"""What a message is about, before it is worded: plain values, so that wording needs no database."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    EXTENSION_ASKED = "extension-asked"  # 延期申请: for the reader to decide
    EXTENSION_DECIDED = "extension-decided"  # 延期批复
    SIGN_OFF = "sign-off"  # 销号: it is done, for the reader to verify
    SIGN_OFF_LATE = "sign-off-late"  # 验收催办: to who stands above the one who has not verified it
    SENT_BACK = "sent-back"  # 退回: verified and found wanting, for the reader to do again


class Markup(StrEnum):
    """The form in which a channel takes its words."""

    MAIL = "mail"  # subject, text and HTML
    MARKDOWN = "markdown"  # the small part that WeCom, DingTalk and Feishu have in common
    TEXT = "text"


class Detail(StrEnum):
    """How much of a duty may travel through a provider's hands."""

    FULL = "full"
    TITLE = "title"  # no explanation, no names
    NUMBER = "number"  # not even the title: the page behind the link tells


@dataclass(frozen=True, slots=True)
class Form:
    """What a channel can take. ``most_bytes`` counts the text in UTF-8, header, signature and number included."""

    markup: Markup = Markup.MAIL
    most_bytes: int | None = None
    links: bool = True  # whether the reader's own links may travel
    group: bool = False  # a whole group reads it: the persons are named, and each occurrence has one line


@dataclass(frozen=True, slots=True)
class SheetForm:
    """A 催办单 or 督办单 as the office words it; the sentences hold placeholders like {责任单位}."""

    lamp: str  # 黄 | 橙 | 红
    heading: str  # 催办单
    opening: str
    demand: str
    closing: str
    count: int  # this is the n-th one that the reader gets about the item


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
    told_on: date | None = None  # the day the reader knows, if it is another one
    extended_from: date | None = None  # the first due day, when the item was extended
    waived: bool = False  # cancelled: by a waiver; else the plan no longer has it
    from_name: str = ""  # handed over: by whom
    stands_in_for: str = ""  # the reader answers for this person today
    link: str = ""  # token or placeholder of the staff link; empty: no link
    number: str = ""  # study-law:2026-Q1; in a group, items of one number become one line
    unit: str = ""  # 责任单位
    person: str = ""  # in a group: for whom
    oversees: bool = False  # the reader answers for whoever does it
    awaiting_approval: bool = False  # 延期待批: nothing counts as overdue
    sheet: SheetForm | None = None

    @property
    def awaits_sign_off(self) -> bool:
        """Done, so that nothing of it is overdue; only its sign-off is missing."""
        return self.tone in {Tone.SIGN_OFF, Tone.SIGN_OFF_LATE}


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
    form: Form = field(default_factory=Form)
    part: tuple[int, int] | None = None  # 第2条，共3条
    late: tuple[datetime, datetime] | None = None
    replaces: str = ""  # ref of an earlier message whose fate is unknown


@dataclass(frozen=True, slots=True)
class Written:
    """``shown`` are the places of the letter's items that the words contain, in rising order."""

    subject: str
    text: str
    html: str
    shown: tuple[int, ...]
