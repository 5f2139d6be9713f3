"""A duty's ladder: the name of one in suishi.yaml, a ladder text, or a list of steps."""

from __future__ import annotations

import re
from collections.abc import Mapping

from config.fields import Section
from config.nodes import Sequence
from config.problems import Code, did_you_mean, shown
from planning.duty import Step
from planning.ladder import arrange, parse_ladder, read_step
from planning.ladder_sentences import ROLE_NAMES

ROLES = {role.value: name for role, name in ROLE_NAMES.items()}
_STEP_LIKE = re.compile(r"\s*(t\s*[-+0-9]|assigned)", re.IGNORECASE)
_HOW = "写 suishi.yaml 里一个阶梯的名字，或写成 T-7 T-3 T-1 T0 T+1=owner,overseer"


def read_ladder(section: Section, name: str, ladders: Mapping[str, tuple[Step, ...]]) -> tuple[Step, ...] | None:
    """Read the ladder of a duty; None when none is written or after noting what is wrong."""
    value = section.get(name)
    if value is None:
        return None
    if isinstance(value, Sequence):
        return _read_steps(section, name)
    written = section.text(name, longest=1000)
    if not written or written in ladders:
        return ladders.get(written)
    if not _STEP_LIKE.match(written):
        hint = did_you_mean(written, ladders, otherwise=_HOW)
        section.error(Code.LADDER_UNKNOWN, name, f"写了 {shown(written)}，没有这个提醒阶梯", hint)
        return None
    return _parse(section, name, written)


def _parse(section: Section, name: str, written: str) -> tuple[Step, ...] | None:
    try:
        return parse_ladder(written)
    except ValueError as error:
        section.error(Code.LADDER, name, f"{shown(written)} 写得不对：{error}", _HOW)
        return None


def _read_steps(section: Section, name: str) -> tuple[Step, ...] | None:
    before = section.sheet.errors
    steps: dict[str, Step] = {}
    for row in section.sections(name, f"{section.what}的提醒阶梯"):
        row.require("at")
        step = _read_step(row)
        row.close()
        if step is not None and step.name in steps:
            row.error(Code.LADDER, "at", f"{step.name} 写了两次", "两处留一处")
        elif step is not None:
            steps[step.name] = step
    if section.sheet.errors > before:
        return None
    if not steps:
        section.error(Code.LADDER, name, "是空的", _HOW)
        return None
    return arrange(steps.values())


def _read_step(row: Section) -> Step | None:
    at, audience, say = row.text("at"), _read_audience(row), row.text("say")
    if not at:
        return None
    try:
        return read_step(at, audience or None, say=say)
    except ValueError as error:
        row.error(Code.LADDER, "at", f"写得不对：{error}", "写 T-7、T0、T+3 或 assigned")
        return None


def _read_audience(row: Section) -> tuple[str, ...]:
    found = []
    for word in row.texts("to"):
        if word in ROLES:
            found.append(word)
        else:
            hint = did_you_mean(word, ROLES, otherwise="可写：" + "、".join(f"{key}({name})" for key, name in ROLES.items()))
            row.error(Code.FIELD_CHOICE, "to", f"里 {shown(word)} 不在可选范围内", hint)
    return tuple(found)
