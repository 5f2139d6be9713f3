"""A database as the first release left it: rows in every table of migration 0001, and a way to compare them later.

The rows name the columns of that day; the types are those that stand today, so that both databases take the values.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, MetaData, Table, insert, inspect, select
from sqlmodel import SQLModel

from models.store import Store
from planning.chain import GENESIS, canonical, entry_hash

AT = datetime(2026, 3, 2, 1, 5, 0, 123456, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 1, 6, tzinfo=UTC)
DAY = date(2026, 3, 6)
_PAYLOAD = canonical({"note": "已学习", "by": "wangmin"})
_WHO = {"at": AT, "actor": "wangmin", "via": "page", "kind": "done", "subject": "study-law:2026-Q1"}
_HASH = entry_hash(seq=1, payload=_PAYLOAD, prev_hash=GENESIS, **_WHO)  # type: ignore[arg-type]  # a bag of known shape


def _message(number: int, state: str, **columns: Any) -> dict[str, Any]:
    usual = {
        "id": number,
        "ref": f"T2603-{number:06}",
        "dedupe_key": f"key-{number}",
        "person": "wangmin",
        "name": "王敏",
        "channel": "mail",
        "rank": 0,
        "address": "wangmin@caohui.example",
        "subject": "【法治建设工作提醒】专题学法",
        "text": "王敏同志：\n请按时办理。",
        "html": "<p>王敏同志</p>",
        "headers": {"Message-ID": f"<T2603-{number:06}@caohui.example>"},
        "links": [{"assignment": 1, "due_on": "2026-03-06"}],
        "state": state,
        "phase": None,
        "built_at": AT,
        "next_at": AT,
        "tries": 1,
        "crashes": 0,
        "ambiguous": 0,
        "lease_token": None,
        "lease_until": None,
        "sent_at": None,
        "provider_id": "",
        "last_error": "",
    }
    return usual | columns


def _reminder(number: int, step: str, state: str, message: int | None) -> dict[str, Any]:
    return {
        "id": number,
        "assignment_id": 1,
        "occurrence_id": 1,
        "step": step,
        "offset": -number,
        "due_epoch": 0,
        "fire_at": AT,
        "say": "",
        "state": state,
        "reason": "",
        "message_id": message,
    }


def _occurrence(number: int, period: str, **columns: Any) -> dict[str, Any]:
    usual = {
        "id": number,
        "duty_key": "study-law",
        "period": period,
        "kind": "study",
        "title": "专题学法",
        "unit": "sifasuo",
        "starts_on": None,
        "nominal_on": DAY,
        "planned_on": DAY,
        "original_due_on": DAY,
        "due_on": DAY,
        "due_at": LATER,
        "due_epoch": 1,
        "provisional": False,
        "awaiting_notice": False,
        "standing": False,
        "silent": False,
        "explanation": "",
        "as_written": "每季度末",
        "extensions": 1,
        "extension_days": 3,
        "state": "open",
        "closed_at": None,
        "done_on": None,
        "late": False,
        "proved": False,
        "sign_off_needed": False,
        "signed_off_at": None,
        "row_version": 2,
        "planned_at": AT,
    }
    return usual | columns


def _attempt(message: int, **columns: Any) -> dict[str, Any]:
    usual = {"message_id": message, "n": 1, "token": "t", "started_at": AT, "data_at": None, "finished_at": None}
    return usual | {"outcome": None, "code": "", "detail": ""} | columns


ROWS: dict[str, list[dict[str, Any]]] = {
    "unit": [{"key": "sifasuo", "name": "司法所", "kind": "office", "parent": None, "position": 1}],
    "person": [
        {"key": "wangmin", "name": "王敏", "title": "司法助理员", "unit": "sifasuo", "position": 1, "left_on": None},
        {"key": "chenxia", "name": "陈霞", "title": "所长", "unit": "sifasuo", "position": 0, "left_on": DAY},
    ],
    "duty": [
        {
            "key": "study-law",
            "kind": "study",
            "title": "专题学法",
            "basis": "学法制度",
            "basis_mark": "见",
            "as_written": "每季度末",
            "note": "",
            "ladder": "T-7 T0",
            "evidence": ["签到表"],
            "evidence_required": True,
            "measures": [{"key": "people", "label": "人数"}],
            "sign_off": False,
            "standing": False,
            "zero_report": False,
            "source": "calendar/10-study.yaml:1",
            "position": 0,
            "revision": "r1",
            "fingerprint": "f1",
            "active": True,
            "planned_at": AT,
        }
    ],
    "plan": [
        {"id": 1, "at": AT, "revision": "r1", "added": 2, "moved": 0, "withdrawn": 0, "degraded": False, "problems": ["一处"]}
    ],
    "fact": [{"name": "last_tick", "value": {"中文": [1, None, True]}, "at": AT}],
    "problem": [
        {
            "key": "channel:mail",
            "kind": "channel",
            "text": "发不出",
            "first_at": AT,
            "last_at": LATER,
            "count": 3,
            "closed_at": None,
        },
        {"key": "backup", "kind": "backup", "text": "没有写成", "first_at": AT, "last_at": AT, "count": 1, "closed_at": LATER},
    ],
    "occurrence": [
        _occurrence(1, "2026-Q1"),
        _occurrence(2, "2025-Q4", state="done", closed_at=AT, done_on=DAY, proved=True),
    ],
    "assignment": [
        {
            "id": 1,
            "occurrence_id": 1,
            "person": "wangmin",
            "name": "王敏",
            "role": "owner",
            "active": True,
            "handed": False,
            "since": AT,
            "told_due_on": DAY,
        }
    ],
    "completion": [
        {
            "id": 1,
            "occurrence_id": 2,
            "turn": 1,
            "by": "wangmin",
            "by_name": "王敏",
            "recorded_by": "wangmin",
            "via": "page",
            "at": AT,
            "done_on": DAY,
            "late_workdays": 0,
            "late_days": 0,
            "nothing_to_report": False,
            "measures": {"people": 12},
            "note": "已学习",
        }
    ],
    "due_change": [
        {
            "occurrence_id": 1,
            "due_epoch": 1,
            "from_on": DAY,
            "to_on": date(2026, 3, 9),
            "cause": "extension",
            "reason": "会议改期",
            "at": AT,
        }
    ],
    "evidence": [
        {
            "id": 1,
            "occurrence_id": 2,
            "completion_id": 1,
            "name": "签到表.jpg",
            "stored_as": "ab12.jpg",
            "sha256": "0" * 64,
            "size": 1024,
            "by": "wangmin",
            "at": AT,
        }
    ],
    "link": [
        {
            "id": 1,
            "assignment_id": 1,
            "serial": 1,
            "token_sha256": "1" * 64,
            "created_at": AT,
            "expires_at": LATER,
            "revoked_at": None,
        }
    ],
    "message": [
        _message(1, "sent", sent_at=LATER, provider_id="Q1"),
        _message(2, "pending"),
        _message(3, "leased", phase="data", lease_token="t3", lease_until=LATER),
        _message(4, "failed", last_error="550"),
    ],
    "attempt": [
        _attempt(1, data_at=AT, finished_at=LATER, outcome="accepted", code="250"),
        _attempt(3, token="t3", data_at=AT),
        _attempt(4, finished_at=LATER, outcome="rejected", code="550", detail="no such user"),
    ],
    "reminder": [
        _reminder(1, "T-7", "sent", 1),
        _reminder(2, "T-3", "queued", 2),
        _reminder(3, "T-1", "queued", 3),
        _reminder(4, "T0", "planned", None),
        _reminder(5, "T+1", "failed", 4),
    ],
    "completion_log": [{"seq": 1, **_WHO, "payload": _PAYLOAD, "prev_hash": GENESIS, "hash": _HASH}],
}


def fill(store: Store) -> None:
    """Put the rows into a database that stands at 0001."""
    with store.write() as db:
        for name, rows in ROWS.items():
            db.execute(insert(_table(name)), rows)


def kept(store: Store) -> dict[str, list[dict[str, Any]]]:
    """What the columns of that day hold now, in the order of the keys."""
    found: dict[str, list[dict[str, Any]]] = {}
    with store.read() as db:
        for name in ROWS:
            table = _table(name)
            rows = db.execute(select(table).order_by(*(table.c[key] for key in _keys(name))))
            found[name] = [dict(row._mapping) for row in rows]
    return found


def expected() -> dict[str, list[dict[str, Any]]]:
    return {name: sorted(rows, key=lambda row: [row[key] for key in _keys(name)]) for name, rows in ROWS.items()}


def _keys(name: str) -> list[str]:
    return [column.name for column in SQLModel.metadata.tables[name].primary_key]


def tables_of(store: Store) -> set[str]:
    with store.read() as db:
        return set(inspect(db).get_table_names()) - {"alembic_version"}


def _table(name: str) -> Table:
    """Only the columns of that day: a statement must not name, nor fill with a default, what came later."""
    today = SQLModel.metadata.tables[name]
    return Table(name, MetaData(), *(Column(key, today.c[key].type) for key in ROWS[name][0]))
