"""One festival's paragraph of the notice: its clauses, their dates, and what each says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from planning.wording import WEEKDAYS, day_name, weekday_name

_CLAUSE_END = re.compile(r"[。,;]")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
# 日 may be missing only before the sign of a range: 1月1-3日.
_DATE = re.compile(
    r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})(?:日|号|(?=-|~|至|到))(?P<note>(?:\([^()]*\))?)"
)
_RANGE_SIGN = re.compile(r"至|到|-+|~")
_ONLY_DATES = re.compile(rf"(?:{re.sub(r'[?]P<[a-z]+>', '?:', _DATE.pattern)}(?:至|到|-+|~|、|和|及|与)?)+")
_SIGNING = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
_TOTAL = re.compile(r"(?:共计?|放假|公休|调休)(\d{1,2}|[一二三四五六七八九十])天")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_DAY_OFF = re.compile(r"放假|补休|公休|(?<!不)调休")
# Clauses that explain rather than arrange: what is statutory, which weekend moved where (2007-2009), when work resumes.
_EXPLAINS = re.compile(r"法定节?假日|调至|起(?:正常|照常|恢复)?上班")
_LONGEST_HOLIDAY = 31
_NUMERALS = "零一二三四五六七八九十"
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class NoticeSection:
    """What one paragraph says, days in order."""

    name: str
    off: tuple[date, ...]
    worked: tuple[date, ...]
    understood: bool  # every line of it was read, whether or not it adds up


class _Section:
    """A paragraph while it is read. Month and year of a date carry over to the next one that leaves them out."""

    def __init__(self, name: str, notice_year: int, problems: list[str]) -> None:
        self.name = name
        self.off: set[date] = set()
        self.worked: set[date] = set()
        self.understood = True
        self._notice_year = notice_year
        self._problems = problems
        self._month: int | None = None
        self._year = notice_year

    def complain(self, sentence: str) -> None:
        """Of what could not be read."""
        self.understood = False
        self.disagree(sentence)

    def disagree(self, sentence: str) -> None:
        """Of what was read and does not agree with itself."""
        self._problems.append(f"“{self.name}”一条：{sentence}")

    def stretches(self, clause: str) -> Iterator[tuple[date, date]]:
        """First and last day of each date or range that the clause names."""
        first: date | None = None
        last: date | None = None
        end_of_previous = 0
        for match in _DATE.finditer(clause):
            day = self._read(match)
            ranged = first is not None and _RANGE_SIGN.fullmatch(clause, end_of_previous, match.start()) is not None
            end_of_previous = match.end()
            if ranged:
                last = day
                continue
            if first is not None and last is not None:
                yield first, last
            first = last = day
        if first is not None and last is not None:
            yield first, last

    def _read(self, match: re.Match[str]) -> date | None:
        day = self._resolve(match)
        if day is None:
            return None
        said = _WEEKDAY.search(match["note"])
        if said is not None and said[1].replace("天", "日") != WEEKDAYS[day.weekday()]:
            self.disagree(f"{day_name(day)}写作周{said[1]}，实为{weekday_name(day)}，请核对日期和年份。")
        return day

    def _resolve(self, match: re.Match[str]) -> date | None:
        if match["month"] is not None:
            month = int(match["month"])
            self._year = int(match["year"]) if match["year"] else self._year_for(month)
            self._month = month
        if self._month is None:
            self.complain(f"“{match[0]}”没有写月份。")
            return None
        try:
            return date(self._year, self._month, int(match["day"]))
        except ValueError:
            self.complain(f"{self._month}月{match['day']}日这一天不存在。")
            return None

    def _year_for(self, month: int) -> int:
        """元旦 is often arranged together with the last days of the December before."""
        return self._notice_year - 1 if month == _DECEMBER and "元旦" in self.name else self._notice_year


def read_section(name: str, body: str, notice_year: int, problems: list[str]) -> NoticeSection:
    """Read one paragraph; what cannot be understood or does not add up goes to ``problems`` as Chinese sentences."""
    section = _Section(name, notice_year, problems)
    joins_weekend = "连休" in body
    for clause in _clauses(body):
        _read_clause(clause, section)
        total = _TOTAL.search(clause)
        if total is not None:
            _check_total(_number(total[1]), section, joins_weekend=joins_weekend)
    if not section.off:
        section.complain("没有读到放假日期。")
    off, worked = tuple(sorted(section.off)), tuple(sorted(section.worked))
    return NoticeSection(name=name, off=off, worked=worked, understood=section.understood)


def _clauses(body: str) -> Iterator[str]:
    """Commas and stops end a clause, though not within brackets (农历除夕,周二); dates alone belong to what follows."""
    outside = _IN_BRACKETS.sub(lambda found: _CLAUSE_END.sub("、", found[0]), body)
    held = ""
    for clause in _CLAUSE_END.split(outside):
        if _ONLY_DATES.fullmatch(clause) and not _SIGNING.fullmatch(clause):
            held += f"{clause}、"
        elif clause:
            yield held + clause
            held = ""
    if held:
        yield held


def _read_clause(clause: str, section: _Section) -> None:
    if _EXPLAINS.search(clause):
        return
    off, worked = bool(_DAY_OFF.search(clause)), "上班" in clause
    arranged = _TOTAL.sub("", clause)
    dated = _DATE.search(arranged) is not None
    if off == worked:
        # Neither: talk, or the date of signing; but dates alone wait for a verb, and two verbs cannot be told apart.
        if dated and (off or _ONLY_DATES.fullmatch(arranged)):
            section.complain(f"看不懂“{clause}”是放假还是上班。")
        return
    if re.search(r"\d", _DATE.sub("", arranged)):
        section.complain(f"看不懂“{clause}”里的日期，应写作“2月14日（周六）”这样。")
        return
    for first, last in section.stretches(arranged):
        if not 0 <= (last - first).days < _LONGEST_HOLIDAY:
            section.complain(f"“{clause}”的起止日期不对：从{day_name(first)}到{day_name(last)}。")
            continue
        days = {first + timedelta(days=n) for n in range((last - first).days + 1)}
        (section.off if off else section.worked).update(days)


def _check_total(total: int, section: _Section, *, joins_weekend: bool) -> None:
    counted = len(section.off)
    if total == counted or (joins_weekend and total == _with_weekends(section.off)):
        return
    section.disagree(f"写明共{total}天，但列出的放假日期有{counted}天，请核对。")


def _with_weekends(off: set[date]) -> int:
    """How many days off in one piece, when the weekends beside them are counted too (与周末连休)."""
    one = timedelta(days=1)
    joined = set(off)
    for day in off:
        for step in (one, -one):
            beside = day + step
            while beside.weekday() >= 5:  # noqa: PLR2004 - Saturday and Sunday
                joined.add(beside)
                beside += step
    return len(joined)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMERALS.index(text)
