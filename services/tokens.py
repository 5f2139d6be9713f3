"""Tokens for calendar feeds and for other programs: 160 random bits, shown once, kept as a digest, revocable.

Each has a holder, without whose account it is worth nothing: of a person's own feed the person, of a program whom it acts
for, of a unit's feed who made it, for nobody else was shown its address.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, insert, or_, select, update

from models.access import access_tokens, accounts
from models.store import Store
from planning.access import AccountRole, TokenKind
from services.errors import Refused

_BYTES = 20
_HIGHEST_ID = 2**31 - 1  # a larger number fits into no column, and the drivers fail over it


_holder = case((access_tokens.c.kind == TokenKind.UNIT_FEED, access_tokens.c.created_by), else_=access_tokens.c.subject)
"""Person key."""


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The account with whose rights a token is used, as it stands now."""

    account_id: int
    person: str
    name: str
    role: AccountRole
    scope: str | None


@dataclass(frozen=True, slots=True)
class FoundToken:
    kind: TokenKind
    subject: str
    holder: TokenHolder | None  # None: a person without an account, who has a feed all the same


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
            db.execute(select(accounts.c.id).where(accounts.c.person == subject).with_for_update())  # one after the other
            _revoke(db, access_tokens.c.kind == kind, access_tokens.c.subject == subject, now=now)
        db.execute(insert(access_tokens), row)

    store.transact(work)
    return token


def find_token(store: Store, token: str, *, now: datetime) -> FoundToken | None:
    """None for one that is unknown, over or revoked, and for one whose holder's account is disabled. Writes nothing.

    Whether the holder is still in office, people.yaml says, and whether his rights still reach so far: the caller looks.
    """
    with store.read() as db:
        row = db.execute(_live(token, now)).one_or_none()
    if row is None:
        return None
    holder = None if row.id is None else TokenHolder(row.id, row.person, row.name, AccountRole(row.role), row.scope)
    return FoundToken(TokenKind(row.kind), row.subject, holder)


def program_account(store: Store, token: str, *, now: datetime) -> TokenHolder | None:
    """For whom the program acts; None for a token of another kind and for an account that may not come in."""
    found = find_token(store, token, now=now)
    return found.holder if found is not None and found.kind is TokenKind.PROGRAM else None


def _live(token: str, now: datetime) -> Select[Any]:
    """The token beside the account of its holder, if there are such."""
    account = (accounts.c.id, accounts.c.person, accounts.c.name, accounts.c.role, accounts.c.scope)
    return (
        select(access_tokens.c.kind, access_tokens.c.subject, *account)
        .select_from(access_tokens.outerjoin(accounts, accounts.c.person == _holder))
        .where(access_tokens.c.token_sha256 == _digest(token), access_tokens.c.revoked_at.is_(None))
        .where(or_(access_tokens.c.expires_at.is_(None), access_tokens.c.expires_at > now))
        .where(accounts.c.disabled_at.is_(None))
    )


def revoke_token(store: Store, token_id: int, *, of: str | None, now: datetime) -> None:
    """``of``: the person whose token it must be; None for the admin. Raises Refused: unknown_token."""

    def work(db: Connection) -> None:
        mine = [access_tokens.c.id == token_id]
        if of is not None:
            his = (access_tokens.c.subject == of) & (access_tokens.c.kind != TokenKind.UNIT_FEED)
            mine.append(or_(access_tokens.c.created_by == of, his))
        if not 0 < token_id <= _HIGHEST_ID or not _revoke(db, *mine, now=now):
            raise Refused("没有这个地址，或者已经停用。", code="unknown_token")

    store.transact(work)


def end_tokens_of(db: Connection, person: str, *, now: datetime) -> list[TokenKind]:
    """All that the person holds, in the caller's transaction; the kind of each that ended."""
    current = or_(access_tokens.c.expires_at.is_(None), access_tokens.c.expires_at > now)
    his = update(access_tokens).where(_holder == person, access_tokens.c.revoked_at.is_(None), current)
    ended = db.execute(his.values(revoked_at=now).returning(access_tokens.c.kind)).scalars()
    return [TokenKind(kind) for kind in ended]


def _revoke(db: Connection, *which: ColumnElement[bool], now: datetime) -> int:
    those = update(access_tokens).where(access_tokens.c.revoked_at.is_(None), *which)
    return db.execute(those.values(revoked_at=now)).rowcount


def _digest(token: str) -> str:
    return hashlib.sha256(token.strip().lower().encode("utf-8", "replace")).hexdigest()
