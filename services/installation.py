"""Who this installation is: a name drawn once, so that towns of one county do not all knock at the same minute."""

from __future__ import annotations

import zlib
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from models.store import Store
from services.facts import read_fact, write_fact

_FACT = "install_id"
_STEP = 10
"""Minutes between two ticks."""


def install_id(store: Store, *, now: datetime) -> str:
    """The installation's name; drawn and kept at the first call."""

    def work(db: Connection) -> str:
        known = read_fact(db, _FACT)
        if known is None:
            known = uuid4().hex
            write_fact(db, _FACT, known, now=now)
        return str(known)

    return store.transact(work)


def tick_minute(name: str) -> int:
    """1 to 9: the ticks of this installation come at this minute after each full ten, so never at :00 or :30."""
    return 1 + zlib.crc32(name.encode()) % (_STEP - 1)
