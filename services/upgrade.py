"""Bring the database to this program's schema, with a verified copy made first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from models.gate import HEAD, schema_version
from models.migrate import upgrade as migrate
from models.store import Store
from services.backup import back_up
from services.errors import Refused
from services.failpoints import reach


@dataclass(frozen=True, slots=True)
class Upgraded:
    before: str  # the schema found; empty for an empty database
    after: str
    copy: str  # where the copy of before lies; empty when there was nothing to copy


def upgrade(store: Store, folder: Path, *, now: datetime, pg_dump: str | None = None) -> Upgraded:
    """Copy into ``folder``, migrate, make every trigger again. Raises Refused for a database newer than the program.

    Run again on a database that is up to date it only makes triggers that are missing.
    """
    before = schema_version(store) or ""
    if before > HEAD:
        raise Refused(
            f"数据库的结构版本是 {before}，比本程序认识的 {HEAD} 新：请安装与数据库相配的新版本程序。", code="newer_schema"
        )
    copy = "" if not before else str(back_up(store, folder, now=now, pg_dump=pg_dump).place)
    reach("G1")
    migrate(store, before_commit=partial(reach, "G2"))
    reach("G3")
    return Upgraded(before, schema_version(store) or "", copy)
