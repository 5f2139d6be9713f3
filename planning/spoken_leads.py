"""How much a day in a text looks like a deadline, by the words around it."""

from __future__ import annotations

import re
from enum import Enum, IntEnum
from typing import NamedTuple


class Grade(IntEnum):
    """How much a mention looks like a deadline."""

    VAGUE = 0  # a number or a span (3.5, 20日, 三季度) that may be anything, or a report of what was
    NAMED = 1  # a day, without a word that makes it a deadline
    ORDERED = 2  # before a verb of handing in: 周五交
    DUE = 3  # with a word that makes it one: 前, 内, 截止, 请于
    FIRM = 4  # 务必, 最迟, 截止时间


class Mark(Enum):
    """What stands behind the day."""

    BEFORE = "前"
    UNTIL = "内"
    BEGINS = "起"
    NONE = ""


class Lead(NamedTuple):
    """What leads to the day."""

    start: int  # where 于, 务必在, 最迟 begin; the day's own place without them
    grade: Grade  # NAMED: it says nothing


# 前三季度, 前往, 前期 and 前已 make no deadline.
_BEFORE = re.compile(
    r"(?:之前|以前|前)(?![后期段往来述款者面列置沿身景台几已曾]|[0-9一二两三四五六七八九十]{0,3}[天日周月年季名轮批类个])"
)
_UNTIL = re.compile(r"之内|以内|内(?![容部外设控涵])|截止|为止|止|结束")
_BEGINS = re.compile(r"起|开始|以来|[之以]后|后(?![续勤])|始")
_WINDOW = 24  # characters before a day that may lead to it
_CLAUSE_ENDS = re.compile(r"[,。;!?\n]")
_FIRM = r"务必|必须|最迟|最晚|不迟于|不晚于|不得迟于|不得晚于|不(?:得|能|要)?超过|截止(?:时间|日期|日)?"
_LIMIT = r"(?:报送|上报|提交|完成|办结|整改|反馈|回复|报名|办理)?(?:时间|时限|期限|日期)(?:要求|节点)?|限(?:时|期)?"
_RECEIPT = r"(?:(?:收到|接到)(?:本|此|该)?(?:通知|文件?|函|消息)?|[接见](?:通知|文|函))(?:之日)?[起后]?"
_LEAD = re.compile(rf"(?:请|(?:{_FIRM}|{_LIMIT})[为是到至于在]?:?|{_RECEIPT}|即日起|定于|[于在到至自从]){{1,3}}$")
_FIRM_WORD, _LIMIT_WORD, _ASKS = re.compile(_FIRM), re.compile(_LIMIT), re.compile(r"请|务|须|需|要|应|望|希")
_REPORTS = re.compile(r"(?:截至(?:目前|今年)?|已经?[于在]?|曾[于在]?)$")
_EVENT = re.compile(r"(?:后|之日起?|起)的?$")  # 活动结束后, 公示期满之日起: a day that the text does not name
_RECEIVED = re.compile(rf"(?:{_RECEIPT}|即日起|[今当][天日]起)的?$")
_REPORTED = re.compile(r",?(?:全镇|全县|我镇|我县|我们?)?(?:已|共|累计|均)|(?:召开|举行|举办|印发|下发|发布|开展)的")
_VERB = re.compile(
    r"(?:就|要|需|须|必须|务必|统一|一并|集中){0,2}"
    r"(?:交(?![流通易警办叉接代])|报(?![告到道表废警刊社销名])|上交|提交|反馈|完成|办结|发我|给我)"
)


def mark_behind(plain: str, end: int) -> tuple[Mark, int]:
    """The mark behind a day, and where it ends."""
    for mark, pattern in ((Mark.BEFORE, _BEFORE), (Mark.UNTIL, _UNTIL), (Mark.BEGINS, _BEGINS)):
        found = pattern.match(plain, end)
        if found is not None:
            return mark, found.end()
    return Mark.NONE, end


def lead_before(plain: str, start: int) -> Lead:
    """What the clause says before the day."""
    window = _CLAUSE_ENDS.split(plain[max(0, start - _WINDOW) : start])[-1]
    found = _LEAD.search(window)
    begins = start - (len(window) - found.start()) if found is not None else start
    if _REPORTS.search(window):
        return Lead(start, Grade.VAGUE)
    if _FIRM_WORD.search(window):
        return Lead(begins, Grade.FIRM)
    if found is not None and (_LIMIT_WORD.search(found[0]) or _ASKS.search(window)):
        return Lead(begins, Grade.DUE)
    return Lead(begins, Grade.NAMED)


def counts_from_event(plain: str, start: int) -> bool:
    """Whether a period is counted from something else than the receipt of the order: 活动结束后3日内."""
    window = plain[max(0, start - _WINDOW) : start]
    return _EVENT.search(window) is not None and _RECEIVED.search(window) is None


def is_reported(plain: str, end: int) -> bool:
    """Whether what follows tells of what was done: 11月20日，已完成……"""
    return _REPORTED.match(plain, end) is not None


def is_ordered(plain: str, end: int) -> bool:
    """Whether a verb of handing in follows: 周五交, 20日报送."""
    return _VERB.match(plain, end) is not None
