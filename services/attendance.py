"""Signing in at a session (签到): with the code shown on the wall, or written down by who records.

The code is derived from the app key, the occurrence and the minute: nothing is stored for it, it changes every two
minutes, and a photograph of it is worth nothing after four.

The completion log hears of the sheet when the session is recorded: its entry tells how many are on it, with a digest of
every line (``sheet_for_log``). Whoever comes onto a sheet that was told before, or leaves it, has an entry of his own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from models.columns import insert_new
from models.gathering import attendances
from models.occurrence import OccurrenceState, occurrences
from models.record import log_entries
from models.store import Store
from planning.acts import CLOSING, GUEST, Act
from planning.attendance import IN_LOG, SheetLine, SheetMark, mark_of
from planning.instants import utc_text
from planning.reference import reference
from services.errors import Refused
from services.held import hold, plain_text, ref_of, write_entry

SLOT = timedelta(minutes=2)
TICKET_LASTS = timedelta(minutes=15)
"""How long somebody who opened the page may take to find his name."""

NAME_LIMIT = 40
_CODE = re.compile(r"(\d{1,10})-([a-z2-7]{20})")
"""Of the wall and of the form: a number and what proves it. Ten digits of seconds last until the year 2286."""

_OLD_SLOTS = 1


@dataclass(frozen=True, slots=True)
class Gathering:
    """What the code on the wall is for."""

    occurrence_id: int
    ref: str
    title: str


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who is there. ``person`` is empty for a guest, who is known by his name alone."""

    person: str
    name: str
    unit_name: str = ""


def wall_code(link_key: bytes, occurrence_id: int, *, now: datetime) -> str:
    """What the QR code on the wall leads to, in this two minutes."""
    return f"{occurrence_id}-{_mac(link_key, 'wall', occurrence_id, _slot(now))}"


def read_wall_code(store: Store, link_key: bytes, code: str, *, now: datetime) -> Gathering:
    """Raises Refused: stale_code, gathering_over."""
    found = _CODE.fullmatch(code.strip().lower())
    number = int(found[1]) if found else 0
    fresh = (_mac(link_key, "wall", number, _slot(now) - back) for back in range(_OLD_SLOTS + 1))
    if found is None or not any(hmac.compare_digest(found[2], one) for one in fresh):
        raise Refused("签到码已经更换。请再扫一次会场屏幕上的二维码。", code="stale_code")
    return gathering(store, number)


def gathering(store: Store, occurrence_id: int) -> Gathering:
    """Raises Refused: gathering_over."""
    with store.read() as db:
        row = db.execute(select(occurrences).where(occurrences.c.id == occurrence_id)).one_or_none()
    if row is None or row.state != OccurrenceState.OPEN:
        raise Refused("这次活动已经登记办结，不能再签到。有遗漏的话请告诉组织的人。", code="gathering_over")
    return Gathering(row.id, reference(row.duty_key, row.period), row.title)


def ticket(link_key: bytes, occurrence_id: int, *, now: datetime) -> str:
    """For the form behind the code: it outlives the code on the wall by as long as typing takes."""
    made = int(now.timestamp())
    return f"{made}-{_mac(link_key, 'ticket', occurrence_id, made)}"


def ticket_fits(link_key: bytes, occurrence_id: int, sent: str, *, now: datetime) -> bool:
    found = _CODE.fullmatch(sent)
    made = int(found[1]) if found else 0
    if found is None or not timedelta(0) <= now - datetime.fromtimestamp(made, tz=now.tzinfo) <= TICKET_LASTS:
        return False
    return hmac.compare_digest(found[2], _mac(link_key, "ticket", occurrence_id, made))


def attend(store: Store, ref: str, who: Attendee, *, via: str, recorded_by: str = "", now: datetime) -> bool:
    """Whether this one is new; who signed in before, or was taken off by mistake, is there once. Raises Refused."""
    name = plain_text(who.name, what="姓名")
    if not name or len(name) > NAME_LIMIT:
        raise Refused(f"请填写姓名，不超过{NAME_LIMIT}个字。", code="name_missing")
    unit_name = plain_text(who.unit_name, what="单位")[:NAME_LIMIT]

    def work(db: Connection) -> bool:
        held = _open(db, ref)
        row = {
            "occurrence_id": held.id,
            "who": who.person or name,
            "name": name,
            "unit_name": unit_name,
            "at": now,
            "via": via,
            "recorded_by": recorded_by,
            "withdrawn_at": None,
        }
        if not _write_down(db, row):
            return False
        actor = recorded_by or who.person or GUEST
        _tell_log(db, held, Act.ATTENDANCE_ADDED, row, actor=actor, via=via, now=now)
        return True

    return store.transact(work)


def take_off(store: Store, ref: str, attendance_id: int, *, by: str, now: datetime) -> None:
    """Somebody was written down by mistake. The row stays and says so. Raises Refused: unknown_attendance."""

    def work(db: Connection) -> None:
        held = _open(db, ref)
        mine = update(attendances).where(attendances.c.id == attendance_id, attendances.c.occurrence_id == held.id)
        taken_off = mine.where(attendances.c.withdrawn_at.is_(None)).values(withdrawn_at=now).returning(attendances)
        row = db.execute(taken_off).one_or_none()
        if row is None:
            raise Refused("这一条已经不在签到表里。请刷新页面再看。", code="unknown_attendance")
        _tell_log(db, held, Act.ATTENDANCE_TAKEN_OFF, row._asdict(), actor=by, via="page", now=now)

    store.transact(work)


def sheet_for_log(db: Connection, occurrence_id: int) -> dict[str, object]:
    """What an entry says of the sheet as it stands, in the transaction that holds the occurrence."""
    return {IN_LOG: _sheet(db, occurrence_id).for_log()}


def _sheet(db: Connection, occurrence_id: int) -> SheetMark:
    rows = db.execute(select(attendances).where(attendances.c.occurrence_id == occurrence_id))
    return mark_of(
        SheetLine(
            who=row.who,
            name=row.name,
            unit_name=row.unit_name,
            at=utc_text(row.at),
            via=row.via,
            recorded_by=row.recorded_by,
            withdrawn_at=None if row.withdrawn_at is None else utc_text(row.withdrawn_at),
        )
        for row in rows
    )


def _write_down(db: Connection, row: dict[str, Any]) -> bool:
    """Whether it changed the sheet."""
    added = insert_new(db, attendances).values(row).on_conflict_do_nothing(index_elements=["occurrence_id", "who"])
    if db.execute(added.returning(attendances.c.id)).first() is not None:
        return True
    mine = update(attendances).where(attendances.c.occurrence_id == row["occurrence_id"], attendances.c.who == row["who"])
    return db.execute(mine.where(attendances.c.withdrawn_at.is_not(None)).values(row)).rowcount == 1


def _tell_log(db: Connection, held: Row[Any], act: Act, row: Mapping[str, Any], *, actor: str, via: str, now: datetime) -> None:
    """Only of a sheet that an entry told before.

    While people come in the log is left alone: nobody would read it among two hundred names, and what a stranger with
    the code types must not fill what is never deleted (docs/decisions/0005).
    """
    told = select(log_entries.c.seq).where(log_entries.c.subject == ref_of(held), log_entries.c.kind.in_(CLOSING)).limit(1)
    if db.execute(told).first() is None:
        return
    payload = {name: row[name] for name in ("who", "name", "unit_name")} | sheet_for_log(db, held.id)
    write_entry(db, held, kind=act, actor=actor, via=via, now=now, payload=payload)


def _open(db: Connection, ref: str) -> Row[Any]:
    held = hold(db, ref)
    if held.state != OccurrenceState.OPEN:
        raise Refused("这次活动已经登记办结，签到表不能再改。要改的话请先撤回办结。", code="gathering_over")
    return held


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // int(SLOT.total_seconds())


def _mac(link_key: bytes, what: str, occurrence_id: int, moment: int) -> str:
    digest = hmac.new(link_key, f"gather.v1|{what}|{occurrence_id}|{moment}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii")[:20].lower()
