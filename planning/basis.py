"""What a plan and a delivery lean on, gathered once at the rim and handed down as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from planning.delivery_rules import ChannelRule, DeliveryRules
from planning.duty import Duty
from planning.roster import Destination, Roster
from planning.sheets import Sheet
from planning.windows import Window
from planning.workdays import Workdays


@dataclass(frozen=True, slots=True)
class PlanBasis:
    """Everything from which the year follows. Equal bases give equal plans."""

    duties: tuple[Duty, ...]
    roster: Roster
    workdays: Workdays
    years: tuple[int, ...]  # the years planned: usually this and the next
    tz: ZoneInfo
    remind_at: time
    day_ends_at: time  # a due day without a time ends here
    revision: str  # digest of the office's files
    silent_before: date | None = None  # 启用日: what was due before is kept but neither reminded nor overdue
    broken: frozenset[str] = frozenset()  # keys of duties that could not be read: their rows stay as they are
    unreadable: bool = False  # a whole calendar file is unknown: no duty may count as gone
    problems: tuple[str, ...] = ()  # what the admin is told about the files


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How and when messages leave, and what they look like."""

    tz: ZoneInfo
    workdays: Workdays
    windows: tuple[Window, ...]
    title: str  # 法治建设工作提醒: in 【】 before each subject
    office: str  # 曹回镇人民政府: the signature
    base_url: str  # address of the pages, no slash at the end
    mail_domain: str
    link_key: bytes  # from which the tokens of staff links are derived; never stored in the database
    destinations: Mapping[str, tuple[Destination, ...]]  # person -> in the order to be tried
    rules: DeliveryRules = field(default_factory=DeliveryRules)
    channel_rules: Mapping[str, ChannelRule] = field(default_factory=dict)  # of channels.yaml; a missing one: plain mail
    admin: str = ""  # person key: is told of problems
    second_admin: str = ""  # person key: is told as well; empty: nobody
    detail: str = "full"  # full | title | number: how much of a duty a message may tell
    sheets: tuple[Sheet, ...] = ()  # 催办单 and 督办单 of letters.yaml; none: overdue items are told as any other
    roster: Roster = field(default_factory=Roster)  # who stands in for whom, on which days
    nobody_receives: bool = False  # every channel only writes files, and this is no demonstration
    roster_faulty: bool = False  # people.yaml has errors: who is missing may be there after all
    remind_at: time | None = None  # when the day's reminders come due: what waited for the morning joins them

    def rule(self, channel: str) -> ChannelRule:
        return self.channel_rules.get(channel) or ChannelRule()
