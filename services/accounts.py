"""Accounts: opened by the admin, activated by their owner with a code that is good once, ended and locked.

Nobody but the owner ever knows a password: the admin hands over a code, never a password.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from models.access import accounts
from models.store import Store
from planning.access import AccountRole
from services.errors import Refused
from services.passwords import REMEMBERED, PasswordRules, check_password, hash_password, refuse_weak
from services.problems import close_problem
from services.sessions import end_sessions

ACTIVATION_LASTS = timedelta(days=7)
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that look alike on paper
_CODE_PARTS, _PART_LENGTH = 3, 4  # 31^12: 59 bits, good once, for a week


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What somebody wants to set, and the rules of the office."""

    password: str
    rules: PasswordRules


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
        "activation_sha256": _digest(code),
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
        if db.execute(select(accounts.c.id).where(accounts.c.person == person)).first() is not None:
            raise Refused(f"{name}已经有账号。忘了密码的话，请重新生成激活码。", code="account_exists")
        db.execute(insert(accounts), row)

    store.transact(work)
    return code


def renew_activation(store: Store, person: str, *, now: datetime) -> str:
    """A new activation code for a forgotten password or a lost phone. The old password and every session end at once."""
    code = new_code()
    values = {
        "password_hash": "",
        "activation_sha256": _digest(code),
        "activation_until": now + ACTIVATION_LASTS,
        "fails": 0,
        "locked_until": None,
        "second_factor": 0,
        "recovery_sha256": [],
    }

    def work(db: Connection) -> None:
        row = account_of(db, person)
        past = [row["password_hash"], *row["past_hashes"]] if row["password_hash"] else row["past_hashes"]
        db.execute(update(accounts).where(accounts.c.id == row["id"]).values(**values, past_hashes=past[:REMEMBERED]))
        end_sessions(db, row["id"], now=now)

    store.transact(work)
    return code


def activate(store: Store, person: str, code: str, wanted: NewPassword, *, now: datetime) -> int:
    """Set the first password with the activation code; the account's id. Raises Refused: activation_code, password_…"""
    with store.read() as db:
        row = _found(db, person)
    if row is None or not _code_fits(row, code, now=now):
        raise Refused("账号或激活码不对，或者激活码已过期。请核对；仍不行请管理员重新生成。", code="activation_code")
    _refuse_weak(row, wanted)
    made = hash_password(wanted.password)

    def work(db: Connection) -> None:
        used = update(accounts).where(accounts.c.id == row["id"], accounts.c.activation_sha256 == row["activation_sha256"])
        fresh = {"password_hash": made, "password_at": now, "activation_sha256": "", "activation_until": None, "fails": 0}
        if db.execute(used.values(**fresh, locked_until=None)).rowcount != 1:
            raise Refused("激活码已经用过。请用设好的密码登录。", code="activation_code")

    store.transact(work)
    return int(row["id"])


def change_password(store: Store, account_id: int, old: str, wanted: NewPassword, *, keep: str = "", now: datetime) -> None:
    """Every other session of the account ends; ``keep`` is the digest of the one that stays. Raises Refused."""
    with store.read() as db:
        row = _by_id(db, account_id)
    if not check_password(old, row["password_hash"]).fits:
        raise Refused("现在的密码不对，没有修改。", code="wrong_password")
    if old == wanted.password:
        raise Refused("新密码与现在的密码相同，请换一个。", code="password_used")
    _refuse_weak(row, wanted)
    made = hash_password(wanted.password)

    def work(db: Connection) -> None:
        mine = update(accounts).where(accounts.c.id == account_id, accounts.c.password_hash == row["password_hash"])
        past = [row["password_hash"], *row["past_hashes"]][:REMEMBERED]
        if db.execute(mine.values(password_hash=made, past_hashes=past, password_at=now)).rowcount != 1:
            raise Refused("密码刚刚在别处改过，没有再改。请用新密码登录。", code="edited_meanwhile")
        end_sessions(db, account_id, but=keep, now=now)

    store.transact(work)


def set_rights(store: Store, person: str, *, role: AccountRole, scope: str | None, now: datetime) -> None:
    """Another role or scope; the person signs in anew. Raises Refused when nobody would be left to run the office."""

    def work(db: Connection) -> None:
        row = account_of(db, person)
        changed = update(accounts).where(accounts.c.id == row["id"])
        db.execute(changed.values(role=role, scope=scope))
        _keep_an_admin(db)
        end_sessions(db, row["id"], now=now)

    store.transact(work)


def disable(store: Store, person: str, *, now: datetime) -> None:
    def work(db: Connection) -> None:
        row = account_of(db, person)
        db.execute(update(accounts).where(accounts.c.id == row["id"]).values(disabled_at=now))
        _keep_an_admin(db)
        end_sessions(db, row["id"], now=now)

    store.transact(work)


def enable(store: Store, person: str) -> None:
    def work(db: Connection) -> None:
        db.execute(update(accounts).where(accounts.c.id == account_of(db, person)["id"]).values(disabled_at=None))

    store.transact(work)


def unlock(store: Store, person: str, *, now: datetime) -> None:
    """Let somebody try again who mistyped too often."""

    def work(db: Connection) -> None:
        row = account_of(db, person)
        db.execute(update(accounts).where(accounts.c.id == row["id"]).values(fails=0, locked_until=None))
        close_problem(db, key=locked_key(person), now=now)

    store.transact(work)


def account_of(db: Connection, person: str) -> dict[str, Any]:
    """Raises Refused: unknown_account."""
    found = _found(db, person)
    if found is None:
        raise Refused(f"没有 {person} 的账号。请先开设。", code="unknown_account")
    return found


def locked_key(person: str) -> str:
    """The problem that says that somebody's account is locked."""
    return f"locked:{person}"


def new_code() -> str:
    """k7dm-9fqa-x2pt: to be read out and typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_PART_LENGTH)) for _ in range(_CODE_PARTS))


def _digest(code: str) -> str:
    return hashlib.sha256("".join(char for char in code.lower() if char in _LETTERS).encode()).hexdigest()


def _code_fits(row: dict[str, Any], code: str, *, now: datetime) -> bool:
    if not row["activation_sha256"] or row["disabled_at"] is not None or row["activation_until"] <= now:
        return False
    return secrets.compare_digest(row["activation_sha256"], _digest(code))


def _refuse_weak(row: dict[str, Any], wanted: NewPassword) -> None:
    past = [row["password_hash"], *row["past_hashes"]]
    refuse_weak(wanted.password, rules=wanted.rules, about=[row["person"], row["name"]], past=[one for one in past if one])


def _found(db: Connection, person: str) -> dict[str, Any] | None:
    row = db.execute(select(accounts).where(accounts.c.person == person)).one_or_none()
    return None if row is None else row._asdict()


def _by_id(db: Connection, account_id: int) -> dict[str, Any]:
    return db.execute(select(accounts).where(accounts.c.id == account_id)).one()._asdict()


def _keep_an_admin(db: Connection) -> None:
    """In the caller's transaction, after the change: somebody must be able to put things right."""
    able = select(func.count()).where(
        accounts.c.role == AccountRole.ADMIN, accounts.c.scope.is_(None), accounts.c.disabled_at.is_(None)
    )
    if not db.execute(able).scalar_one():
        raise Refused("这是最后一个管理员，不能停用或改成别的角色。请先给另一个人开设管理员账号。", code="last_admin")
