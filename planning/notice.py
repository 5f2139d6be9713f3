"""The State Council's yearly notice (部分节假日安排的通知), pasted as text, becomes a year's workday table.

The customary wordings since 2008 are read, with or without line breaks. What looks like a date but is not understood
is a problem, never skipped: a missing day off would be a silent guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from planning.notice_clauses import NoticeSection, read_section
from planning.statutory import check_table
from planning.tables import FIRST_YEAR, LAST_YEAR, DayNote, TableError, YearTable
from planning.wording import day_name, normalise, weekday_name

__all__ = ["NoticeError", "ReadNotice", "check_table", "parse_notice", "preview"]

_FESTIVALS = (
    ("元旦", r"元旦节?"),
    ("春节", r"春节"),
    ("清明节", r"清明节?"),
    ("劳动节", r"(?:“?五一”?(?:国际)?)?劳动节|“?五一”?节?"),
    ("端午节", r"端午节?"),
    ("中秋节", r"中秋节?"),
    ("国庆节", r"国庆节?"),
)
_ANY_FESTIVAL = "|".join(pattern for _, pattern in _FESTIVALS)
# A heading is a festival, or several, before a colon; a numbered heading may also name one that we do not know.
_HEADING = re.compile(
    rf"(?:(?:[一二三四五六七八九十]{{1,3}}|\d{{1,2}})[、.]|\((?:[一二三四五六七八九十]{{1,3}}|\d{{1,2}})\))?"
    rf"(?P<names>(?:{_ANY_FESTIVAL})(?:(?:、|和|及|与|,)?(?:{_ANY_FESTIVAL})){{0,3}})(?:假期|放假)?:"
    r"|(?:^|(?<=[。;]))[一二三四五六七八九十]{1,3}、(?P<other>[^::。,;\d]{2,24}):"
)
_YEAR_OF_TITLE = re.compile(r"(\d{4})年(?:部分节假日|节假日|元旦|放假)")
_ANY_YEAR = re.compile(r"(\d{4})年")
_PAPER = re.compile(r"国办发(?:明电)?[\[(〔]?\d{4}[\])〕]?第?\d+号")
_NOTICE_SOURCE = "通知"
_LONGEST_TEXT = 20_000  # characters; a notice has about a thousand


class NoticeError(TableError):
    """The text is no usable notice. ``problems`` are whole Chinese sentences, one each.

    ``read`` has one line a festival when all of it was understood and only does not add up; empty otherwise.
    """

    def __init__(self, problems: tuple[str, ...], *, read: tuple[str, ...] = ()) -> None:
        super().__init__(problems)
        self.read = read


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """A notice that was understood and adds up."""

    table: YearTable
    warnings: tuple[str, ...]  # odd, but not wrong: Chinese sentences
    lines: tuple[str, ...]  # one a festival, for the preview: 元旦 1月1日—3日 放假3天,1月4日(周日)上班


def parse_notice(text: str, *, year: int | None = None) -> ReadNotice:
    """Read a pasted notice. ``year`` is the year the reader means to import, when known.

    Raises NoticeError with every problem found: no notice at all, no year or another year, 共N天 that does not add up,
    a weekday that is not the date's, and whatever :func:`check_table` calls wrong.
    """
    if len(text) > _LONGEST_TEXT:
        raise NoticeError((f"粘贴的文字有{len(text)}个字，放假通知不会这样长，请只粘贴通知正文。",))
    plain = re.sub(r"\s+", "", normalise(text))
    headings = list(_HEADING.finditer(plain))
    if not headings:
        raise NoticeError(("这段文字不像国务院办公厅的放假通知：没有找到“元旦：”“春节：”这样的条目，请粘贴通知全文。",))
    meant = _year_of(plain, plain[: headings[0].start()], year)
    ends = [heading.start() for heading in headings[1:]] + [len(plain)]
    problems: list[str] = []
    sections = [
        read_section(_section_name(heading), plain[heading.end() : end], meant, problems)
        for heading, end in zip(headings, ends, strict=True)
    ]
    days = _gather(sections, problems)
    table = YearTable(year=meant, days=days, papers=tuple(_papers(plain)), source=_NOTICE_SOURCE)
    errors, warnings = check_table(table)
    # While the reading itself is in doubt, what the law says of the result would only repeat it.
    problems += [] if problems else errors
    if problems:
        understood = all(section.understood for section in sections)
        raise NoticeError(tuple(problems), read=preview(table) if understood else ())
    return ReadNotice(table=table, warnings=warnings, lines=preview(table))


def preview(table: YearTable) -> tuple[str, ...]:
    """One line a festival, in the order of their days off: 元旦 1月1日—3日 放假3天，1月4日（周日）上班."""
    ordered = sorted(table.days.items(), key=lambda named: (not named[1].off, named[0]))
    festivals = dict.fromkeys(note.name for _, note in ordered)
    return tuple(_line(festival, table) for festival in festivals)


def _line(festival: str, table: YearTable) -> str:
    off = [day for day, note in table.days.items() if note.name == festival and note.off]
    worked = [day for day, note in table.days.items() if note.name == festival and not note.off]
    stretches = "、".join(_stretch(first, last, table.year) for first, last in _stretches(off))
    made_up = "、".join(f"{_day(day, table.year)}（{weekday_name(day)}）" for day in sorted(worked))
    told = ([f"{stretches} 放假{len(off)}天"] if off else []) + ([f"{made_up}上班"] if worked else [])
    return f"{festival} {'，'.join(told)}"


def _year_of(plain: str, preface: str, wanted: int | None) -> int:
    titled = _YEAR_OF_TITLE.search(preface) or _YEAR_OF_TITLE.search(plain) or _ANY_YEAR.search(preface)
    found = int(titled[1]) if titled is not None else _latest_year(plain)
    if found is None and wanted is None:
        raise NoticeError(("通知里没有写是哪一年的安排，请连同标题（如“2027年部分节假日安排”）一起粘贴，或另外指明年份。",))
    if found is not None and wanted is not None and found != wanted:
        raise NoticeError((f"这是{found}年的放假通知，而要导入的是{wanted}年，没有导入。",))
    meant = found if found is not None else wanted
    if meant is None or not FIRST_YEAR <= meant <= LAST_YEAR:
        raise NoticeError((f"通知里的年份{meant}不对，请检查。",))
    return meant


def _latest_year(plain: str) -> int | None:
    """Without a title: 2016年12月31日至2017年1月2日 speaks for 2017. The date of signing is a year early at most."""
    return max((int(year) for year in _ANY_YEAR.findall(plain)), default=None)


def _section_name(heading: re.Match[str]) -> str:
    if heading["other"] is not None:
        return heading["other"].removesuffix("放假")
    named = heading["names"]
    places = sorted(
        (found.start(), festival) for festival, pattern in _FESTIVALS if (found := re.search(pattern, named)) is not None
    )
    return "、".join(festival for _, festival in places)


def _gather(sections: Iterable[NoticeSection], problems: list[str]) -> dict[date, DayNote]:
    days: dict[date, DayNote] = {}
    for section in sections:
        for day, off in [(day, True) for day in section.off] + [(day, False) for day in section.worked]:
            if day in days:
                problems.append(f"{day_name(day, with_year=True)}在“{days[day].name}”和“{section.name}”里各写了一次，请核对。")
            days[day] = DayNote(name=section.name, off=off)
    return dict(sorted(days.items()))


def _papers(plain: str) -> Iterator[str]:
    return (found[0] for found in list(_PAPER.finditer(plain))[:1])


def _stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    for _, run in groupby(enumerate(sorted(days)), key=lambda placed: placed[1] - timedelta(days=placed[0])):
        together = [day for _, day in run]
        yield together[0], together[-1]


def _stretch(first: date, last: date, year: int) -> str:
    if first == last:
        return _day(first, year)
    ending = f"{last.day}日" if (first.year, first.month) == (last.year, last.month) else _day(last, first.year)
    return f"{_day(first, year)}—{ending}"


def _day(day: date, year: int) -> str:
    return day_name(day, with_year=day.year != year)
