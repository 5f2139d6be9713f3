"""Whether the database is sound, and when it was last worked with. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from models.gate import HEAD, schema_version
from models.message import messages
from models.reminder import reminders
from models.schema import missing_tables, missing_triggers
from models.store import Store
from models.upkeep import facts


@dataclass(frozen=True, slots=True)
class Health:
    """``faults`` are Chinese sentences; empty means sound."""

    dialect: str
    schema: str
    faults: tuple[str, ...]
    planned_reminders: int
    waiting_messages: int
    last_tick: datetime | None


def health(store: Store) -> Health:
    """One quick look at the whole: structure, triggers, SQLite's own check, what waits, when the last tick was."""
    version = schema_version(store)
    faults: list[str] = []
    if version != HEAD:
        faults.append(f"数据库的结构版本是 {version}，程序需要 {HEAD}")
    with store.read() as db:
        faults += [f"缺少数据表 {name}" for name in missing_tables(db)]
        faults += [f"缺少保护记录的触发器 {name}" for name in missing_triggers(db)]
        if store.dialect == "sqlite":
            said = [str(line) for (line,) in db.execute(text("PRAGMA quick_check(3)"))]
            faults += [f"数据库文件有损坏：{line}" for line in said if line != "ok"]
        planned = db.execute(select(func.count()).where(reminders.c.state == "planned")).scalar_one()
        waiting = db.execute(select(func.count()).where(messages.c.state.in_(("pending", "leased")))).scalar_one()
        last = db.execute(select(facts.c.at).where(facts.c.name == "last_tick")).scalar_one_or_none()
    return Health(store.dialect, version or "", tuple(faults), planned, waiting, last)
