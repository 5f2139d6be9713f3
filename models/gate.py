"""Whether program and database belong together: an old program refuses a newer schema, and the reverse."""

from __future__ import annotations

from sqlalchemy import inspect, text

from models.schema import create_schema
from models.store import Store

HEAD = "0004"
"""The newest migration under models/migrations/versions; a test holds the two together."""


class SchemaMismatch(Exception):  # noqa: N818 - it is an answer, not a fault
    """The database has another schema than this program knows."""

    def __init__(self, found: str) -> None:
        self.found = found
        older = found < HEAD
        remedy = "请先备份，再运行 suishi upgrade" if older else "请安装与数据库相配的新版本程序"
        super().__init__(f"数据库的结构版本是 {found}，本程序需要 {HEAD}：{remedy}")


def prepare(store: Store) -> None:
    """Make an empty database ready, or check that a filled one is of our version. Raises SchemaMismatch."""
    found = schema_version(store)
    if found is None:
        create_schema(store)
        _stamp(store)
    elif found != HEAD:
        raise SchemaMismatch(found)


def schema_version(store: Store) -> str | None:
    """The migration the database stands at; None for an empty one."""
    with store.read() as db:
        if not inspect(db).has_table("alembic_version"):
            return None
        version = db.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if version is None else str(version)


def _stamp(store: Store) -> None:
    """Two processes may come here at once on a fresh database: one version row stays."""
    with store.write() as db:
        db.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        db.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head) ON CONFLICT DO NOTHING"), {"head": HEAD})
