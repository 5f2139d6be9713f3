"""The file PROBLEM in the home: there while something is open that no message could tell, gone when there is nothing.

It is the word of last resort, for who looks at the machine or watches over it with a tool of his own: when every
channel is down, when the admin's addresses are dead, or when nothing sends any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from models.message import MessageKind, MessageState, messages
from models.store import Store
from models.upkeep import problems
from planning.problem_kinds import ADVICE, FEEDBACK

FILE = "PROBLEM"


def keep_problem_file(store: Store, home: Path, *, admins: Collection[str], now: datetime) -> bool:
    """Write or remove the file; whether it is there. After each tick and each watch.

    ``admins`` are the keys of those who are written to; ``now`` is local.
    """
    with store.read() as db:
        texts = _untold(db, admins)
    if not texts:
        (home / FILE).unlink(missing_ok=True)
        return False
    write_problem_file(home, texts, now=now)
    return True


def write_problem_file(home: Path, texts: Iterable[str], *, now: datetime) -> None:
    """The plain file, also for who has no database to ask. A disk that is full says so elsewhere."""
    lines = [f"{now:%Y-%m-%d %H:%M} 岁时有问题，而且没能通知到管理员：", *(f"- {text}" for text in texts)]
    unfinished = home / f".{FILE}"
    with suppress(OSError):
        unfinished.write_text("\n".join([*lines, "逐项检查：suishi doctor", ""]), encoding="utf-8")
        unfinished.replace(home / FILE)


def _untold(db: Connection, admins: Collection[str]) -> list[str]:
    """All open problems when one of them was in no message that a provider accepted since it was last told; else none."""
    query = (
        select(problems)
        .where(problems.c.closed_at.is_(None), problems.c.kind.not_in((ADVICE, FEEDBACK)))
        .order_by(problems.c.first_at)
    )
    rows = db.execute(query.order_by(problems.c.key)).all()
    if not rows:
        return []
    told = {row.key: row.told_at for row in rows if row.told_at is not None}
    arrived = _arrived(db, admins, told)
    return [] if all(row.key in arrived for row in rows) else [row.text for row in rows]


def _arrived(db: Connection, admins: Collection[str], told: dict[str, datetime]) -> set[str]:
    if not told:
        return set()
    sent = select(messages.c.about, messages.c.built_at).where(
        messages.c.person.in_(admins),
        messages.c.built_at >= min(told.values()),
        messages.c.kind == MessageKind.OFFICE,
        messages.c.state == MessageState.SENT,
    )
    return {key for row in db.execute(sent) for key in row.about if key in told and row.built_at >= told[key]}
