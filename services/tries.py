"""How often somebody may mistype: five in a row, then the account rests for a quarter of an hour, and the admin hears of it.

Counted on the account itself, in the database: it holds for every process, and a new start forgets nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from models.access import accounts
from models.store import Store
from services.errors import Refused
from services.passwords import at_work, check_password
from services.problems import close_problem, report_problem

MOST_FAILS = 5
LOCKED_FOR = timedelta(minutes=15)
"""等保2.0 7.1.4 b): failed tries are limited, and what follows is fixed."""


def is_locked(row: dict[str, Any], *, now: datetime) -> bool:
    return row["locked_until"] is not None and row["locked_until"] > now


def count_try(db: Connection, row: dict[str, Any], *, now: datetime) -> None:
    """Count a try as failed before it is looked at; :func:`forget_tries` takes it back when it was good.

    ``row`` is the account as this transaction read it under its lock: many tries at once are then no more than five.
    """
    fails = row["fails"] + 1 if row["locked_until"] is None else 1  # a lock that ended begins anew
    locked = now + LOCKED_FOR if fails >= MOST_FAILS else None
    db.execute(update(accounts).where(accounts.c.id == row["id"]).values(fails=fails, locked_until=locked))
    if locked is not None and row["disabled_at"] is None and row["password_hash"]:
        minutes = int(LOCKED_FOR.total_seconds()) // 60
        said = f"{row['name']}的账号连续{fails}次密码错误，暂停登录{minutes}分钟。不是本人操作的话，请查看安全日志。"
        report_problem(db, key=locked_key(row["person"]), kind="access", text=said, now=now)


def forget_tries(db: Connection, row: dict[str, Any], *, now: datetime) -> None:
    """Somebody proved who he is, or the admin vouches for him."""
    db.execute(update(accounts).where(accounts.c.id == row["id"]).values(fails=0, locked_until=None))
    close_problem(db, key=locked_key(row["person"]), now=now)


def prove(store: Store, account_id: int, password: str, *, now: datetime) -> dict[str, Any]:
    """The account, once its owner has typed his password: asked again before what a stolen session must not change.

    Counted like a try to sign in. Raises Refused: wrong_password, locked, busy.
    """

    def begin(db: Connection) -> dict[str, Any]:
        row = db.execute(select(accounts).where(accounts.c.id == account_id).with_for_update()).one()._asdict()
        if is_locked(row, now=now):
            raise Refused("密码错误次数太多，没有修改。请15分钟后再试，或请管理员解锁。", code="locked")
        count_try(db, row, now=now)
        return row

    with at_work():
        row = store.transact(begin)
        if not check_password(password, row["password_hash"]).fits:
            raise Refused("现在的密码不对，没有修改。", code="wrong_password")
    store.transact(lambda db: forget_tries(db, row, now=now))
    return row


def locked_key(person: str) -> str:
    """The problem that says that somebody's account is locked."""
    return f"locked:{person}"
