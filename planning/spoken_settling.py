"""From what a word names to the day that counts: 前, rest days, the hour, and everything that was assumed."""

from __future__ import annotations

from datetime import date, time, timedelta

from planning.duty import Shift
from planning.spoken_hours import Hour
from planning.spoken_naming import Naming, Scene, Shape, clauses, provisional
from planning.wording import day_name
from planning.workdays import explain_shift, rest_reason

_ONE_DAY = timedelta(days=1)


def settle(naming: Naming, hour: Hour | None, scene: Scene, *, before: bool) -> tuple[date, time | None, str]:
    """The day, the time of day and the explanation.

    ``before`` says that 前 stands behind a word for a day without an hour: then the day itself is too late.
    """
    at = hour.at if hour is not None else naming.at
    if before and naming.shape is Shape.DAY:
        day, moved = _before(naming.day, scene)
    elif naming.shape is Shape.END:
        day, moved = _back(naming.day, scene)
        moved = naming.moved if day != naming.day and naming.moved else moved
    elif naming.shape is Shape.COUNTED and scene.roll_forward:
        day = scene.workdays.roll(naming.day, Shift.FORWARD)
        moved = explain_shift(naming.day, day, scene.workdays)
    else:
        day, moved = naming.day + timedelta(days=hour.days if hour is not None else 0), ""
    said = (naming.said, moved, hour.said if hour is not None else "", *_remarks(day, at, scene))
    if before or naming.shape in (Shape.END, Shape.WORKDAYS):
        said = (*said, *_unknown_years(day, scene))
    return day, at, clauses(said)


def _before(named: date, scene: Scene) -> tuple[date, str]:
    """The last workday before the day, but never earlier than today unless the day itself is past."""
    if named == scene.on:
        return named, "就是今天，按今天"
    nominal = named - _ONE_DAY
    day, moved = _back(nominal, scene)
    return day, clauses((f"“前”不含{day_name(named)}当天", moved))


def _back(nominal: date, scene: Scene) -> tuple[date, str]:
    day = scene.workdays.roll(nominal, Shift.BACKWARD)
    if day < scene.on <= nominal:
        return nominal, f"此前的工作日{day_name(day)}已过，按{day_name(nominal)}" if day != nominal else ""
    return day, explain_shift(nominal, day, scene.workdays)


def _remarks(day: date, at: time | None, scene: Scene) -> tuple[str, ...]:
    """What a reader should know of a day that was left where it is."""
    if day < scene.on:
        return (f"{day_name(day, with_year=day.year != scene.on.year)}已过",)
    past = day == scene.on and at is not None and scene.at is not None and at < scene.at
    reason = rest_reason(day, scene.workdays)
    return (
        f"今天{at:%H:%M}已过" if past else "",
        f"{day_name(day, with_year=day.year != scene.on.year)}是{reason}，不是工作日，照原话未改" if reason else "",
    )


def _unknown_years(day: date, scene: Scene) -> tuple[str, ...]:
    years = range(min(day, scene.on).year, max(day, scene.on).year + 1)
    return tuple(provisional(year) for year in years[:2] if scene.workdays.is_provisional(year))
