"""A year's workday table, in holiday-cn's JSON schema and from the years that come built in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

BUILTIN = "内置"
FIRST_YEAR, LAST_YEAR = 1950, 2199  # outside lies a misprint
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
_DECEMBER = 12
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class TableError(ValueError):
    """A table that cannot be used. ``problems`` are whole Chinese sentences, one each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class DayNote:
    """What a notice says of one day: off (放假), or worked although it is a weekend (调休上班)."""

    name: str  # the festival it belongs to, or a local reason
    off: bool


@dataclass(frozen=True, slots=True)
class YearTable:
    """The days that one year's notice names; all others follow the plain week. Some may lie in the December before."""

    year: int
    days: Mapping[date, DayNote]
    papers: tuple[str, ...] = ()  # the notice's number or address
    source: str = BUILTIN  # 内置, or the name of the file

    @classmethod
    def from_json(cls, mapping: Mapping[str, object], *, source: str = "") -> YearTable:
        """Read holiday-cn's schema; raise TableError with every problem. Whether the days make sense is not asked here."""
        if not isinstance(mapping, Mapping):
            raise TableError(('节假日表应当是一个 {"year": …， "days": […]} 对象。',))
        problems: list[str] = []
        year = mapping.get("year")
        if not isinstance(year, int) or isinstance(year, bool) or not FIRST_YEAR <= year <= LAST_YEAR:
            raise TableError(('节假日表缺少年份或年份不对："year" 应为四位数字，例如 2027。',))
        listed = mapping.get("days")
        if not isinstance(listed, list) or not listed:
            # The data project keeps an empty file for a year whose notice has not come: that must not pass as a table.
            raise TableError((f'{year}年节假日表没有列出任何一天："days" 是空的，可能国务院办公厅的通知还没有发布。',))
        days: dict[date, DayNote] = {}
        for place, entry in enumerate(listed, start=1):
            read = _read_entry(entry, year, problems, where=f"第{place}条")
            if read is None:
                continue
            day, note = read
            if day in days:
                problems.append(f"第{place}条的日期{day.isoformat()}重复出现，请只保留一条。")
            days[day] = note
        if problems:
            raise TableError(tuple(problems))
        papers = mapping.get("papers")
        return cls(
            year=year,
            days=dict(sorted(days.items())),
            papers=tuple(str(paper) for paper in papers) if isinstance(papers, list) else (),
            source=source,
        )

    def to_json(self) -> dict[str, object]:
        """The table in holiday-cn's schema, days in order."""
        return {
            "year": self.year,
            "papers": list(self.papers),
            "days": [
                {"name": note.name, "date": day.isoformat(), "isOffDay": note.off} for day, note in sorted(self.days.items())
            ],
        }


def _read_entry(entry: object, year: int, problems: list[str], *, where: str) -> tuple[date, DayNote] | None:
    if not isinstance(entry, Mapping):
        problems.append(f'{where}不是"名称、日期、是否放假"的记录。')
        return None
    name, written, off = entry.get("name"), entry.get("date"), entry.get("isOffDay")
    if not isinstance(name, str) or not name.strip() or not isinstance(off, bool):
        problems.append(f'{where}缺少名称，或 "isOffDay" 不是 true / false。')
        return None
    day = _read_day(written)
    if day is None:
        problems.append(f'{where}的日期"{written}"不存在或写法不对，应写作 {year}-01-01 这样。')
        return None
    if not belongs(day, year):
        problems.append(f"{where}的日期{day.isoformat()}不属于{year}年（或上一年12月）。")
        return None
    return day, DayNote(name=name.strip(), off=off)


def _read_day(written: object) -> date | None:
    if not isinstance(written, str) or not _ISO_DAY.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def belongs(day: date, year: int) -> bool:
    """Whether a year's notice may speak of the day: its own year, or the December before."""
    return day.year == year or (day.year == year - 1 and day.month == _DECEMBER)


def builtin_years() -> dict[int, YearTable]:
    """The years that the installed chinese_calendar knows (2004-2026 in 1.11.0), each as its notice had it."""
    return dict(_builtin_years())


@lru_cache(maxsize=1)
def _builtin_years() -> dict[int, YearTable]:
    # Imported late: the command line starts without the two thousand dates.
    from chinese_calendar.constants import holidays, workdays

    days: dict[int, dict[date, DayNote]] = {}
    for off, listed in ((True, holidays), (False, workdays)):
        for day, english in listed.items():
            # 元旦 in December was arranged by the notice of the year that was to come.
            year = day.year + 1 if day.month == _DECEMBER else day.year
            days.setdefault(year, {})[day] = DayNote(name=_NAMES.get(english, english), off=off)
    return {
        year: YearTable(year=year, days=dict(sorted(days[year].items())), papers=("chinese_calendar",), source=BUILTIN)
        for year in sorted(days)
    }
