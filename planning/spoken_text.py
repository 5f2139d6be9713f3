"""Finds every day that a text speaks of, and says how much each looks like a deadline.

One pass from left to right; every pattern has a bounded length, so that the time grows with the text and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from planning.periods import months_before
from planning.spoken_hours import Hour, by_part, read_hour
from planning.spoken_kinds import Word, next_word, word_at
from planning.spoken_leads import Grade, Mark, counts_from_event, is_ordered, is_reported, lead_before, mark_behind
from planning.spoken_naming import Naming, Precision, Scene, Shape, clauses
from planning.spoken_settling import settle
from planning.wording import day_name, weekday_name

_DAYS = frozenset(("full", "near_month_day", "month_day", "weekday", "near_day", "day_of_month", "dotted", "compact"))
_BY_VERB = frozenset(("day_of_month", "month_part"))  # vague, but clear enough before a verb: 20日交, 月底报
_DOCUMENT = re.compile(r"《[^《》\n]{1,120}》")
_RANGE = re.compile(r"(?:至|到|-|~|〜)-?")
_OR = re.compile(r"或者?|/")
_OPENED = re.compile(r"\(|即|")
_CLOSED = re.compile(r"[^()\n前内]{0,8}\)")
_LINK = re.compile(r"的| |")
_COUNT_BEGINS = re.compile(r"(?:之日)?起(?:计算|算)?,?")
_JOINS = 3  # 本周五（11月27日）至下周三: so many words may make one day


@dataclass(frozen=True, slots=True)
class Mention:
    """One day that the text speaks of. The places are those of the plain text."""

    start: int
    end: int
    lead: int  # where 于, 务必在, 最迟 before it begin
    grade: Grade
    day: date
    at: time | None
    explanation: str
    excluded: date | None = None  # the day that 前 leaves out


def mentions(plain: str, scene: Scene) -> tuple[Mention, ...]:
    """All days of the plain text, in its order. What stands within 《》 names a paper and is not read."""
    return tuple(_scan(_DOCUMENT.sub(lambda found: "\0" * len(found[0]), plain), scene))


def _scan(plain: str, scene: Scene) -> Iterator[Mention]:
    place = 0
    while (word := next_word(plain, place, scene)) is not None:
        place = word.end
        try:
            mention = _mention(word, plain, scene)
        except (ValueError, OverflowError):  # before the first or after the last day of the calendar
            continue
        if mention is not None:
            place = mention.end
            yield mention
        elif word.naming is None:  # 每周五下班前: its hour goes with it
            place = _passed(plain, word.end)


def _mention(word: Word, plain: str, scene: Scene) -> Mention | None:
    """The day that begins with a word; None when it names none, or only tells when something begins."""
    if word.naming is None:
        return None
    kind = word.kind
    naming, end = _join(kind, word.naming, word.end, plain, scene) if kind in _DAYS else (word.naming, word.end)
    hour, end = _hour(naming, plain, word.start if kind == "hour" else end)
    counted = _counted_from(naming.day, plain, end, scene)
    if counted is not None and counted.naming is not None:
        kind, naming, end = counted.kind, counted.naming, counted.end
    mark, marked = mark_behind(plain, end)
    if mark is Mark.BEGINS or (mark is Mark.BEFORE and kind == "counted"):  # 明天起, 3天前
        return None
    before = mark is Mark.BEFORE and hour is None
    day, at, explanation = settle(naming, hour, scene, before=before)
    lead = lead_before(plain, word.start)
    has_mark = mark is not Mark.NONE or plain[end - 1] == "前"
    # 务必于今天把第三季度台账补齐: a span that no such word leads to is what is asked about.
    leads = lead.start < word.start or has_mark or not naming.vague
    grade = _grade(
        naming, kind, lead.grade if leads else min(lead.grade, Grade.NAMED), ordered=is_ordered(plain, end), marked=has_mark
    )
    elsewhere = kind == "counted" and counted is None and counts_from_event(plain, word.start)
    if lead.grade is Grade.VAGUE or elsewhere or is_reported(plain, marked):
        grade = Grade.VAGUE
    excluded = naming.day if before and naming.shape is Shape.DAY and day < naming.day else None
    return Mention(word.start, marked, lead.start, grade, day, at, explanation, excluded)


def _passed(plain: str, end: int) -> int:
    hour = read_hour(plain, end)
    return mark_behind(plain, hour.end if hour is not None else end)[1]


def _grade(naming: Naming, kind: str, lead: Grade, *, ordered: bool, marked: bool) -> Grade:
    if kind == "hour":  # 时间：下午3点 is when something begins
        return max(lead, Grade.DUE) if marked else Grade.VAGUE
    if kind == "counted" and naming.vague and not marked:  # 会期3天, 不超过2小时 last so long
        return Grade.VAGUE
    if marked or lead > Grade.NAMED:
        return max(lead, Grade.DUE)
    if ordered and (not naming.vague or kind in _BY_VERB):
        return Grade.ORDERED
    return Grade.VAGUE if naming.vague else Grade.NAMED


def _join(kind: str, naming: Naming, end: int, plain: str, scene: Scene) -> tuple[Naming, int]:
    """A day that several words name together: 11月20日（周五）, 周五（20日）, 11月20日至25日."""
    for _ in range(_JOINS):
        ranged = _range_end(kind, naming, plain, end, scene)
        if ranged is not None:
            naming, end = ranged
            continue
        either = _either(naming, plain, end, scene)
        if either is not None:
            naming, end = either
            continue
        opened = _OPENED.match(plain, end)
        place = opened.end() if opened is not None else end
        again = _day_at(plain, place, scene)
        if again is None or (place == end and again[0].precision is naming.precision):
            break
        closed = _CLOSED.match(plain, again[1]) if plain[end] == "(" else None
        if plain[end] == "(" and closed is None:
            break
        naming, end = _merge(naming, again[0]), closed.end() if closed is not None else again[1]
    return naming, end


def _range_end(kind: str, first: Naming, plain: str, end: int, scene: Scene) -> tuple[Naming, int] | None:
    """The last day of 11月20日至25日, 周一到周五; the range may have begun already."""
    sign = _RANGE.match(plain, end)
    if sign is None:
        return None
    begun = _begun(kind, first)
    last = _day_at(plain, sign.end(), replace(scene, on=begun))
    if last is not None and last[0].day >= scene.on:
        return last[0]._replace(said=""), last[1]
    last = _day_at(plain, sign.end(), replace(scene, on=first.day))
    return (last[0]._replace(said=first.said), last[1]) if last is not None else None


def _either(one: Naming, plain: str, end: int, scene: Scene) -> tuple[Naming, int] | None:
    """Of 周三或周四 the earlier one."""
    sign = _OR.match(plain, end)
    other = _day_at(plain, sign.end(), scene) if sign is not None else None
    if other is None:
        return None
    earlier = min(one, other[0], key=lambda naming: naming.day)
    return earlier._replace(said=clauses((earlier.said, f"两个日子按较早的{day_name(earlier.day)}"))), other[1]


def _begun(kind: str, naming: Naming) -> date:
    """The same name one round earlier: a week, a month, a year."""
    if naming.precision is Precision.WEEKDAY:
        return naming.day - timedelta(weeks=1)
    months = {"month_day": 12, "dotted": 12, "day_of_month": 1}.get(kind, 0)
    return months_before(naming.day, months)


def _day_at(plain: str, place: int, scene: Scene) -> tuple[Naming, int] | None:
    word = word_at(plain, place, scene)
    if word is None or word.naming is None or word.kind not in _DAYS:
        return None
    return word.naming, word.end


def _merge(one: Naming, other: Naming) -> Naming:
    """Two names of one day. Where they do not agree the more precise one counts, and it is said."""
    better, lesser = (one, other) if one.precision >= other.precision else (other, one)
    agreed = {
        Precision.WEEKDAY: better.day.weekday() == lesser.day.weekday(),
        Precision.DAY_OF_MONTH: better.day.day == lesser.day.day,
    }.get(lesser.precision, better.day == lesser.day)
    name = day_name(better.day)
    said = "" if agreed else f"前后写的不是同一天，按{name}（{weekday_name(better.day)}），请核对"
    return better._replace(said=clauses((better.said, said)), part=one.part or other.part, vague=one.vague and other.vague)


def _hour(naming: Naming, plain: str, place: int) -> tuple[Hour | None, int]:
    link = _LINK.match(plain, place)
    hour = read_hour(plain, link.end() if link is not None else place, part=naming.part)
    if hour is not None:
        return hour, hour.end
    return (by_part(naming.part) if naming.part else None), place


def _counted_from(day: date, plain: str, end: int, scene: Scene) -> Word | None:
    """自11月20日起15日内: counted from the day that was just named."""
    begins = _COUNT_BEGINS.match(plain, end)
    if begins is None:
        return None
    word = word_at(plain, begins.end(), replace(scene, on=day))
    return word if word is not None and word.kind == "counted" else None
