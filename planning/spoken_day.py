"""A deadline as an office speaks it (明天下班前, 本周五, 月底前, 三个工作日内, 春节前) becomes a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from planning.pasted import Pasted, paste
from planning.spoken_leads import Grade
from planning.spoken_naming import Scene
from planning.spoken_text import Mention, mentions
from planning.workdays import Workdays

_BEFORE_ALL = re.compile(
    r"[请于在限到至为是:即日自从]{0,6}(?:务必|必须|最迟|最晚|不迟于|不晚于|截止到?|截至|时间|时限|期限|[请于在限到至为是:]){0,4}"
)
_AFTER_ALL = re.compile(
    r"(?:之?前|以前)?(?:务必|必须|要|需|须|统一)?(?:完成|报送|上报|办结|办理|办好|反馈|回复|提交|上交|交|报|落实|整改)?(?:到位|完毕|即可)?[。.!]?"
)


@dataclass(frozen=True, slots=True)
class SpokenDay:
    """A day read from words."""

    day: date
    at: time | None  # None: by the end of that day's work
    words: str  # as they were written
    explanation: str  # in Chinese: how the day was shifted, what was assumed; empty when it is as plain as it stands
    excluded: date | None = None  # 周五前 leaves Friday out; an office may mean it in


def read_spoken_day(
    text: str, *, on: date, at: time | None = None, workdays: Workdays, roll_forward: bool = False
) -> SpokenDay | None:
    """The day by which something is due; None when the text names none.

    ``on`` and ``at`` are when the words were spoken; without ``at`` no hour of today is past. A named day stays even on a rest
    day; 前 and the end of a month, a quarter, a year mean the last workday before it or on it. A period is counted
    without its first day; natural days go on from a rest day to the next workday only with ``roll_forward``.
    A day without a year is the next one; what can be read in two ways is the earlier one, and the explanation says so.
    Of several days in a sentence the one with the firmest words counts (务必 before 前 before 周五交), of equals the last.
    """
    pasted = paste(text)
    found = mentions(pasted.plain, Scene(on, at, workdays, roll_forward))
    chosen = firmest(found)
    if chosen is None:
        # 3.5, 20日, 上半年 are a deadline only where nothing else is written.
        chosen = next((one for one in found if _is_all(one, pasted.plain)), None)
    return spoken(chosen, pasted) if chosen is not None else None


def firmest(found: Sequence[Mention]) -> Mention | None:
    """The mention that looks most like a deadline, the last one of equals; None when all are vague."""
    clear = [one for one in found if one.grade > Grade.VAGUE]
    return max(clear, key=lambda one: (one.grade, one.start), default=None)


def spoken(mention: Mention, pasted: Pasted) -> SpokenDay:
    words = pasted.written(mention.start, mention.end)
    return SpokenDay(mention.day, mention.at, words, mention.explanation, mention.excluded)


def _is_all(mention: Mention, plain: str) -> bool:
    return _BEFORE_ALL.fullmatch(plain, 0, mention.start) is not None and _AFTER_ALL.fullmatch(plain, mention.end) is not None
