"""收到 (the 签收 of other systems): who does the work says that he knows of it.

It is one entry in the log and nothing else: nobody is asked for it, no figure counts it and no reminder changes by it.
A receipt that was demanded would be the 痕迹管理 that the rules against formalism forbid.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from models.record import log_entries
from models.store import Store
from planning.acts import Act
from planning.duty import Role
from services.errors import Refused
from services.held import Recorded, hold, if_recorded, ref_of, refuse_unless_open, write_entry
from services.remaining import active_assignments

_DOING = (Role.OWNER, Role.PARTNER)


def acknowledge(store: Store, ref: str, *, by: str, via: str, now: datetime, recorded_by: str | None = None) -> Recorded:
    """Once for each person and due epoch: said again it gives the entry that is there.

    The occurrence itself stays untouched, so that nobody's open page grows old by it. Raises Refused: not_yours,
    already_done, waived, withdrawn.
    """

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        if by not in {part.person for part in active_assignments(db, held.id) if part.role in _DOING}:
            raise Refused(f"“{held.title}”不由您办理，不用表示收到。", code="not_yours")
        known = _said_before(db, held, by)
        if known is not None:
            return Recorded(ref_of(held), known.seq, known.hash)
        payload: dict[str, object] = {"by": by, "due_epoch": held.due_epoch, "due_on": held.due_on.isoformat()}
        payload |= if_recorded(by, recorded_by)
        return write_entry(db, held, kind=Act.ACKNOWLEDGED, actor=recorded_by or by, via=via, now=now, payload=payload)

    return store.transact(work)


def _said_before(db: Connection, held: Row[Any], person: str) -> Row[Any] | None:
    mine = select(log_entries).where(log_entries.c.subject == ref_of(held), log_entries.c.kind == Act.ACKNOWLEDGED)
    for entry in db.execute(mine.order_by(log_entries.c.seq)):
        said = json.loads(entry.payload)
        if (said["by"], said["due_epoch"]) == (person, held.due_epoch):
            return entry
    return None
