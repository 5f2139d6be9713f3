"""Accounts: opened by the admin, activated by their owner with a code that is good once, ended and locked.

Nobody but the owner ever knows a password: the admin hands over a code, never a password.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from models.access import accounts
from models.columns import insert_new
from models.store import Store
from planning.access import AccountRole
from services.ending import Ended, end_access
from services.errors import Refused
from services.passwords import REMEMBERED, NewPassword, at_work, hash_password, refuse_weak
from services.sessions import end_sessions
from services.tries import forget_tries, prove

ACTIVATION_LASTS = timedelta(days=7)
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look alike on paper
_CODE_PARTS, _PART_LENGTH = 3, 4  # 31^12: 59 bits, good once, for a week


InOffice = Callable[[str], bool]
"""Whether a person (key) is still in office, by people.yaml: who has left neither comes in nor runs anything."""


def anybody(_person: str) -> bool:
    """For who has no roster at hand."""
    return True


@dataclass(frozen=True, slots=True)
class Owner:
    account_id: int
    person: str


@dataclass(frozen=True, slots=True)
class Renewed:
    code: str
    ended: Ended


def open_account(store: Store, *, person: str, name: str, role: AccountRole, scope: str | None, by: str, now: datetime) -> str:
    """Open an account for somebody in people.yaml; the activation code, shown once. Raises Refused: account_exists."""
    code = new_code()
    row: dict[str, Any] = {
        "person": person,
        "name": name,
        "role": role,
        "scope": scope,
        "password_hash": "",
        "past_hashes": [],
        "activation_sha256": code_digest(code),
        "activation_until": now + ACTIVATION_LASTS,
        "fails": 0,
        "second_factor": 0,
        "last_serial": 0,
        "last_step": 0,
        "recovery_sha256": [],
        "created_at": now,
        "created_by": by,
    }

    def work(db: Connection) -> None:
        new = insert_new(db, accounts).values(row).on_conflict_do_nothing(index_elements=["person"])
        if db.execute(new.returning(accounts.c.id)).first() is None:
            raise Refused(f"{name}已经有账号。忘了密码的话，请重新生成激活码。", code="account_exists")

    store.transact(work)
    return code


def renew_activation(store: Store, person: str, *, keep_access: bool = False, now: datetime) -> Renewed:
    """A new activation code for a forgotten password or a lost phone. The old password and every session end at once.

    So do the keys, feeds and links of the person, for nobody knows who has the phone; ``keep_access`` leaves them in force
    for somebody who has only forgotten. Raises Refused: unknown_account.
    """
    code = new_code()
    values = {
        "password_hash": "",
        "activation_sha256": code_digest(code),
        "activation_until": now + ACTIVATION_LASTS,
        "second_factor": 0,
        "recovery_sha256": [],
    }

    def work(db: Connection) -> Ended:
        row = account_of(db, person, lock=True)
        past = [row["password_hash"], *row["past_hashes"]] if row["password_hash"] else row["past_hashes"]
        db.execute(update(accounts).where(accounts.c.id == row["id"]).values(**values, past_hashes=past[:REMEMBERED]))
        forget_tries(db, row, now=now)
        if keep_access:
            return Ended(browsers=end_sessions(db, row["id"], now=now))
        return end_access(db, row["id"], person, now=now)

    return Renewed(code, store.transact(work))


def activate(store: Store, who: str, code: str, wanted: NewPassword, *, in_office: InOffice = anybody, now: datetime) -> Owner:
    """Set the first password with the activation code.

    Raises Refused: activation_code (the same whatever does not fit), password_…, busy.
    """
    with store.read() as db:
        row = account_named(db, who)
    if row is None or not in_office(row["person"]) or not _code_fits(row, code, now=now):
        raise Refused("账号或激活码不对，或者激活码已过期。请核对；仍不行请管理员重新生成。", code="activation_code")
    with at_work():
        refuse_weak(wanted, about=[row["person"], row["name"]], past=row["past_hashes"])
        made = hash_password(wanted.password)

    def work(db: Connection) -> None:
        used = update(accounts).where(accounts.c.id == row["id"], accounts.c.activation_sha256 == row["activation_sha256"])
        fresh = {
            "password_hash": made,
            "password_at": now,
            "activation_sha256": "",
            "activation_until": None,
            "signed_in_at": now,  # the page lets him in at once
        }
        if db.execute(used.values(fresh)).rowcount != 1:
            raise Refused("激活码已经用过。请用设好的密码登录。", code="activation_code")
        forget_tries(db, row, now=now)

    store.transact(work)
    return Owner(row["id"], row["person"])


def change_password(
    store: Store,
    account_id: int,
    old: str,
    wanted: NewPassword,
    *,
    keep: str = "",
    end_all: bool = False,
    now: datetime,
) -> Ended:
    """Every other session of the account ends; ``keep`` is the digest of the one that stays.

    ``end_all``: the keys, feeds and links of the person as well, for who fears that somebody knew the old password. Not by
    itself: where a password must be changed every 90 days, every calendar would go silent four times a year.

    Raises Refused: wrong_password, locked, password_…, edited_meanwhile, busy.
    """
    row = prove(store, account_id, old, now=now)
    with at_work():
        past = [row["password_hash"], *row["past_hashes"]][:REMEMBERED]
        if old == wanted.password:
            raise Refused("新密码与现在的密码相同，请换一个。", code="password_used")
        refuse_weak(wanted, about=[row["person"], row["name"]], past=past)
        made = hash_password(wanted.password)

    def work(db: Connection) -> Ended:
        mine = update(accounts).where(accounts.c.id == account_id, accounts.c.password_hash == row["password_hash"])
        if db.execute(mine.values(password_hash=made, past_hashes=past, password_at=now)).rowcount != 1:
            raise Refused("密码刚刚在别处改过，没有再改。请用新密码登录。", code="edited_meanwhile")
        if end_all:
            return end_access(db, account_id, row["person"], but=keep, now=now)
        return Ended(browsers=end_sessions(db, account_id, but=keep, now=now))

    return store.transact(work)


def set_rights(
    store: Store, person: str, *, role: AccountRole, scope: str | None, in_office: InOffice = anybody, now: datetime
) -> None:
    """Another role or scope; the person signs in anew. Keys and feeds stay and reach as far as he does from now on.

    Raises Refused, last_admin, when nobody could run the office then.
    """

    def work(db: Connection) -> None:
        admins = _lock_admins(db, in_office)
        row = account_of(db, person, lock=True)
        if role is not AccountRole.ADMIN or scope is not None:
            _keep_an_admin(admins - {row["id"]}, lost=row["id"] in admins)
        db.execute(update(accounts).where(accounts.c.id == row["id"]).values(role=role, scope=scope))
        end_sessions(db, row["id"], now=now)

    store.transact(work)


def disable(store: Store, person: str, *, in_office: InOffice = anybody, now: datetime) -> Ended:
    """Nobody comes in with it any more, by password, feed, program or a link that was sent. What ends stays ended.

    Raises Refused: last_admin, unknown_account.
    """

    def work(db: Connection) -> Ended:
        admins = _lock_admins(db, in_office)
        row = account_of(db, person, lock=True)
        _keep_an_admin(admins - {row["id"]}, lost=row["id"] in admins)
        db.execute(update(accounts).where(accounts.c.id == row["id"], accounts.c.disabled_at.is_(None)).values(disabled_at=now))
        forget_tries(db, row, now=now)
        return end_access(db, row["id"], person, now=now)

    return store.transact(work)


def enable(store: Store, person: str) -> None:
    """The password counts again as before. Feeds and keys are made anew: one that lay on a lost phone must not come back."""

    def work(db: Connection) -> None:
        db.execute(update(accounts).where(accounts.c.id == account_of(db, person)["id"]).values(disabled_at=None))

    store.transact(work)


def unlock(store: Store, person: str, *, now: datetime) -> None:
    """Let somebody try again who mistyped too often."""
    store.transact(lambda db: forget_tries(db, account_of(db, person, lock=True), now=now))


def account_of(db: Connection, person: str, *, lock: bool = False) -> dict[str, Any]:
    """Raises Refused: unknown_account."""
    found = _found(db, accounts.c.person == person, lock=lock) if person.isprintable() else None
    if found is None:
        raise Refused(f"没有 {person} 的账号。请先开设。", code="unknown_account")
    return found


def account_named(db: Connection, who: str, *, lock: bool = False) -> dict[str, Any] | None:
    """By key, else by a name that only one account bears."""
    who = who.strip()
    if not who.isprintable():  # PostgreSQL takes no NUL
        return None
    return _found(db, accounts.c.person == who, lock=lock) or _found(db, accounts.c.name == who, lock=lock)


def new_code() -> str:
    """k7dm-9fqa-x2pt: to be read out and typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_PART_LENGTH)) for _ in range(_CODE_PARTS))


def code_digest(code: str) -> str:
    """However it was typed: with or without dashes, small or capital, wide or narrow."""
    narrow = unicodedata.normalize("NFKC", code).lower()
    return hashlib.sha256("".join(char for char in narrow if char in _LETTERS).encode()).hexdigest()


def _code_fits(row: dict[str, Any], code: str, *, now: datetime) -> bool:
    if not row["activation_sha256"] or row["disabled_at"] is not None or row["activation_until"] <= now:
        return False
    return secrets.compare_digest(row["activation_sha256"], code_digest(code))


def _found(db: Connection, named: ColumnElement[bool], *, lock: bool) -> dict[str, Any] | None:
    query = select(accounts).where(named).order_by(accounts.c.id)
    rows = db.execute(query.with_for_update() if lock else query).all()
    return rows[0]._asdict() if len(rows) == 1 else None


def _lock_admins(db: Connection, in_office: InOffice) -> set[int]:
    """The ids of those who can put things right, held until the end: two who end each other must not both succeed."""
    able = select(accounts.c.id, accounts.c.person).where(
        accounts.c.role == AccountRole.ADMIN,
        accounts.c.scope.is_(None),
        accounts.c.disabled_at.is_(None),
        accounts.c.password_hash != "",
    )
    return {row.id for row in db.execute(able.order_by(accounts.c.id).with_for_update()) if in_office(row.person)}


def _keep_an_admin(others: set[int], *, lost: bool) -> None:
    """``others``: those who remain; ``lost``: whether the change takes one away."""
    if lost and not others:
        raise Refused(
            "这是最后一个能登录的管理员，不能停用或改成别的角色。请先给另一个人开设管理员账号，等他设好密码。", code="last_admin"
        )
