"""A date rule as the blanks of a form, and back as the file shall hold it.

Each kind of rule has a few blanks (``yearly``: which day, and whether the day itself is too late). What stands in words
(3月底), what cannot be read and what has no blanks of its own (an RRULE) is the kind :data:`TEXT`: the text itself.
Whether what was typed makes a rule is judged by the reader of the files alone: blanks go into the file's form as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from config.editing.field_text import as_typed, from_typed
from config.editing.reading import read_one_rule
from config.editing.refusals import EditRefused
from config.editing.spelling import Bare, Content, Value
from config.problems import shown
from planning import rules
from planning.lunar import lunar_name
from planning.rules import DateRule
from planning.wording import WEEKDAYS, normalise
from planning.written import read_date, read_month_day

TEXT = "text"
BLANKS: Mapping[str, tuple[str, ...]] = {
    "yearly": ("day", "how"),
    "monthly": ("day", "months"),
    "weekly": ("weekday",),
    "quota": ("per", "count"),
    "workday": ("of", "n", "months"),
    "weekday": ("n", "weekday", "months"),
    "once": ("day",),
    "range": ("from", "to"),
    "week": ("day",),
    "after": ("days", "unit", "events"),
    "expiry": ("months", "expiries"),
    "notified": ("day", "dates"),
    "lunar": ("day",),
    "term": ("name",),
    "market": ("days", "lunar", "every"),
    "standing": ("day",),
    TEXT: (TEXT,),
}
"""What each kind leaves to be filled in."""

HOWS = ("by", "before", "on")
UNITS = ("workdays", "days")
_EVERY_MONTH = tuple(range(1, 13))
_WHAT = "时限规则"
_NOTHING: Mapping[str, str] = MappingProxyType({})
_SEPARATORS = ("：", ":")


@dataclass(frozen=True, slots=True)
class RuleParts:
    """A kind and what stands in its blanks, by their names; ``months`` are numbers between 、."""

    kind: str
    blanks: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def value(self) -> Value:
        """As the file holds it. Raises EditRefused (field_faulty) where a blank cannot be carried into a file at all."""
        if self.kind == TEXT:
            return from_typed(self.blanks.get(TEXT, ""), what=_WHAT)
        return _VALUES[self.kind](self.blanks)


def parts_of(content: Content | None) -> RuleParts:
    """The blanks of a rule that stands in a file."""
    rule = read_one_rule(content, "").rule if isinstance(content, dict) else None
    parts = parts_of_rule(rule) if rule is not None else None
    return parts or RuleParts(TEXT, {TEXT: as_typed(content)})


# -- from a rule -------------------------------------------------------------------------------------


def parts_of_rule(rule: DateRule) -> RuleParts | None:  # noqa: PLR0911, PLR0912, C901 - one case for each kind
    """None for a rule that has no blanks of its own."""
    match rule:
        case rules.FixedDay():
            return RuleParts("yearly", {"day": _day(rule.month, rule.day), "how": "on"})
        case rules.Before():
            return RuleParts("yearly", {"day": _day(rule.month, rule.day), "how": "by" if rule.inclusive else "before"})
        case rules.MonthlyDay():
            return RuleParts("monthly", {"day": str(rule.day), "months": _months(rule.months)})
        case rules.Weekly():
            return RuleParts("weekly", {"weekday": str(rule.weekday)})
        case rules.Quota():
            return RuleParts("quota", {"per": rule.per, "count": str(rule.count)})
        case rules.NthWorkday():
            return RuleParts("workday", {"of": rule.per, "n": str(rule.n), "months": _months(rule.months)})
        case rules.NthWeekday():
            return RuleParts("weekday", {"n": str(rule.n), "weekday": str(rule.weekday), "months": _months(rule.months)})
        case rules.OnceOn():
            return RuleParts("once", {"day": rule.on.isoformat()})
        case rules.DayRange():
            return RuleParts("range", {"from": _day(rule.from_month, rule.from_day), "to": _day(rule.to_month, rule.to_day)})
        case rules.WeekOf():
            return RuleParts("week", {"day": _day(rule.month, rule.day)})
        case rules.AfterEvent():
            unit = "workdays" if rule.working else "days"
            return RuleParts("after", {"days": str(rule.days), "unit": unit, "events": _lines(rule.events)})
        case rules.BeforeExpiry():
            return RuleParts("expiry", {"months": str(rule.months), "expiries": _lines(rule.expiries)})
        case rules.AsNotified():
            dates = _lines((str(year), day) for year, day in rule.notified)
            return RuleParts("notified", {"day": _day(rule.expected_month, rule.expected_day), "dates": dates})
        case rules.LunarDay():
            return RuleParts("lunar", {"day": lunar_name(rule.month, rule.day)})
        case rules.SolarTerm():
            return RuleParts("term", {"name": rule.name})
        case rules.MarketDay():
            digits = "、".join(str(digit) for digit in rule.digits)
            return RuleParts("market", {"days": digits, "lunar": "1" if rule.lunar else "", "every": str(rule.every)})
        case rules.Standing():
            return RuleParts("standing", {"day": _day(rule.month, rule.day)})
        case _:
            return None


def _day(month: int, day: int) -> str:
    return f"{month}月{day}日"


def _months(months: Sequence[int]) -> str:
    return "" if tuple(months) == _EVERY_MONTH else "、".join(str(month) for month in months)


def _lines(named: Iterable[tuple[str, date]]) -> str:
    return "\n".join(f"{name}：{day.isoformat()}" for name, day in named)


# -- into the file -----------------------------------------------------------------------------------


def _yearly(blanks: Mapping[str, str]) -> Value:
    how = blanks.get("how", "")
    return {how if how in HOWS else HOWS[0]: _month_day(blanks.get("day", ""))}


def _monthly(blanks: Mapping[str, str]) -> Value:
    return {"day": _bare(blanks.get("day", "")), **_months_field(blanks)}


def _workday(blanks: Mapping[str, str]) -> Value:
    per = blanks.get("of", "")
    return {"workday": _place(blanks), "of": per, **(_months_field(blanks) if per == "month" else {})}


def _weekday(blanks: Mapping[str, str]) -> Value:
    return {"nth_weekday": _place(blanks), "weekday": _weekday_name(blanks), **_months_field(blanks)}


def _quota(blanks: Mapping[str, str]) -> Value:
    return {"at_least": _bare(blanks.get("count", "")), "per": blanks.get("per", "")}


def _after(blanks: Mapping[str, str]) -> Value:
    name = "days_after" if blanks.get("unit") == UNITS[1] else "workdays_after"
    return {name: _bare(blanks.get("days", "")), "events": _named(blanks.get("events", ""), "编号")}


def _expiry(blanks: Mapping[str, str]) -> Value:
    expiries = _named(blanks.get("expiries", ""), "名称")
    return {"months_before_expiry": _bare(blanks.get("months", "")), "expiries": expiries}


def _notified(blanks: Mapping[str, str]) -> Value:
    dates = _named(blanks.get("dates", ""), "年份")
    expected: dict[str, Value] = {"as_notified": _month_day(blanks.get("day", ""))}
    return {**expected, "dates": dates} if dates else expected


def _market(blanks: Mapping[str, str]) -> Value:
    every = blanks.get("every", "")
    field: dict[str, Value] = {"market_days": _digits(blanks.get("days", "")), "lunar": blanks.get("lunar") == "1"}
    return {**field, "every": _bare(every)} if every not in {"", "1"} else field


_VALUES: Mapping[str, Callable[[Mapping[str, str]], Value]] = {
    "yearly": _yearly,
    "monthly": _monthly,
    "weekly": lambda blanks: {"weekly": _weekday_name(blanks)},
    "quota": _quota,
    "workday": _workday,
    "weekday": _weekday,
    "once": lambda blanks: {"on": _whole_day(blanks.get("day", ""))},
    "range": lambda blanks: {"from": _month_day(blanks.get("from", "")), "to": _month_day(blanks.get("to", ""))},
    "week": lambda blanks: {"week_of": _month_day(blanks.get("day", ""))},
    "after": _after,
    "expiry": _expiry,
    "notified": _notified,
    "lunar": lambda blanks: {"lunar": blanks.get("day", "")},
    "term": lambda blanks: {"solar_term": blanks.get("name", "")},
    "market": _market,
    "standing": lambda blanks: {"standing": _month_day(blanks.get("day", ""))},
}


def _month_day(typed: str) -> str:
    """As the files write it (03-31); what is no month and day goes on as it is, for the reader to say so."""
    try:
        found = read_month_day(typed)
    except ValueError:
        return typed
    return typed if found is None else f"{found[0]:02}-{found[1]:02}"


def _whole_day(typed: str) -> Value:
    try:
        return read_date(typed) or typed
    except ValueError:
        return typed


def _bare(typed: str) -> str:
    """A number without quotes, full-width digits as plain ones."""
    plain = normalise(typed)
    return Bare(plain) if plain.removeprefix("-").isdecimal() else plain


def _place(blanks: Mapping[str, str]) -> str:
    return "last" if blanks.get("n") == "-1" else _bare(blanks.get("n", ""))


def _weekday_name(blanks: Mapping[str, str]) -> str:
    chosen = blanks.get("weekday", "")
    return f"周{WEEKDAYS[int(chosen) - 1]}" if chosen in set("1234567") else chosen


def _digits(typed: str) -> Value:
    """[2, 5, 8] for 2、5、8; 二五八 stays in words."""
    plain = normalise(typed)
    found = [Bare(sign) for sign in plain if sign.isdecimal()]
    return found if found and not any("一" <= sign <= "龥" for sign in plain) else plain


def _months_field(blanks: Mapping[str, str]) -> dict[str, Value]:
    months = [Bare(one) for one in blanks.get("months", "").split("、") if one]
    return {"months": months} if months and len(months) < len(_EVERY_MONTH) else {}


def _named(typed: str, what: str) -> dict[str, Value]:
    """Lines of a name and a day. Raises EditRefused (field_faulty)."""
    found: dict[str, Value] = {}
    for line in filter(str.strip, typed.splitlines()):
        name, day = _name_and_day(line)
        if not name or not day:
            raise EditRefused(f"{_WHAT}里 {shown(line.strip())} 看不懂：一行写一件，{what}：日期。", code="field_faulty")
        if name in found:
            raise EditRefused(f"{_WHAT}里 {shown(name)} 写了两次，请留一处。", code="field_faulty")
        found[name] = _whole_day(day)
    return found


def _name_and_day(line: str) -> tuple[str, str]:
    for sign in _SEPARATORS:
        name, found, day = line.partition(sign)
        if found:
            return name.strip(), day.strip()
    return "", ""
