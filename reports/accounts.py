"""Accounts, sessions and tokens as the pages list them. Never a digest, never a hash."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Row, select

from models.access import access_tokens, accounts, sessions
from models.store import Store
from planning.access import TokenKind

UNUSED_AFTER = timedelta(days=90)
"""等保2.0 访问控制 c): accounts that nobody uses are looked through."""


@dataclass(frozen=True, slots=True)
class AccountLine:
    id: int
    person: str
    name: str
    role: str
    scope: str | None
    state: str  # waiting (for activation), active, locked, disabled
    second_factor: bool
    password_at: datetime | None
    signed_in_at: datetime | None
    unused: bool  # nobody signed in for 90 days


@dataclass(frozen=True, slots=True)
class SessionLine:
    created_at: datetime
    browser: str
    mine: bool  # the one that asks


@dataclass(frozen=True, slots=True)
class TokenLine:
    id: int
    kind: TokenKind
    subject: str
    note: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None

    @property
    def holder(self) -> str:
        """Whose account it hangs on (person key): a unit's feed ends with who made it."""
        return self.created_by if self.kind is TokenKind.UNIT_FEED else self.subject


@dataclass(slots=True)
class Held:
    """What a person holds besides his account."""

    keys: list[str] = field(default_factory=list)  # what each is for
    feeds: int = 0


def account_lines(store: Store, *, now: datetime) -> tuple[AccountLine, ...]:
    """In the order in which they were opened."""
    with store.read() as db:
        rows = db.execute(select(accounts).order_by(accounts.c.id)).all()
    return tuple(_account(row, now) for row in rows)


def account_line(store: Store, person: str, *, now: datetime) -> AccountLine | None:
    with store.read() as db:
        row = db.execute(select(accounts).where(accounts.c.person == person)).one_or_none()
    return None if row is None else _account(row, now)


def open_sessions(store: Store, account_id: int, *, mine: str, now: datetime) -> tuple[SessionLine, ...]:
    """``mine`` is the digest of the session that asks; the newest first."""
    query = select(sessions).where(
        sessions.c.account_id == account_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > now
    )
    with store.read() as db:
        rows = db.execute(query.order_by(sessions.c.created_at.desc())).all()
    return tuple(SessionLine(row.created_at, row.browser, row.token_sha256 == mine) for row in rows)


def live_tokens(store: Store, *, of: str | None = None, now: datetime) -> tuple[TokenLine, ...]:
    """Those of one person (made by or for him), or all; the newest first."""
    query = select(access_tokens).where(access_tokens.c.revoked_at.is_(None))
    if of is not None:
        his = (access_tokens.c.subject == of) & (access_tokens.c.kind != TokenKind.UNIT_FEED)  # a unit may be called like him
        query = query.where((access_tokens.c.created_by == of) | his)
    with store.read() as db:
        rows = db.execute(query.order_by(access_tokens.c.id.desc())).all()
    current = (row for row in rows if row.expires_at is None or row.expires_at > now)
    return tuple(
        TokenLine(row.id, TokenKind(row.kind), row.subject, row.note, row.created_at, row.created_by, row.expires_at)
        for row in current
    )


def held_by(store: Store, *, now: datetime) -> dict[str, Held]:
    """By person, of those who hold keys or feeds that are in force."""
    found: dict[str, Held] = defaultdict(Held)
    for one in live_tokens(store, now=now):
        if one.kind is TokenKind.PROGRAM:
            found[one.holder].keys.append(one.note)
        else:
            found[one.holder].feeds += 1
    return dict(found)


def _account(row: Row[tuple[object, ...]], now: datetime) -> AccountLine:
    seen = row.signed_in_at or row.created_at
    return AccountLine(
        id=row.id,
        person=row.person,
        name=row.name,
        role=row.role,
        scope=row.scope,
        state=_state(row, now),
        second_factor=bool(row.second_factor),
        password_at=row.password_at,
        signed_in_at=row.signed_in_at,
        unused=row.disabled_at is None and now - seen > UNUSED_AFTER,
    )


def _state(row: Row[tuple[object, ...]], now: datetime) -> str:
    if row.disabled_at is not None:
        return "disabled"
    if not row.password_hash:
        return "waiting"
    return "locked" if row.locked_until is not None and row.locked_until > now else "active"
