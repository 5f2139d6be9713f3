"""The auditor: looks for what should have moved on and has not, and opens or closes the problems that say so.

Every question leans on an index or on the newest rows only, so that the watch costs the same in its tenth year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, TextClause, func, select, text

from models.message import AttemptOutcome, MessageState, attempts, messages
from models.occurrence import extension_requests
from models.store import Store
from planning.basis import DeliveryPolicy, PlanBasis
from planning.instants import instant
from planning.windows import is_open
from services.awaiting import PENDING
from services.balance import contradictions, settled_below, stated_holds, unexplained
from services.errors import Refused
from services.failpoints import reach
from services.plan import plan
from services.problems import close_problems_except, report_problem
from services.record_check import overdue_check
from services.watch_signs import last_watch, note_watch, silent_watch

__all__ = ["Finding", "note_watch", "silent_watch", "watch"]

LATE = timedelta(minutes=15)
"""A reminder, or a message whose moment has come, should be gone by then while a window is open."""

STUCK = timedelta(minutes=10)
"""How long after its end a lease may stand, and an attempt may lack its outcome."""

UNDECIDED_WORKDAYS = 3
"""How long a request for a later day may wait for its answer."""

STALE_BACKUP = timedelta(hours=36)

NEWEST = 10_000
"""Messages looked through for contradictions at most: what is older was looked through when it was new."""

_PENDING = text("message.state = 'pending'")
_LEASED = text("message.state = 'leased'")
"""Written out, not bound: SQLite uses a partial index only when it can see that the condition fits."""

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
        first = _first_unseen(db)
        untrue = [*_unproved(db, first), *_contradictions(db, first)]
        looked_through = first if untrue else settled_below(db)  # what is wrong is looked at again until it is right
        found = [*_late(db, policy, now), *_stuck(db, now), *untrue]
        found += [*_undecided(db, policy, now), *_unchecked(db, now)]
    found += [*_unplanned(store, basis, now), *_next_year(basis, now), *_backup(newest_backup, now)]

    def keep(db: Connection) -> None:
        for finding in found:
            report_problem(db, key=finding.key, kind=KIND, text=finding.text, now=now)
        close_problems_except(db, kind=KIND, keys={finding.key for finding in found}, now=now)
        note_watch(db, now=now, newest_backup=newest_backup, looked_through=looked_through)
        reach("D13")

    store.transact(keep)
    return tuple(found)


def _late(db: Connection, policy: DeliveryPolicy, now: datetime) -> list[Finding]:
    """Only while messages could leave all the time: what waits for a window, or is held for a reason, is not late."""
    since = now - LATE
    if not all(is_open(policy.windows, policy.workdays, moment, policy.tz) for moment in (since, now)):
        return []
    waiting = unexplained(db, since=since)
    unsent = _unsent(db, since)
    found = []
    if waiting:
        said = f"有{waiting}条提醒到时15分钟以上仍未派发。请看派发流程是否在运行，或运行 suishi send。"
        found.append(Finding("watch:late-reminders", said))
    if unsent:
        said = f"有{unsent}条消息该发未发已15分钟以上。请看派发流程是否在运行，或运行 suishi send。"
        found.append(Finding("watch:late-messages", said))
    return found


def _unsent(db: Connection, since: datetime) -> int:
    """Messages whose moment has come, on channels that stand still: one that is only slow works its queue off."""
    if "hold:clock" in stated_holds(db):
        return 0
    joined = attempts.join(messages, messages.c.id == attempts.c.message_id)
    moving = select(messages.c.channel).select_from(joined).where(attempts.c.data_at > since)
    return _count(db, _PENDING, messages.c.next_at <= since, messages.c.channel.not_in(moving))


def _stuck(db: Connection, now: datetime) -> list[Finding]:
    leased = _count(db, _LEASED, messages.c.lease_until <= now - STUCK)
    first = _newest(db) - NEWEST  # a message may end before an attempt of it counts as stuck
    unended = _count(db, attempts.c.message_id >= first, attempts.c.outcome.is_(None), attempts.c.started_at <= now - STUCK)
    found = []
    if leased:
        said = f"有{leased}条消息卡在发送中。下一次派发会收回重试；若一直如此，请重新启动岁时。"
        found.append(Finding("watch:stuck-leases", said))
    if unended and not leased:
        said = f"有{unended}次发送没有结果。请在发件箱页面核对这些消息，必要时询问收件人。"
        found.append(Finding("watch:unended-attempts", said))
    return found


def _unproved(db: Connection, first: int) -> list[Finding]:
    """A message counts as sent exactly when the provider said so."""
    # Said twice that only recent ones count: each lets its own index be used.
    theirs = (attempts.c.message_id == messages.c.id) & (attempts.c.message_id >= first)
    accepted = select(attempts.c.n).where(theirs, attempts.c.outcome == AttemptOutcome.ACCEPTED)
    wrong = _count(db, messages.c.id >= first, messages.c.state == MessageState.SENT, ~accepted.exists())
    if not wrong:
        return []
    return [Finding("watch:sent-unproved", f"有{wrong}条消息记为已发出，却没有渠道的回执。请联系维护人员核对数据库。")]


def _contradictions(db: Connection, first: int) -> list[Finding]:
    """A reminder and its message must say the same."""
    seen = contradictions(db, first=first)
    found = []
    if seen.stranded:
        said = f"有{seen.stranded}条提醒所在的消息已经结束，提醒却没有发出。请当面告知承办人，并联系维护人员核对数据库。"
        found.append(Finding("watch:stranded", said))
    if seen.untrue:
        said = f"有{seen.untrue}条提醒记为已发，所在的消息却没有发出。请联系维护人员核对数据库。"
        found.append(Finding("watch:sent-untrue", said))
    return found


def _undecided(db: Connection, policy: DeliveryPolicy, now: datetime) -> list[Finding]:
    """A wish for a later day that nobody answers keeps a ladder silent: somebody must hear of that."""
    local = now.astimezone(policy.tz)
    since = instant(policy.workdays.add(local.date(), -UNDECIDED_WORKDAYS), local.time(), policy.tz)
    waiting = _count(db, PENDING, extension_requests.c.asked_at <= since)
    if not waiting:
        return []
    said = (
        f"有{waiting}份延期申请等待批复已满{UNDECIDED_WORKDAYS}个工作日，批复之前不再提醒。"
        "请运行 suishi extension list 查看，并请领导批复。"
    )
    return [Finding("watch:undecided", said)]


def _unchecked(db: Connection, now: datetime) -> list[Finding]:
    said = overdue_check(db, now=now)
    return [Finding("watch:stale-check", said)] if said else []


def _unplanned(store: Store, basis: PlanBasis, now: datetime) -> list[Finding]:
    """Whether the files say something else than the plan in force."""
    try:
        outcome = plan(store, basis, now=now, dry_run=True)
    except Refused as refused:
        return [Finding("watch:unplanned", f"日历文件改动后还没有编排：{refused.sentence}")]
    changes = outcome.added + len(outcome.moved) + len(outcome.withdrawn)
    if not changes:
        return []
    said = f"日历文件改动后还没有编排，有{changes}处不同。请运行 suishi plan；不处理的话，明早自动编排。"
    return [Finding("watch:unplanned", said)]


def _next_year(basis: PlanBasis, now: datetime) -> list[Finding]:
    """The notice comes out in autumn; from December on its absence is a fault."""
    local = now.astimezone(basis.tz)
    year = local.year + 1
    if local.month < NOTICE_BY or not basis.workdays.is_provisional(year):
        return []
    said = f"{year}年的放假通知还没有导入，明年的日期都是暂定。请把国务院办公厅的通知存成文件，运行 suishi holidays import。"
    return [Finding(f"watch:provisional-{year}", said)]


def _backup(newest: datetime | None, now: datetime) -> list[Finding]:
    if newest is None or now - newest <= STALE_BACKUP:
        return []
    hours = int((now - newest).total_seconds() // 3600)
    return [Finding("watch:stale-backup", f"最近一次备份已是{hours}小时之前。请看备份流程是否在运行，磁盘是否有空间。")]


def _first_unseen(db: Connection) -> int:
    """From which message on to look: what had ended at the last watch was in order then, and never changes."""
    sign = last_watch(db)
    return max(_newest(db) - NEWEST, 0 if sign is None else sign.looked_through)


def _newest(db: Connection) -> int:
    return int(db.execute(select(func.max(messages.c.id))).scalar_one() or 0)


def _count(db: Connection, *conditions: ColumnElement[bool] | TextClause) -> int:
    return db.execute(select(func.count()).where(*conditions)).scalar_one()
