"""Asking for the second factor, and no longer asking: set by the account's owner himself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from models.access import accounts
from models.store import Store
from services.errors import Refused
from services.passwords import check_password
from services.second_factor import new_recovery_codes, recovery_digest, secret_of, step_of


def offered_secret(store: Store, account_id: int, *, link_key: bytes) -> tuple[str, int]:
    """The secret that a phone would be given now, and its serial. Nothing is kept before it is confirmed."""
    with store.read() as db:
        serial = db.execute(select(accounts.c.second_factor, accounts.c.last_serial).where(accounts.c.id == account_id)).one()
    wanted = serial.last_serial + 1
    return secret_of(link_key, account_id, wanted), wanted


def confirm_factor(store: Store, account_id: int, serial: int, digits: str, *, link_key: bytes, now: datetime) -> list[str]:
    """From now on the phone's digits are asked for. The recovery codes, shown once. Raises Refused: second_factor."""
    step = step_of(secret_of(link_key, account_id, serial), digits, now=now, after=0)
    if step is None:
        raise Refused("动态码不对。请核对手机的时间，等换成新的一组再输入。", code="second_factor")
    codes = new_recovery_codes()
    asked = {"second_factor": serial, "last_serial": serial, "last_step": step}

    def work(db: Connection) -> None:
        mine = update(accounts).where(accounts.c.id == account_id, accounts.c.last_serial == serial - 1)
        if db.execute(mine.values(**asked, recovery_sha256=[recovery_digest(code) for code in codes])).rowcount != 1:
            raise Refused("刚刚在别处开启过。请刷新页面再看。", code="edited_meanwhile")

    store.transact(work)
    return codes


def end_factor(store: Store, account_id: int, password: str) -> None:
    """Raises Refused: wrong_password."""
    with store.read() as db:
        stored = db.execute(select(accounts.c.password_hash).where(accounts.c.id == account_id)).scalar_one()
    if not check_password(password, stored).fits:
        raise Refused("密码不对，没有关闭。", code="wrong_password")

    def work(db: Connection) -> None:
        ended = {"second_factor": 0, "recovery_sha256": []}
        db.execute(update(accounts).where(accounts.c.id == account_id).values(ended))

    store.transact(work)
