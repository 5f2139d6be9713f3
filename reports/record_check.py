"""When the record was last checked as a whole, files of evidence and all, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.store import Store
from models.upkeep import facts


@dataclass(frozen=True, slots=True)
class LastCheck:
    at: datetime
    entries: int
    faults: int
    files: int
    file_faults: int


def last_check(store: Store) -> LastCheck | None:
    """None before the first."""
    with store.read() as db:
        value = db.execute(select(facts.c.value).where(facts.c.name == "record_check")).scalar_one_or_none()
    if value is None:
        return None
    counts = (value["entries"], value["faults"], value["files"], value["file_faults"])
    return LastCheck(datetime.fromisoformat(value["at"]), *counts)
