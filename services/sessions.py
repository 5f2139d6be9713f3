"""Browsers that signed in. The token is 256 random bits; only its digest is kept, so it can be ended from here."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from models.access import accounts, sessions
from models.store import Store
from planning.access import AccountRole

LONGEST = timedelta(hours=12)
"""A working day: whoever signed in in the morning signs in again the next."""

_BROWSER_LENGTH = 120


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Whose browser it is, as the account stands now."""

    digest: str
    account_id: int
    person: str
    name: str
    role: AccountRole
    scope: str | None
    password_at: datetime | None


def open_session(store: Store, account_id: int, *, browser: str, now: datetime) -> str:
    """The token for the cookie: the only time that it is seen."""
    token = secrets.token_urlsafe(32)
    row = {
        "token_sha256": digest_of(token),
        "account_id": account_id,
        "created_at": now,
        "expires_at": now + LONGEST,
        "ended_at": None,
        "browser": "".join(char for char in browser if char.isprintable())[:_BROWSER_LENGTH],
    }

    def work(db: Connection) -> None:
        db.execute(insert(sessions), row)

    store.transact(work)
    return token


def find_session(store: Store, token: str, *, now: datetime) -> OpenSession | None:
    """None for one that is unknown, ended or over, and for an account that may not come in. Writes nothing."""
    columns = (accounts.c.id, accounts.c.person, accounts.c.name, accounts.c.role, accounts.c.scope, accounts.c.password_at)
    query = (
        select(*columns)
        .select_from(sessions.join(accounts, accounts.c.id == sessions.c.account_id))
        .where(sessions.c.token_sha256 == digest_of(token), sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
        .where(accounts.c.disabled_at.is_(None))
    )
    with store.read() as db:
        row = db.execute(query).one_or_none()
    if row is None:
        return None
    return OpenSession(digest_of(token), row.id, row.person, row.name, AccountRole(row.role), row.scope, row.password_at)


def end_session(store: Store, token: str, *, now: datetime) -> None:
    def work(db: Connection) -> None:
        mine = update(sessions).where(sessions.c.token_sha256 == digest_of(token), sessions.c.ended_at.is_(None))
        db.execute(mine.values(ended_at=now))

    store.transact(work)


def end_other_sessions(store: Store, account_id: int, *, but: str, now: datetime) -> int:
    """Sign out everywhere else; how many sessions ended. ``but`` is the digest of the one that stays."""
    return store.transact(lambda db: end_sessions(db, account_id, but=but, now=now))


def end_sessions(db: Connection, account_id: int, *, now: datetime, but: str = "") -> int:
    """In the caller's transaction."""
    theirs = update(sessions).where(
        sessions.c.account_id == account_id, sessions.c.ended_at.is_(None), sessions.c.token_sha256 != but
    )
    return db.execute(theirs.values(ended_at=now)).rowcount


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
