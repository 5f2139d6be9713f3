"""Signing in: the try is counted before the password is looked at, so that many guesses at once are no more than five.

Whatever is wrong, the answer is one sentence that takes the same time: a stranger learns neither who has an account nor
whose is locked. The code of the refusal is for the security log alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from models.access import accounts
from models.store import Store
from services.accounts import InOffice, account_named, anybody
from services.errors import Refused
from services.facts import write_fact
from services.passwords import PasswordRules, at_work, check_password, is_too_old
from services.second_factor import recovery_digest, secret_of, step_of
from services.tries import LOCKED_FOR, MOST_FAILS, count_try, forget_tries, is_locked

_WRONG = (
    f"账号或密码不对，没有登录。同一账号连续错{MOST_FAILS}次，要等{int(LOCKED_FOR.total_seconds()) // 60}分钟才能再试；"
    "忘了密码，请管理员重新生成激活码。"
)

_STRANGER = "sign_in:stranger"
"""A fact that is written when there is nothing to count: a try with an unknown name must take as long as any other."""


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


@dataclass(frozen=True, slots=True)
class _Try:
    row: dict[str, Any] | None  # None: nobody who could come in with any password
    code: str = "sign_in"  # why not


def sign_in(
    store: Store, offered: Offered, *, link_key: bytes, rules: PasswordRules, in_office: InOffice = anybody, now: datetime
) -> SignedIn:
    """Whoever this is.

    Raises Refused with one and the same sentence: sign_in, locked, disabled, left. Who has typed the right password is told
    of the digits (second_factor). busy: too many at once, and nothing was counted.
    """
    with at_work():
        tried = store.transact(lambda db: _begin(db, offered.who, now=now))
        row = tried.row
        checked = check_password(offered.password, "" if row is None else row["password_hash"])
        if row is None or not checked.fits:
            raise Refused(_WRONG, code=tried.code)
        if row["disabled_at"] is not None or not in_office(row["person"]):
            raise Refused(_WRONG, code="left" if row["disabled_at"] is None else "disabled")
    store.transact(lambda db: _welcome(db, row, offered.digits, checked.fresh, link_key=link_key, now=now))
    return SignedIn(row["id"], row["person"], is_too_old(row["password_at"], rules=rules, now=now))


def _begin(db: Connection, who: str, *, now: datetime) -> _Try:
    """The account, with this try counted as failed; what succeeds takes it back."""
    row = account_named(db, who, lock=True)
    if row is None or is_locked(row, now=now):
        write_fact(db, _STRANGER, {}, now=now)
        return _Try(None, "sign_in" if row is None else "locked")
    count_try(db, row, now=now)
    return _Try(row)


def _welcome(db: Connection, seen: dict[str, Any], digits: str, fresh: str, *, link_key: bytes, now: datetime) -> None:
    """Looked at anew under the row's lock: what was changed or used up meanwhile lets nobody in."""
    row = db.execute(select(accounts).where(accounts.c.id == seen["id"]).with_for_update()).one()._asdict()
    if row["password_hash"] != seen["password_hash"] or row["disabled_at"] is not None:
        raise Refused(_WRONG, code="sign_in")
    change: dict[str, Any] = {"signed_in_at": now}
    if fresh:
        change["password_hash"] = fresh
    if row["second_factor"]:
        change |= _second_factor(row, digits, link_key, now=now)
    db.execute(update(accounts).where(accounts.c.id == row["id"]).values(change))
    forget_tries(db, row, now=now)


def _second_factor(row: dict[str, Any], digits: str, link_key: bytes, *, now: datetime) -> dict[str, Any]:
    """What using it changes. A code, of the phone or on paper, is good once."""
    if not digits.strip():
        raise Refused("请再输入密码和手机上的六位动态码。", code="second_factor")
    secret = secret_of(link_key, row["id"], row["second_factor"])
    step = step_of(secret, digits, now=now, after=row["last_step"])
    if step is not None:
        return {"last_step": step}
    used = recovery_digest(link_key, row["id"], digits)
    if used in row["recovery_sha256"]:
        return {"recovery_sha256": [one for one in row["recovery_sha256"] if one != used]}
    raise Refused("动态码不对或已经用过。请等手机上换成新的再试。", code="second_factor")
