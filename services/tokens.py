"""Tokens for calendar feeds and for other programs: 160 random bits, shown once, kept as a digest, revocable."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from models.access import access_tokens, accounts
from models.store import Store
from planning.access import AccountRole, TokenKind
from services.errors import Refused

_BYTES = 20


@dataclass(frozen=True, slots=True)
class FoundToken:
    kind: TokenKind
    subject: str


@dataclass(frozen=True, slots=True)
class ProgramAccount:
    """The account for which a program acts, as it stands now."""

    account_id: int
    person: str
    name: str
    role: AccountRole
    scope: str | None


def make_token(
    store: Store, kind: TokenKind, subject: str, *, note: str, by: str, now: datetime, expires_at: datetime | None = None
) -> str:
    """The token itself: the only time that it is seen. A new address of a person's own feed ends the one before."""
    token = b32encode(secrets.token_bytes(_BYTES)).decode("ascii").lower()
    row = {
        "kind": kind,
        "subject": subject,
        "note": note,
        "token_sha256": _digest(token),
        "created_at": now,
        "created_by": by,
        "expires_at": expires_at,
        "revoked_at": None,
    }

    def work(db: Connection) -> None:
        if kind is TokenKind.PERSON_FEED:
            _revoke(db, access_tokens.c.kind == kind, access_tokens.c.subject == subject, now=now)
        db.execute(insert(access_tokens), row)

    store.transact(work)
    return token


def find_token(store: Store, token: str, *, now: datetime) -> FoundToken | None:
    """None for one that is unknown, over or revoked. Writes nothing."""
    current = or_(access_tokens.c.expires_at.is_(None), access_tokens.c.expires_at > now)
    query = select(access_tokens).where(
        access_tokens.c.token_sha256 == _digest(token), access_tokens.c.revoked_at.is_(None), current
    )
    with store.read() as db:
        row = db.execute(query).one_or_none()
    return None if row is None else FoundToken(TokenKind(row.kind), row.subject)


def program_account(store: Store, token: str, *, now: datetime) -> ProgramAccount | None:
    """For whom the program acts; None for a token of another kind and for an account that may not come in."""
    found = find_token(store, token, now=now)
    if found is None or found.kind is not TokenKind.PROGRAM:
        return None
    query = select(accounts).where(accounts.c.person == found.subject, accounts.c.disabled_at.is_(None))
    with store.read() as db:
        row = db.execute(query).one_or_none()
    return None if row is None else ProgramAccount(row.id, row.person, row.name, AccountRole(row.role), row.scope)


def revoke_token(store: Store, token_id: int, *, of: str | None, now: datetime) -> None:
    """``of``: the person whose token it must be; None for the admin. Raises Refused: unknown_token."""

    def work(db: Connection) -> None:
        mine = [access_tokens.c.id == token_id]
        if of is not None:
            mine.append(or_(access_tokens.c.created_by == of, access_tokens.c.subject == of))
        if not _revoke(db, *mine, now=now):
            raise Refused("没有这个地址，或者已经停用。", code="unknown_token")

    store.transact(work)


def _revoke(db: Connection, *which: object, now: datetime) -> int:
    those = update(access_tokens).where(access_tokens.c.revoked_at.is_(None), *which)  # type: ignore[arg-type]  # conditions
    return db.execute(those.values(revoked_at=now)).rowcount


def _digest(token: str) -> str:
    return hashlib.sha256(token.strip().lower().encode()).hexdigest()
