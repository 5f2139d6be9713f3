"""A ladder in sentences, as somebody in the office would say it: 提前7、3、1个工作日和当天告诉承办."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from planning.duty import Role, Step

ROLE_NAMES: Mapping[Role, str] = {
    Role.OWNER: "承办",
    Role.PARTNER: "配合",
    Role.OVERSEER: "分管领导",
    Role.LEADER: "主要领导",
    Role.VERIFIER: "验收人",
}


def ladder_sentences(steps: Sequence[Step]) -> tuple[str, ...]:
    """One sentence for each run of steps that tell the same people, in the order of their moments."""
    return tuple(
        f"{_moments(tuple(run))}告诉{'、'.join(ROLE_NAMES[role] for role in audience)}"
        for audience, run in groupby(steps, key=lambda step: step.audience)
    )


def _moments(run: Sequence[Step]) -> str:
    assigned = ["交办当天"] if any(step.offset is None for step in run) else []
    offsets = [step.offset for step in run if step.offset is not None]
    ahead = [str(-offset) for offset in offsets if offset < 0]
    after = [str(offset) for offset in offsets if offset > 0]
    before_due = [f"提前{'、'.join(ahead)}个工作日"] if ahead else []
    overdue = [f"逾期{'、'.join(after)}个工作日"] if after else []
    return "和".join((*assigned, *before_due, *(["当天"] if 0 in offsets else []), *overdue))
