"""The line of each workday's morning: 系统正常, with figures that add up. Its absence is the alarm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from models.office import plans
from models.record import log_entries
from models.upkeep import problems
from notifications.letter import Written
from notifications.office_texts import OfficeLetter, write_daily
from planning.basis import DeliveryPolicy
from planning.chain import short_code
from planning.instants import instant
from planning.problem_kinds import ADVICE
from planning.wording import day_name
from services.balance import Balance, count_due, stated_holds, still_open_before
from services.facts import read_fact, write_fact
from services.letters import lock_numbering
from services.office_message import add_office_message
from services.office_messages import DAILY, ENDED, take_ended
from services.office_readers import Place, advise_of_single_channels, office_places
from services.watch_signs import WatchSign, last_watch

TOLD_FROM = time(8, 30)
"""Local time from which the first tick of a workday tells."""

FACT = "daily"
CLOCK_HOLD = "hold:clock"


def build_daily(db: Connection, policy: DeliveryPolicy, *, now: datetime, channels: Collection[str] | None = None) -> bool:
    """Build today's line if it is time and it was not built; whether it was. In the caller's transaction.

    It goes to the first address of the admin, or of his second where he has none that is open. ``channels`` are the
    names of the open ones; without it all count as open.
    """
    local = now.astimezone(policy.tz)
    today = local.date()
    if not policy.admin or local.time() < TOLD_FROM or not policy.workdays.is_workday(today):
        return False
    last = read_fact(db, FACT)
    if last is not None and last["day"] == today.isoformat():
        return False
    if CLOCK_HOLD in stated_holds(db):
        return False  # a line of the day would bear the wrong day
    lock_numbering(db)
    advise_of_single_channels(db, policy, now=now)
    opened = _named(policy) if channels is None else channels
    place = next((found[0] for found in office_places(db, policy, opened, now=now).values() if found), None)
    if place is None:
        return False  # the day's line is told late rather than counted as told
    first = _first_day(last, today)
    if not _tell(db, place, policy, first=first, now=now):
        return False
    write_fact(db, FACT, {"day": today.isoformat()}, now=now)
    return True


def _tell(db: Connection, place: Place, policy: DeliveryPolicy, *, first: date, now: datetime) -> bool:
    open_problems = _open_problems(db)
    ended = take_ended(db)
    figures = _figures(db, policy, first=first, now=now)
    day = f"{DAILY}{now.astimezone(policy.tz).date().isoformat()}"

    def write(letter: OfficeLetter) -> Written:
        return write_daily(letter, figures, open_problems, tuple(ended.values()))

    about = [day, *(f"{ENDED}{key}" for key in ended)]
    return add_office_message(db, place, write, about=about, dedupe=(day,), policy=policy, now=now)


def _figures(db: Connection, policy: DeliveryPolicy, *, first: date, now: datetime) -> Sequence[str]:
    """Whole days up to yesterday: what falls due this very morning is tomorrow's figure."""
    today = now.astimezone(policy.tz).date()
    since, until = (instant(day, time(), policy.tz) for day in (first, today))
    begun = _begun(db)
    if begun is not None and begun >= until:
        return [*_just_begun(db, policy, begun), _anchor(db)]
    lines = [f"{_days(first, today - timedelta(days=1))}{due_sentence(count_due(db, since=since, until=until))}。"]
    earlier = still_open_before(db, since)
    if earlier:
        lines.append(f"更早到时、仍在等待的提醒：{earlier}条。")
    if stated_holds(db):
        lines.append("发送现在按规定暂停，原因见问题清单。")
    if policy.nobody_receives:
        lines.append("现在只有发件箱渠道，消息只写成文件，没有人会收到。请在 channels.yaml 里写上真的渠道。")
    sign = last_watch(db)
    return [*lines, _backup(sign, policy, now), _watched(sign, policy), _anchor(db)]


def _begun(db: Connection) -> datetime | None:
    """When the year was planned for the first time: before that there was nothing to send."""
    begun: datetime | None = db.execute(select(plans.c.at).order_by(plans.c.id).limit(1)).scalar_one_or_none()
    return begun


def _just_begun(db: Connection, policy: DeliveryPolicy, begun: datetime) -> Sequence[str]:
    """On its first day the system has no yesterday, and neither its backup nor its watch has had its hour."""
    lines = [f"{_clock(begun, policy)}刚刚启用，还没有可以报的数；下一个工作日起报前一天的应发和实发。"]
    waiting = still_open_before(db, begun)
    if waiting:
        lines.append(f"启用时已经过了提醒时刻的：{waiting}条，正在一并补发。")
    return [*lines, "备份和巡查还没有到第一次的时间，明天起写在这里。"]


def due_sentence(balance: Balance) -> str:
    """应发、实发、待发、失败 always; the other ends where there are any, so that the numbers add up as they stand."""
    parts = [f"应发{balance.due}条", f"实发{balance.sent}条", f"待发{balance.open}条", f"失败{balance.failed}条"]
    rest = (
        ("并入其他提醒", balance.folded),
        ("已无需提醒", balance.cancelled),
        ("因改期作废", balance.superseded),
        ("过时未发", balance.expired),
    )
    return "，".join((*parts, *(f"{words}{count}条" for words, count in rest if count)))


def _backup(sign: WatchSign | None, policy: DeliveryPolicy, now: datetime) -> str:
    if sign is None or sign.newest_backup is None:
        return "最近备份：没有看到备份。"
    hours = int((now - sign.newest_backup).total_seconds() // 3600)
    return f"最近备份：{_clock(sign.newest_backup, policy)}（{hours}小时前）。"


def _watched(sign: WatchSign | None, policy: DeliveryPolicy) -> str:
    if sign is None or sign.at is None:
        return "最近巡查：还没有运行过。"
    return f"最近巡查：{_clock(sign.at, policy)}。"


def _anchor(db: Connection) -> str:
    """The head of the completion log: kept in a mailbox, it shows a tail cut off later (RELIABILITY 3)."""
    newest = select(log_entries.c.seq, log_entries.c.hash).order_by(log_entries.c.seq.desc()).limit(1)
    row = db.execute(newest).one_or_none()
    return "完成记录：还没有条目" if row is None else f"完成记录：第{row.seq}条，校验码 {short_code(row.hash)}"


def _open_problems(db: Connection) -> int:
    wanted = select(func.count()).select_from(problems).where(problems.c.closed_at.is_(None), problems.c.kind != ADVICE)
    return int(db.execute(wanted).scalar_one())


def _first_day(last: dict[str, str] | None, today: date) -> date:
    """The day after the last one told; the first line tells of yesterday. A clock that went back tells nothing twice."""
    yesterday = today - timedelta(days=1)
    return yesterday if last is None else min(date.fromisoformat(last["day"]), today)


def _days(first: date, last: date) -> str:
    return day_name(last) if first >= last else f"{day_name(first)}至{day_name(last)}"


def _named(policy: DeliveryPolicy) -> set[str]:
    return {destination.channel for listed in policy.destinations.values() for destination in listed}


def _clock(moment: datetime, policy: DeliveryPolicy) -> str:
    local = moment.astimezone(policy.tz)
    return f"{day_name(local.date())} {local:%H:%M}"
