"""Asking for the second factor, and no longer asking: set by the account's owner himself, who types his password for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from models.access import accounts
from models.store import Store
from services.errors import Refused
from services.second_factor import new_recovery_codes, recovery_digest, secret_of, step_of
from services.tries import prove


def offered_secret(store: Store, account_id: int, *, link_key: bytes) -> tuple[str, int]:
    """The secret that a phone would be given now, and its serial. Nothing is kept before it is confirmed."""
    with store.read() as db:
        last = db.execute(select(accounts.c.last_serial).where(accounts.c.id == account_id)).scalar_one()
    return secret_of(link_key, account_id, last + 1), last + 1


def confirm_factor(
    store: Store, account_id: int, password: str, *, serial: int, digits: str, link_key: bytes, now: datetime
) -> list[str]:
    """From now on the phone's digits are asked for. The recovery codes, shown once.

    Raises Refused: second_factor, wrong_password, locked, edited_meanwhile. Another phone takes the place of the first only
    after :func:`end_factor`.
    """
    step = step_of(secret_of(link_key, account_id, serial), digits, now=now, after=0)
    if step is None:
        raise Refused("动态码不对。请核对手机的时间，等换成新的一组再输入。", code="second_factor")
    prove(store, account_id, password, now=now)
    codes = new_recovery_codes()
    asked = {"second_factor": serial, "last_serial": serial, "last_step": step}
    digests = [recovery_digest(link_key, account_id, code) for code in codes]

    def work(db: Connection) -> None:
        mine = (accounts.c.id == account_id, accounts.c.second_factor == 0, accounts.c.last_serial == serial - 1)
        if db.execute(update(accounts).where(*mine).values(**asked, recovery_sha256=digests)).rowcount != 1:
            raise Refused("动态码已经开启过。要换手机的话，请先关闭再开启。", code="edited_meanwhile")

    store.transact(work)
    return codes


def end_factor(store: Store, account_id: int, password: str, *, now: datetime) -> None:
    """Raises Refused: wrong_password, locked."""
    prove(store, account_id, password, now=now)

    def work(db: Connection) -> None:
        ended = {"second_factor": 0, "recovery_sha256": []}
        db.execute(update(accounts).where(accounts.c.id == account_id).values(ended))

    store.transact(work)
