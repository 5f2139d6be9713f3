"""Which of an assignment's due reminders speaks, and why the others do not. Pure.

At most one speaks: a person is told the newest thing about an item, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.reminder import NOTICE_STEPS, ReminderState
from planning.held import AGAIN, EXTENSION_ASKED, EXTENSION_DECIDED, SENT_BACK, SIGN_OFF_STEPS, SIGN_OFF_UP_STEPS, SNOOZED
from services.waiting import CANCELLED_STEP, HANDED_OVER_STEP, MOVED_STEP, Waiting

_LOUDEST_FIRST = (
    CANCELLED_STEP,
    MOVED_STEP,
    HANDED_OVER_STEP,
    SENT_BACK,
    EXTENSION_DECIDED,
    EXTENSION_ASKED,
    *reversed([*SIGN_OFF_STEPS, *SIGN_OFF_UP_STEPS]),
    AGAIN,
    SNOOZED,
)


@dataclass(frozen=True, slots=True)
class Fate:
    """How a reminder ends without speaking for itself."""

    state: ReminderState
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    speaks: Waiting | None
    ended: tuple[tuple[Waiting, Fate], ...]


def decide(group: Sequence[Waiting], *, stale_before: datetime) -> Decision:
    """The fate of each due reminder of one assignment. What fired before ``stale_before`` is too old to be of use."""
    ended: list[tuple[Waiting, Fate]] = []
    candidates: list[Waiting] = []
    for one in group:
        fate = _own_fate(one, stale_before)
        if fate is None:
            candidates.append(one)
        else:
            ended.append((one, fate))
    speaker = max(candidates, key=_loudness, default=None)
    if speaker is not None:
        ended.extend((one, _folded_into(speaker)) for one in candidates if one is not speaker)
    return Decision(speaker, tuple(ended))


def by_assignment(waiting: Iterable[Waiting]) -> list[list[Waiting]]:
    groups: dict[int, list[Waiting]] = {}
    for one in waiting:
        groups.setdefault(one.assignment_id, []).append(one)
    return [groups[key] for key in sorted(groups)]


def why_moot(one: Waiting) -> str:
    """Why there is nothing left to say, for the reminder's row."""
    if not one.active:
        return "已不由其承办"
    if one.step == MOVED_STEP and one.told_on == one.due_on:
        return "本人已知道这个时限"
    if one.step in SIGN_OFF_STEPS or one.step in SIGN_OFF_UP_STEPS:
        return "已销号或已退回"
    return "办理项已恢复" if one.step == CANCELLED_STEP else "办理项已办结、免办或撤回"


def _own_fate(one: Waiting, stale_before: datetime) -> Fate | None:
    if not one.still_true:
        known = one.step == MOVED_STEP and one.active and one.told_on == one.due_on
        return Fate(ReminderState.FOLDED if known else ReminderState.CANCELLED, why_moot(one))
    if one.step == CANCELLED_STEP and one.told_on is None and not one.in_doubt:
        return Fate(ReminderState.CANCELLED, "本人没有收到过，不必通知取消")
    # What was planned late was due before anybody could be told: its time runs from then.
    if one.message_id is None and max(one.fire_at, one.since, one.waits_since) < stale_before:
        return Fate(ReminderState.EXPIRED, "到期太久，不再发送")
    if one.step not in NOTICE_STEPS and one.epoch != one.due_epoch:
        return Fate(ReminderState.SUPERSEDED, "时限已变更")
    return None


def _loudness(one: Waiting) -> tuple[bool, int, int, int, int]:
    """Notices before steps of the ladder; then the newer epoch, the later step."""
    notice = one.step in NOTICE_STEPS
    rank = -_LOUDEST_FIRST.index(one.step) if notice else 0
    return (notice, rank, one.epoch, one.offset, one.reminder_id)


def _folded_into(speaker: Waiting) -> Fate:
    return Fate(ReminderState.FOLDED, f"由 {speaker.step} 一并提醒")
