"""Staff links: one per assignment, derived from the app key, so that only a digest of the token is kept.

A token is 26 characters of base32: 130 bits of HMAC-SHA256 over the assignment and the link's serial number. Raising
the serial revokes what was sent before. Whoever reads the database cannot make a token without the key.

Who stands in for the person reads another token for the same link, made for himself: what he does with it is recorded
as his doing, and a stand-in's own work cannot be signed off in the name of whom he stands in for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from models.message import messages
from models.occurrence import OccurrenceState, assignments, occurrences
from models.office import people
from models.store import Store
from models.upkeep import links
from planning.duty import Role
from planning.reference import reference
from services.errors import Refused
from services.waiting import chunks

AFTER_DUE = timedelta(days=30)
LONGEST = timedelta(days=180)
_TOKEN_LENGTH = 26
_STAND_INS_TOKEN = re.compile(r"r(\d{1,9})-[a-z2-7]{26}")
_NOBODY = ("", "")

# What runs for each link in each message, built once.
_OF_ASSIGNMENT = select(links).where(links.c.assignment_id == bindparam("assignment"))
_NEW = insert(links).returning(links.c.id)


@dataclass(frozen=True, slots=True)
class LinkedAssignment:
    """Whose link it is and what it is about."""

    assignment_id: int
    occurrence_id: int
    ref: str
    person: str
    name: str
    role: str
    reader: str = ""  # person key of the stand-in for whom the token was made; empty: the person himself
    reader_name: str = ""

    @property
    def acting(self) -> str:
        """The key of whoever holds the link in his hands."""
        return self.reader or self.person


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link as a message carries it: enough to derive the token again, nothing to use by itself."""

    id: int
    serial: int


def token_of(link_key: bytes, assignment_id: int, serial: int, reader: str = "") -> str:
    """The secret part of the address. Equal input gives the equal token, in a rehearsal as in earnest.

    ``reader`` is the person key of a stand-in. His token names the assignment, because no digest of it is kept.
    """
    if reader:
        return f"r{assignment_id}-{_secret(link_key, f'stand-in.v1|{assignment_id}|{serial}|{reader}')}"
    return _secret(link_key, f"link.v1|{assignment_id}|{serial}")


def _secret(link_key: bytes, about: str) -> str:
    digest = hmac.new(link_key, about.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii")[:_TOKEN_LENGTH].lower()


def expiry(due_at: datetime, *, now: datetime) -> datetime:
    """30 days after the due moment, or from now when that is past; never more than 180 days ahead."""
    return min(max(due_at, now) + AFTER_DUE, now + LONGEST)


def ensure_link(db: Connection, assignment_id: int, *, link_key: bytes, now: datetime, expires_at: datetime) -> SentLink:
    """The assignment's link, made or prolonged. A revoked one comes back under a new serial."""
    known = db.execute(_OF_ASSIGNMENT, {"assignment": assignment_id}).one_or_none()
    if known is None:
        fresh = {
            "assignment_id": assignment_id,
            "serial": 0,
            "token_sha256": _digest(token_of(link_key, assignment_id, 0)),
            "created_at": now,
            "expires_at": expires_at,
            "revoked_at": None,
        }
        made = db.execute(_NEW, fresh).scalar_one()
        return SentLink(made, 0)
    serial = known.serial if known.revoked_at is None else known.serial + 1
    digest = _digest(token_of(link_key, assignment_id, serial))  # differs from the row's after a change of the key
    until = max(known.expires_at, expires_at)
    if (serial, digest, until) != (known.serial, known.token_sha256, known.expires_at):
        changed = {"serial": serial, "token_sha256": digest, "expires_at": until, "revoked_at": None}
        db.execute(update(links).where(links.c.id == known.id).values(changed))
    return SentLink(known.id, serial)


def revoke_link(db: Connection, assignment_id: int, *, now: datetime) -> bool:
    """End what was sent so far. Whether there was a link to revoke."""
    revoked = update(links).where(links.c.assignment_id == assignment_id, links.c.revoked_at.is_(None)).values(revoked_at=now)
    return db.execute(revoked).rowcount == 1


def end_links_of(db: Connection, person: str, *, now: datetime) -> int:
    """End all that was sent so far to the person, for work of his own or in whose place he stood in; how many links.

    The next reminder of each carries a new one. A link that another reads as well, whom he stands in for, ends for both.
    """
    own = select(assignments.c.id).where(assignments.c.person == person)
    sent = select(messages.c.links).where(messages.c.person == person, messages.c.built_at > now - LONGEST)
    stood_in = {
        entry["assignment"] for carried in db.execute(sent).scalars() for entry in carried if entry.get("reader") == person
    }
    live = update(links).where(links.c.revoked_at.is_(None), links.c.expires_at > now)
    ended = db.execute(live.where(links.c.assignment_id.in_(own)).values(revoked_at=now)).rowcount
    for some in chunks(sorted(stood_in)):
        ended += db.execute(live.where(links.c.assignment_id.in_(some)).values(revoked_at=now)).rowcount
    return ended


def find_link(store: Store, token: str, *, now: datetime, link_key: bytes = b"") -> LinkedAssignment:
    """Whose link this is. Raises Refused (unknown_link, expired_link, revoked_link); nothing is written.

    Without the key a stand-in's token is not known.
    """
    columns = (
        links.c.serial,
        links.c.expires_at,
        links.c.revoked_at,
        assignments.c.id.label("assignment_id"),
        assignments.c.occurrence_id,
        assignments.c.person,
        assignments.c.name,
        assignments.c.role,
        assignments.c.active,
        occurrences.c.duty_key,
        occurrences.c.period,
        occurrences.c.state,
    )
    joined = links.join(assignments, assignments.c.id == links.c.assignment_id).join(
        occurrences, occurrences.c.id == assignments.c.occurrence_id
    )
    with store.read() as db:
        wanted = select(*columns).select_from(joined)
        stand_in = _STAND_INS_TOKEN.fullmatch(token.strip().lower())
        if stand_in is None:
            row = db.execute(wanted.where(links.c.token_sha256 == _digest(token))).one_or_none()
            reader = _NOBODY
        else:
            row = db.execute(wanted.where(links.c.assignment_id == int(stand_in[1]))).one_or_none()
            reader = _reader_of(db, row, token, link_key) if row is not None and link_key else _NOBODY
            row = row if reader != _NOBODY else None
        gone = row is not None and not row.active and row.state == OccurrenceState.OPEN
        owners = _owners(db, row.occurrence_id) if row is not None and gone else ""
    if row is None:
        raise Refused("链接无效，可能没有复制完整。请从最近一条提醒中重新打开，或与管理员联系。", code="unknown_link")
    if gone:  # said before its revocation, which came with it: who pressed 移交 twice reads that it worked
        present = f"，现由{owners}承办" if owners else ""
        raise Refused(f"这项工作已不由{row.name}承办{present}，链接已停用。如有疑问，请与管理员联系。", code="revoked_link")
    if row.revoked_at is not None:
        raise Refused("这个链接已经停用。请使用最近一条提醒中的链接，或与管理员联系。", code="revoked_link")
    if row.expires_at <= now:
        raise Refused("链接已经过期。请使用最近一条提醒中的链接，或请管理员代为登记。", code="expired_link")
    ref = reference(row.duty_key, row.period)
    return LinkedAssignment(row.assignment_id, row.occurrence_id, ref, row.person, row.name, row.role, *reader)


def _owners(db: Connection, occurrence_id: int) -> str:
    now = select(assignments.c.name).where(assignments.c.occurrence_id == occurrence_id, assignments.c.active)
    return "、".join(db.execute(now.where(assignments.c.role == Role.OWNER).order_by(assignments.c.id)).scalars())


def _reader_of(db: Connection, row: Row[Any], token: str, link_key: bytes) -> tuple[str, str]:
    """The key and name of the stand-in for whom the token was made: everybody in the office is tried."""
    sent = token.strip().lower().encode()
    for one in db.execute(select(people.c.key, people.c.name)):
        if hmac.compare_digest(sent, token_of(link_key, row.assignment_id, row.serial, one.key).encode()):
            return one.key, one.name
    return _NOBODY


def _digest(token: str) -> str:
    return hashlib.sha256(token.strip().lower().encode()).hexdigest()
