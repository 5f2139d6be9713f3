"""The ladder of reminders as text, as steps, and as moments of one due day.

A ladder's text is steps separated by blanks, ``T-7 T-3 T0 T+1=owner,overseer``: workdays before and after the due day,
and whom the step tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from itertools import pairwise

from planning.duty import Role, Shift, Step
from planning.instants import instant
from planning.wording import normalise
from planning.workdays import Workdays

ASSIGNED = "assigned"
_LONGEST_TEXT = 1000  # characters; the standard ladder has a hundred
_OFFSET = re.compile(r"T(?:([+-])(\d{1,3})|0)", re.IGNORECASE)
_LATE_AUDIENCE = (Role.OWNER, Role.OVERSEER)
_AUDIENCE = (Role.OWNER,)


def parse_ladder(text: str) -> tuple[Step, ...]:
    """The steps of a ladder's text, in order. Raises ValueError with a Chinese sentence that names the bad word."""
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"提醒阶梯写了{len(text)}个字，太长了，请精简到{_LONGEST_TEXT}个字以内。")
    # "T+1 = owner, overseer" is one step to a reader, so it is one here.
    plain = re.sub(r"\s*([=,])\s*", r"\1", normalise(text))
    return arrange(_read_word(word) for word in plain.split())


def read_step(at: str, to: Iterable[str] | None = None, *, say: str = "") -> Step:
    """One step: ``at`` is T-7, T0, T+3 or assigned; without ``to`` the usual audience hears it.

    Raises ValueError with a Chinese sentence that names the bad word.
    """
    offset = _read_offset(at)
    name = ASSIGNED if offset is None else f"T{offset:+}" if offset else "T0"
    return Step(name=name, offset=offset, audience=_usual_audience(offset) if to is None else _read_audience(to, at), say=say)


def arrange(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps in the order of their moments, the assignment first. Refuses doubles and an empty ladder (ValueError)."""
    ordered = sorted(steps, key=lambda step: (step.offset is not None, step.offset or 0))
    if not ordered:
        raise ValueError("提醒阶梯是空的，请至少写一步，例如 T-3 T0。")
    for earlier, later in pairwise(ordered):
        if earlier.name == later.name:
            raise ValueError(f"提醒阶梯里“{later.name}”写了两次，请合并成一步。")
    return tuple(ordered)


def steps_text(steps: Sequence[Step]) -> str:
    """The ladder as text; what a step says is left out, as the text form has no place for it."""
    return " ".join(
        step.name
        if step.audience == _usual_audience(step.offset)
        else f"{step.name}={','.join(role.value for role in step.audience)}"
        for step in steps
    )


def moments(
    steps: Sequence[Step], due: date, *, workdays: Workdays, remind_at: time, tz: tzinfo, assigned_at: datetime | None
) -> list[tuple[Step, datetime]]:
    """Each step with its instant in UTC, in the order of the steps.

    T-n is n workdays before the due day, T+n n workdays after it; T0 the due day, or the workday before when it is a
    rest day. ``assigned`` is the moment of the assignment, left out while there is none.
    """
    found: list[tuple[Step, datetime]] = []
    for step in steps:
        if step.offset is None:
            if assigned_at is not None:
                found.append((step, assigned_at.astimezone(UTC)))
            continue
        day = workdays.add(due, step.offset) if step.offset else workdays.roll(due, Shift.BACKWARD)
        found.append((step, instant(day, remind_at, tz)))
    return found


def _read_word(word: str) -> Step:
    at, equals, audience = word.partition("=")
    return read_step(at, audience.split(",") if equals else None)


def _read_offset(at: str) -> int | None:
    plain = normalise(at)
    if plain.lower() == ASSIGNED:
        return None
    match = _OFFSET.fullmatch(plain)
    if match is None:
        raise ValueError(f"提醒阶梯里的“{at}”看不懂，应为 assigned、T-7、T0、T+3 这样的写法。")
    return int(f"{match[1]}{match[2]}") if match[2] else 0


def _read_audience(to: Iterable[str], at: str) -> tuple[Role, ...]:
    audience: list[Role] = []
    for word in to:
        try:
            role = Role(normalise(word).lower())
        except ValueError:
            known = "、".join(role.value for role in Role)
            raise ValueError(f"提醒阶梯“{at}”的对象“{word}”看不懂，应为 {known} 之一。") from None
        if role in audience:
            raise ValueError(f"提醒阶梯“{at}”的对象“{word}”写了两次。")
        audience.append(role)
    if not audience:
        raise ValueError(f"提醒阶梯“{at}”没有写提醒谁。")
    return tuple(audience)


def _usual_audience(offset: int | None) -> tuple[Role, ...]:
    """Once a duty is overdue the overseer hears of it as well."""
    return _LATE_AUDIENCE if offset is not None and offset > 0 else _AUDIENCE
