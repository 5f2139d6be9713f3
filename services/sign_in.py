"""Signing in: the try is counted before the password is looked at, so that many guesses at once are no more than five."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update

from models.access import accounts
from models.store import Store
from services.accounts import locked_key
from services.errors import Refused
from services.passwords import PasswordRules, check_password, is_too_old
from services.problems import close_problem, report_problem
from services.second_factor import recovery_digest, secret_of, step_of

MOST_FAILS = 5
LOCKED_FOR = timedelta(minutes=15)

_WRONG = "账号或密码不对。"


@dataclass(frozen=True, slots=True)
class SignedIn:
    account_id: int
    person: str
    must_change: bool  # the password is older than the rules allow


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody typed to come in. ``digits``: the second factor, or a recovery code."""

    who: str  # person key, or the name if only one bears it
    password: str
    digits: str = ""


def sign_in(store: Store, offered: Offered, *, link_key: bytes, rules: PasswordRules, now: datetime) -> SignedIn:
    """Whoever this is. Raises Refused: sign_in (the same for a wrong name and a wrong password), locked, second_factor."""
    row = store.transact(lambda db: _count_try(db, offered.who, now=now))
    checked = check_password(offered.password, "" if row is None else row["password_hash"])
    if row is None or not checked.fits or row["disabled_at"] is not None:
        raise Refused(_WRONG, code="sign_in")
    change: dict[str, Any] = {"fails": 0, "locked_until": None, "signed_in_at": now}
    if checked.fresh:
        change["password_hash"] = checked.fresh
    if row["second_factor"]:
        change |= _second_factor(row, offered.digits, link_key, now=now)
    store.transact(lambda db: _welcome(db, row, change, now=now))
    return SignedIn(row["id"], row["person"], is_too_old(row["password_at"], rules=rules, now=now))


def _count_try(db: Connection, who: str, *, now: datetime) -> dict[str, Any] | None:
    """The account with this try counted as failed; what succeeds takes it back. Raises Refused: locked."""
    named = select(accounts).where(or_(accounts.c.person == who, accounts.c.name == who))
    found = db.execute(named.with_for_update() if db.dialect.name == "postgresql" else named).all()
    if len(found) != 1:  # nobody, or two of that name: they sign in with their key
        return None
    row = found[0]._asdict()
    if row["locked_until"] is not None and row["locked_until"] > now:
        minutes = int((row["locked_until"] - now).total_seconds() // 60) + 1
        raise Refused(f"密码错误次数太多，账号暂停登录。请{minutes}分钟后再试，或请管理员解锁。", code="locked")
    fails = row["fails"] + 1 if row["locked_until"] is None else 1  # a lock that ended begins anew
    locked = now + LOCKED_FOR if fails >= MOST_FAILS else None
    db.execute(update(accounts).where(accounts.c.id == row["id"]).values(fails=fails, locked_until=locked))
    if locked is not None:
        said = f"{row['name']}的账号连续{fails}次密码错误，暂停登录15分钟。不是本人操作的话，请查看安全日志。"
        report_problem(db, key=locked_key(row["person"]), kind="access", text=said, now=now)
    return row


def _second_factor(row: dict[str, Any], digits: str, link_key: bytes, *, now: datetime) -> dict[str, Any]:
    """What using it changes. A code, of the phone or on paper, is good once."""
    if not digits.strip():
        raise Refused("请再输入手机上的六位动态码。", code="second_factor")
    secret = secret_of(link_key, row["id"], row["second_factor"])
    step = step_of(secret, digits, now=now, after=row["last_step"])
    if step is not None:
        return {"last_step": step}
    used = recovery_digest(digits)
    if used in row["recovery_sha256"]:
        return {"recovery_sha256": [one for one in row["recovery_sha256"] if one != used]}
    raise Refused("动态码不对或已经用过。请等手机上换成新的再试。", code="second_factor")


def _welcome(db: Connection, row: dict[str, Any], change: dict[str, Any], *, now: datetime) -> None:
    """Guarded by what was read: a password or a code that was used up meanwhile lets nobody in."""
    unchanged = (
        accounts.c.id == row["id"],
        accounts.c.password_hash == row["password_hash"],
        accounts.c.last_step == row["last_step"],
        accounts.c.disabled_at.is_(None),
    )
    if db.execute(update(accounts).where(*unchanged).values(change)).rowcount != 1:
        raise Refused(_WRONG, code="sign_in")
    close_problem(db, key=locked_key(row["person"]), now=now)
