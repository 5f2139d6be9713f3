"""The first admin: there is no default account and no default password (ASVS 6.3.2).

While nobody can sign in, ``suishi up`` prints a code that is good for half an hour; whoever has it, and so has the
console, opens the first account in the page.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from models.access import accounts
from models.columns import insert_new
from models.store import Store
from planning.access import AccountRole
from services.accounts import code_digest, new_code
from services.errors import Refused
from services.facts import forget_fact, read_fact, write_fact
from services.passwords import NewPassword, at_work, hash_password, refuse_weak

FACT = "set_up_code"
LASTS = timedelta(minutes=30)


def is_set_up(store: Store) -> bool:
    """Whether somebody has an account that is activated."""
    with store.read() as db:
        return _is_set_up(db)


def new_set_up_code(store: Store, *, now: datetime) -> str:
    """A code for the console; an older one ends. Empty when there is an account."""
    code = new_code()

    def work(db: Connection) -> str:
        if _is_set_up(db):
            return ""
        until = (now + LASTS).isoformat()
        write_fact(db, FACT, {"sha256": code_digest(code), "until": until}, now=now)
        return code

    return store.transact(work)


def set_up(store: Store, code: str, *, person: str, name: str, wanted: NewPassword, now: datetime) -> int:
    """Open the first admin's account; its id. Raises Refused: set_up_code, set_up_done, password_…, busy."""
    with store.read() as db:  # before anything is hashed: a stranger costs us nothing
        _check(db, code, now=now)
    with at_work():
        refuse_weak(wanted, about=[person, name], past=[])
        made = hash_password(wanted.password)
    row: dict[str, Any] = {
        "person": person,
        "name": name,
        "role": AccountRole.ADMIN,
        "scope": None,
        "password_hash": made,
        "past_hashes": [],
        "password_at": now,
        "signed_in_at": now,  # the page lets him in at once
        "activation_sha256": "",
        "activation_until": None,
        "disabled_at": None,
        "locked_until": None,
        "fails": 0,
        "second_factor": 0,
        "last_serial": 0,
        "last_step": 0,
        "recovery_sha256": [],
        "created_at": now,
        "created_by": "console",
    }

    kept = {name: value for name, value in row.items() if name != "last_serial"}  # a lost phone's secret never counts again

    def work(db: Connection) -> int:
        _check(db, code, now=now)
        if not forget_fact(db, FACT):  # whoever came first with the same code took it along
            raise Refused("启用码已经用过。请直接登录。", code="set_up_done")
        # Somebody may have an account that was never activated, or whose password was taken back.
        made_new = insert_new(db, accounts).values(row).on_conflict_do_update(index_elements=["person"], set_=kept)
        return int(db.execute(made_new.returning(accounts.c.id)).scalar_one())

    return store.transact(work)


def _check(db: Connection, code: str, *, now: datetime) -> None:
    known = read_fact(db, FACT)  # first: an account that came with it since is seen by the look after this one
    if _is_set_up(db):
        raise Refused("已经有管理员了，请直接登录。", code="set_up_done")
    if known is None or datetime.fromisoformat(known["until"]) <= now:
        raise Refused("启用码已过期。请在服务器上重新启动岁时，或运行 suishi account code，取一个新的。", code="set_up_code")
    if not hmac.compare_digest(known["sha256"], code_digest(code)):
        raise Refused("启用码不对，请核对终端里显示的那一行。", code="set_up_code")


def _is_set_up(db: Connection) -> bool:
    active = select(func.count()).where(accounts.c.password_hash != "", accounts.c.disabled_at.is_(None))
    return bool(db.execute(active).scalar_one())
