"""Who may come in: accounts, their sessions, and tokens for feeds and for other programs.

Only digests stand here. Whoever reads the database, or a backup of it, can neither sign in nor follow a feed with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from models.columns import JsonText, UtcDateTime, one_of, table_of
from planning.access import AccountRole, TokenKind


class Account(SQLModel, table=True):
    """A person of people.yaml who may sign in. One who left keeps the row, so that old entries keep their author."""

    __table_args__ = (one_of("role", AccountRole), CheckConstraint("fails >= 0", name="fails"))

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(unique=True)  # key in people.yaml; also the name to sign in with
    name: str  # as it was when the account was opened
    role: str
    scope: str | None = None  # unit key: that unit and what is below it; None: the whole office
    password_hash: str = ""  # argon2id; empty: not activated yet
    past_hashes: list[str] = Field(sa_type=JsonText)  # newest first, so that an old password is not taken again
    password_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    activation_sha256: str = ""  # of the code that lets its holder set the password once
    activation_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fails: int = 0  # wrong passwords in a row
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    second_factor: int = 0  # serial of the secret derived from the app key; 0: none asked
    last_serial: int = 0  # highest serial ever confirmed: a lost phone's secret never counts again
    last_step: int = 0  # newest time step that was used: a code is good for one sign-in
    recovery_sha256: list[str] = Field(sa_type=JsonText)  # of single-use codes that stand in for a lost phone
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str  # person key, or "console"
    signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Session(SQLModel, table=True):
    """A browser that signed in. Its end is written down, never deleted."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_account", "account_id"),)

    token_sha256: str = Field(primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)  # at the latest; idleness ends it sooner
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    browser: str = ""  # what it called itself, cut short: for the list of one's own sessions


class AccessToken(SQLModel, table=True):
    """A calendar feed's address or a program's key: random, shown once, revocable."""

    __tablename__ = "access_token"
    __table_args__ = (one_of("kind", TokenKind), Index("ix_access_token_subject", "kind", "subject"))

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str  # person key of a feed or of the account a program acts for; unit key of a unit's feed
    note: str = ""  # what it is for, as its maker said
    token_sha256: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str  # person key
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


accounts = table_of(Account)
sessions = table_of(Session)
access_tokens = table_of(AccessToken)
