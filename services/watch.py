"""The auditor: looks for what should have moved on and has not, and opens or closes the problems that say so.

Every question leans on an index or on the newest rows only, so that the watch costs the same in its tenth year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from models.message import AttemptOutcome, MessageState, attempts, messages
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.basis import DeliveryPolicy, PlanBasis
from planning.windows import is_open
from services.errors import Refused
from services.plan import plan
from services.problems import close_problems_except, report_problem

LATE = timedelta(minutes=15)
"""A reminder, or a message whose moment has come, should be gone by then while a window is open."""

STUCK = timedelta(minutes=10)
"""How long after its end a lease may stand, and an attempt may lack its outcome."""

STALE_BACKUP = timedelta(hours=36)

NEWEST = 10_000
"""Messages looked through for contradictions: what is older was looked through when it was new."""

NOTICE_BY = 12  # the month from which next year's holiday notice must be there
KIND = "watch"


@dataclass(frozen=True, slots=True)
class Finding:
    key: str
    text: str  # one Chinese sentence with the remedy


def watch(
    store: Store, basis: PlanBasis, policy: DeliveryPolicy, *, now: datetime, newest_backup: datetime | None = None
) -> tuple[Finding, ...]:
    """Look at everything once; the findings are kept as open problems, those no longer found are closed."""
    with store.read() as db:
        found = [*_late(db, policy, now), *_stuck(db, now), *_contradictions(db)]
    found += [*_unplanned(store, basis, now), *_next_year(basis, now), *_backup(newest_backup, now)]

    def keep(db: Connection) -> None:
        for finding in found:
            report_problem(db, key=finding.key, kind=KIND, text=finding.text, now=now)
        close_problems_except(db, kind=KIND, keys={finding.key for finding in found}, now=now)

    store.transact(keep)
    return tuple(found)


def _late(db: Connection, policy: DeliveryPolicy, now: datetime) -> list[Finding]:
    """Only while messages could leave all the time: what waits for a window is not late."""
    since = now - LATE
    if not all(is_open(policy.windows, policy.workdays, moment, policy.tz) for moment in (since, now)):
        return []
    waiting = _count(db, reminders.c.state == ReminderState.PLANNED, reminders.c.fire_at <= since)
    unsent = _count(db, messages.c.state == MessageState.PENDING, messages.c.next_at <= since)
    found = []
    if waiting:
        text = f"有{waiting}条提醒到时15分钟以上仍未派发。请看派发流程是否在运行，或运行 suishi send。"
        found.append(Finding("watch:late-reminders", text))
    if unsent:
        text = f"有{unsent}条消息该发未发已15分钟以上。请看派发流程是否在运行，或运行 suishi send。"
        found.append(Finding("watch:late-messages", text))
    return found


def _stuck(db: Connection, now: datetime) -> list[Finding]:
    leased = _count(db, messages.c.state == MessageState.LEASED, messages.c.lease_until <= now - STUCK)
    first = _newest_from(db)
    unended = _count(db, attempts.c.message_id >= first, attempts.c.outcome.is_(None), attempts.c.started_at <= now - STUCK)
    found = []
    if leased:
        text = f"有{leased}条消息卡在发送中。下一次派发会收回重试；若一直如此，请重新启动岁时。"
        found.append(Finding("watch:stuck-leases", text))
    if unended and not leased:
        text = f"有{unended}次发送没有结果。请在发件箱页面核对这些消息，必要时询问收件人。"
        found.append(Finding("watch:unended-attempts", text))
    return found


def _contradictions(db: Connection) -> list[Finding]:
    """A message counts as sent exactly when the provider said so."""
    accepted = (
        select(attempts.c.n).where(attempts.c.message_id == messages.c.id, attempts.c.outcome == AttemptOutcome.ACCEPTED).exists()
    )
    wrong = _count(db, messages.c.id >= _newest_from(db), messages.c.state == MessageState.SENT, ~accepted)
    if not wrong:
        return []
    return [Finding("watch:sent-unproved", f"有{wrong}条消息记为已发出，却没有渠道的回执。请联系维护人员核对数据库。")]


def _unplanned(store: Store, basis: PlanBasis, now: datetime) -> list[Finding]:
    """Whether the files say something else than the plan in force."""
    try:
        outcome = plan(store, basis, now=now, dry_run=True)
    except Refused as refused:
        return [Finding("watch:unplanned", f"日历文件改动后还没有编排：{refused.sentence}")]
    changes = outcome.added + len(outcome.moved) + len(outcome.withdrawn)
    if not changes:
        return []
    text = f"日历文件改动后还没有编排，有{changes}处不同。请运行 suishi plan；不处理的话，明早自动编排。"
    return [Finding("watch:unplanned", text)]


def _next_year(basis: PlanBasis, now: datetime) -> list[Finding]:
    """The notice comes out in autumn; from December on its absence is a fault."""
    local = now.astimezone(basis.tz)
    year = local.year + 1
    if local.month < NOTICE_BY or not basis.workdays.is_provisional(year):
        return []
    text = f"{year}年的放假通知还没有导入，明年的日期都是暂定。请把国务院办公厅的通知存成文件，运行 suishi holidays import。"
    return [Finding(f"watch:provisional-{year}", text)]


def _backup(newest: datetime | None, now: datetime) -> list[Finding]:
    if newest is None or now - newest <= STALE_BACKUP:
        return []
    hours = int((now - newest).total_seconds() // 3600)
    return [Finding("watch:stale-backup", f"最近一次备份已是{hours}小时之前。请看备份流程是否在运行，磁盘是否有空间。")]


def _newest_from(db: Connection) -> int:
    last = db.execute(select(func.max(messages.c.id))).scalar_one()
    return int(last or 0) - NEWEST


def _count(db: Connection, *conditions: ColumnElement[bool]) -> int:
    return db.execute(select(func.count()).where(*conditions)).scalar_one()
