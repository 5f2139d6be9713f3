"""That the watch itself is alive: it leaves a sign each time, and the tick looks whether the last one is too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.facts import read_fact, write_fact
from services.problems import close_problem, report_problem

LAST_WATCH = "last_watch"
SILENT = "watch:silent"
SILENT_AFTER = timedelta(hours=24)

_LAST_TICK = "last_tick"
_TICKS_GO_ON = timedelta(hours=1)
"""A machine that was switched off over the weekend has no silent watch: it has just begun."""


@dataclass(frozen=True, slots=True)
class WatchSign:
    """When the watch last looked (None: never), since when it is waited for, and the newest backup it saw."""

    at: datetime | None
    awaited_since: datetime
    newest_backup: datetime | None = None
    looked_through: int = 0  # messages below this number had ended and were found in order


def note_watch(db: Connection, *, now: datetime, newest_backup: datetime | None = None, looked_through: int = 0) -> None:
    """The watch has looked."""
    _write(db, WatchSign(now, now, newest_backup, looked_through), now=now)
    close_problem(db, key=SILENT, now=now)


def silent_watch(db: Connection, *, now: datetime) -> str:
    """For the tick: the problem's sentence when nobody has watched for a day, else empty. Opens and closes the problem."""
    sign = last_watch(db)
    if sign is None:
        _write(db, WatchSign(None, now), now=now)
        return ""
    if now - sign.awaited_since <= SILENT_AFTER:
        return ""
    if not _ticks_went_on(db, now):
        return ""
    seen = "还没有运行过" if sign.at is None else f"已有{int((now - sign.awaited_since).total_seconds() // 3600)}小时没有运行"
    text = f"巡查{seen}，卡住的提醒和过期的备份无人发现。请看 suishi up 和流程页面里的“巡查”是否在运行。"
    report_problem(db, key=SILENT, kind="watch", text=text, now=now)
    return text


def last_watch(db: Connection) -> WatchSign | None:
    value = read_fact(db, LAST_WATCH)
    if value is None:
        return None
    backup, at = value["newest_backup"], value["at"]
    return WatchSign(
        None if at is None else datetime.fromisoformat(at),
        datetime.fromisoformat(value["awaited_since"]),
        None if backup is None else datetime.fromisoformat(backup),
        int(value["looked_through"]),
    )


def _ticks_went_on(db: Connection, now: datetime) -> bool:
    last = read_fact(db, _LAST_TICK)
    return last is not None and now - datetime.fromisoformat(last) <= _TICKS_GO_ON


def _write(db: Connection, sign: WatchSign, *, now: datetime) -> None:
    value = {
        "at": None if sign.at is None else sign.at.isoformat(),
        "awaited_since": sign.awaited_since.isoformat(),
        "newest_backup": None if sign.newest_backup is None else sign.newest_backup.isoformat(),
        "looked_through": sign.looked_through,
    }
    write_fact(db, LAST_WATCH, value, now=now)
