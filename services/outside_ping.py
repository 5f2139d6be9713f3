"""How the outside ping went: three misses in a row are a problem, the next answer ends it."""

from __future__ import annotations

from datetime import datetime

from models.store import Store
from services.facts import forget_fact, read_fact, write_fact
from services.problems import close_problem, report_problem

MOST_MISSES = 3
KEY = "ping:outside"
_FACT = "ping_misses"


def note_ping(store: Store, fault: str, *, now: datetime) -> int:
    """Count a miss, or forget the misses when ``fault`` is empty; how many there are in a row.

    ``fault`` says in Chinese what went wrong, without the address.
    """
    with store.read() as db:
        before = int(read_fact(db, _FACT) or 0)
    if not fault and not before:
        return 0  # all is well, as always: nothing to write

    def work() -> int:
        with store.write() as db:
            misses = int(read_fact(db, _FACT) or 0) + 1 if fault else 0
            if not fault:
                forget_fact(db, _FACT)
                close_problem(db, key=KEY, now=now)
                return 0
            write_fact(db, _FACT, misses, now=now)
            if misses >= MOST_MISSES:
                text = f"外部监测地址连续{misses}次没有应答（{fault}）。请检查本机的网络和 suishi.yaml 中的 ping_url。"
                report_problem(db, key=KEY, kind="ping", text=text, now=now)
            return misses

    return work()
