"""The town's words: a duty, who answers for it, and what is asked when it is done.

These frozen values are built by ``config`` from the calendar files and read by everyone else. They carry no
storage and know no date: a :class:`Duty` holds a rule, :mod:`planning.dates` turns the rule into dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planning.rules import DateRule


class Kind(StrEnum):
    """What sort of duty it is; each kind has one flow that holds its year."""

    STUDY = "study"  # 学习
    INSPECTION = "inspection"  # 检查
    PUBLICITY = "publicity"  # 普法
    RECTIFICATION = "rectification"  # 整改
    ROUTINE = "routine"  # 常规


class Role(StrEnum):
    """What a person is to one occurrence."""

    OWNER = "owner"  # 承办
    PARTNER = "partner"  # 配合
    OVERSEER = "overseer"  # 分管领导
    LEADER = "leader"  # 主要领导: the step above the overseer
    VERIFIER = "verifier"  # 验收人


class Shift(StrEnum):
    """Where a date goes that falls on a rest day."""

    NONE = "none"  # stays: the day itself is the point (12·4)
    BACKWARD = "backward"  # to the workday before: a date that somebody else set (报告 before 1 March)
    FORWARD = "forward"  # to the next workday: a legal period counted from an event (民法典 art. 203)


class BasisMark(StrEnum):
    """How sure the legal basis is; all but SEEN are shown as 默认值,请核对."""

    SEEN = "见"  # read in a source
    KNOWN = "记"  # general knowledge
    PROPOSED = "推"  # a proposal of ours


@dataclass(frozen=True, slots=True)
class Party:
    """Who is meant, before anybody is looked up: exactly one of the three fields is set.

    ``unit`` beside ``role`` narrows the role to that unit and what is below it.
    """

    person: str | None = None  # key in people.yaml
    role: str | None = None  # 职务 or 岗位 as people.yaml names it
    unit: str | None = None  # key in people.yaml; its contact, else its head, answers


@dataclass(frozen=True, slots=True)
class Measure:
    """A number asked once at completion, that reports add up."""

    name: str  # 场次, 人次, 件数; unique within the duty
    unit: str  # 场, 人次, 件
    required: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of the ladder. ``offset`` counts workdays from the due day; None is the day of assignment (交办)."""

    name: str  # "T-7", "T0", "T+3", "assigned"; the stable key of the reminder row
    offset: int | None
    audience: tuple[Role, ...]
    say: str = ""  # what this step asks for in particular (提前一周通知讲授人)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something the year requires. ``key`` never changes; everything else may be edited."""

    key: str
    kind: Kind
    title: str
    rule: DateRule
    owner: Party
    ladder: tuple[Step, ...]
    shift: Shift = Shift.NONE
    partners: tuple[Party, ...] = ()
    overseer: Party | None = None
    leader: Party | None = None
    verifier: Party | None = None
    basis: str = ""
    basis_mark: BasisMark = BasisMark.SEEN
    evidence: tuple[str, ...] = ()
    evidence_required: bool = False
    measures: tuple[Measure, ...] = ()
    sign_off: bool = False  # somebody other than the doer must sign off (销号)
    standing: bool = False  # 长期坚持: reviewed, never ticked off
    zero_report: bool = False  # 无事报平安 counts as a completion
    login_required: bool = False  # a link is not enough: whoever records must have signed in
    for_each: str | None = None  # a unit kind: one occurrence for each such unit
    period_titles: Mapping[str, str] | None = None  # "03" -> 消费者权益保护: a title of its own for one period
    period_key: str | None = None  # the period of a once-only duty (整改-007); None: "once"
    as_written: str = ""  # the deadline as the office wrote it (3月底), shown beside the date
    note: str = ""
    from_year: int | None = None
    until_year: int | None = None
    source: str = ""  # "calendar/10-study.yaml:12", for messages to the admin
    revision: str = ""  # digest of the duty as written: changes when anything above does
