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
    "planned": "制定计划",
}

VIAS: dict[str, str] = {
    "cli": "命令行",
    "link": "提醒链接",
    "page": "网页",
    "import": "表格导入",
    "program": "接口",
    "plan": "计划",
}
"""Ways by which something is recorded."""


def act_name(kind: str) -> str:
    """The Chinese name; an unknown kind (a plan, a restore) is shown as it is written."""
    return ACT_NAMES.get(kind, kind)
