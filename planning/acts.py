"""What people do to an occurrence: the kinds of entry in the completion log, and their Chinese names."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    DONE = "done"
    REVIEWED = "reviewed"  # a standing duty was looked at
    PROVED = "proved"  # evidence handed in after the completion
    EVIDENCE_VOIDED = "evidence_voided"  # a file handed in by mistake proves nothing any more
    REOPENED = "reopened"
    WAIVED = "waived"
    EXTENDED = "extended"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_REFUSED = "extension_refused"
    EXTENSION_WITHDRAWN = "extension_withdrawn"
    SNOOZED = "snoozed"
    HANDED_OVER = "handed_over"
    SIGNED_OFF = "signed_off"
    ACKNOWLEDGED = "acknowledged"  # whoever does it says that he knows of it; never asked for, never counted
    ATTENDANCE_ADDED = "attendance_added"  # on the sign-in sheet of what was closed before and taken back
    ATTENDANCE_TAKEN_OFF = "attendance_taken_off"


PLANNED = "planned"
"""Kind of the entry that a plan leaves."""

ACT_NAMES: dict[str, str] = {
    Act.DONE: "办结",
    Act.REVIEWED: "复核",
    Act.PROVED: "补交佐证",
    Act.EVIDENCE_VOIDED: "作废佐证",
    Act.REOPENED: "恢复待办",
    Act.WAIVED: "免办",
    Act.EXTENDED: "延期",
    Act.EXTENSION_ASKED: "申请延期",
    Act.EXTENSION_REFUSED: "不批准延期",
    Act.EXTENSION_WITHDRAWN: "撤回延期申请",
    Act.SNOOZED: "稍后提醒",
    Act.HANDED_OVER: "移交",
    Act.SIGNED_OFF: "销号",
    Act.ACKNOWLEDGED: "收到",
    Act.ATTENDANCE_ADDED: "补签到",
    Act.ATTENDANCE_TAKEN_OFF: "去掉签到",
    PLANNED: "制定计划",
}

CLOSING: frozenset[str] = frozenset({Act.DONE, Act.REVIEWED, Act.WAIVED})
"""Acts after which an occurrence is no longer to be done. Their entries tell its sign-in sheet (planning/attendance.py)."""

VIAS: dict[str, str] = {
    "cli": "命令行",
    "link": "提醒链接",
    "page": "网页",
    "import": "表格导入",
    "program": "接口",
    "plan": "计划",
    "code": "签到码",
}
"""Ways by which something is recorded."""


GUEST = "guest"
"""Actor of an entry: somebody who signed in and is not in the roster. Not the name that he typed: it may be anybody's."""

ACTORS: dict[str, str] = {"system": "系统", "plan": "系统", "cli": "命令行", GUEST: "来宾"}
"""Actors who are no persons of the roster."""


def act_name(kind: str) -> str:
    """The Chinese name; an unknown kind (a plan, a restore) is shown as it is written."""
    return ACT_NAMES.get(kind, kind)
