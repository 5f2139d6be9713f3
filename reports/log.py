"""The completion log: its entries, its export, and (``verify``) whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from models.record import log_entries
from models.store import Store
from planning.chain import short_code
from reports.log_instants import UNREADABLE, entries_as_written, read_instant, walk_entries, written_instant
from reports.snapshot import snapshot
from reports.verification import HONEST_CLAIM, NO_ANCHOR, Verification, parse_anchor, verify

__all__ = [
    "HONEST_CLAIM",
    "NO_ANCHOR",
    "Head",
    "Log",
    "LogLine",
    "Verification",
    "entries_of",
    "every_entry",
    "export_log",
    "head",
    "log",
    "newest_entries",
    "parse_anchor",
    "verify",
]


@dataclass(frozen=True, slots=True)
class LogLine:
    seq: int
    at: datetime
    actor: str  # person key, or "system"
    via: str
    kind: str
    subject: str
    payload: str  # the canonical JSON text that was hashed
    prev_hash: str
    hash: str

    @property
    def code(self) -> str:
        return short_code(self.hash)


@dataclass(frozen=True, slots=True)
class Log:
    lines: tuple[LogLine, ...]  # newest first
    total: int


@dataclass(frozen=True, slots=True)
class Head:
    """What mails and printed pages carry: 完成记录：第 N 条，校验码 …."""

    seq: int
    code: str

    @property
    def sentence(self) -> str:
        return f"完成记录：第{self.seq}条，校验码 {self.code}" if self.seq else "完成记录：还没有条目"


def log(store: Store, *, subject: str | None = None, limit: int | None = 50, offset: int = 0) -> Log:
    """Entries, newest first; of one occurrence when ``subject`` is its reference."""
    wanted = [log_entries.c.subject == subject] if subject is not None else []
    with snapshot(store) as db:
        total = int(db.execute(select(func.count()).select_from(log_entries).where(*wanted)).scalar_one())
        page = entries_as_written(db).where(*wanted).order_by(log_entries.c.seq.desc()).limit(limit).offset(offset)
        return Log(tuple(_line(row) for row in db.execute(page)), total)


@contextmanager
def every_entry(store: Store) -> Iterator[tuple[int, Iterator[LogLine]]]:
    """How many there are, and they themselves, oldest first, all of one moment of the database."""
    with snapshot(store) as db:
        total = int(db.execute(select(func.count()).select_from(log_entries)).scalar_one())
        yield total, (_line(row) for row in walk_entries(db))


def entries_of(db: Connection, subject: str) -> tuple[LogLine, ...]:
    """The entries of one occurrence, oldest first."""
    mine = entries_as_written(db).where(log_entries.c.subject == subject).order_by(log_entries.c.seq)
    return tuple(_line(row) for row in db.execute(mine))


def newest_entries(db: Connection, subjects: Sequence[str]) -> tuple[LogLine, ...]:
    """The newest entry of each occurrence that has one."""
    newest = select(func.max(log_entries.c.seq)).where(log_entries.c.subject.in_(subjects)).group_by(log_entries.c.subject)
    return tuple(_line(row) for row in db.execute(entries_as_written(db).where(log_entries.c.seq.in_(newest))))


def head(store: Store) -> Head:
    """The newest entry: the anchor of everything before it."""
    newest = select(log_entries.c.seq, log_entries.c.hash).order_by(log_entries.c.seq.desc()).limit(1)
    with store.read() as db:
        row = db.execute(newest).one_or_none()
    return Head(0, "") if row is None else Head(row.seq, short_code(row.hash))


def export_log(store: Store) -> Iterator[str]:
    """The whole log as lines of JSON, for an auditor's own check (deploy/verify_log.py)."""
    with snapshot(store) as db:
        for row in walk_entries(db):
            values = {**row._asdict(), "at": written_instant(row.at)}
            yield json.dumps(values, ensure_ascii=False, sort_keys=True)


def _line(row: Row[Any]) -> LogLine:
    at = read_instant(row.at) or UNREADABLE
    return LogLine(row.seq, at, row.actor, row.via, row.kind, row.subject, row.payload, row.prev_hash, row.hash)
