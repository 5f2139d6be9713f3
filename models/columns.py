"""Column types that keep what SQLite would lose, and the naming of constraints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Index,
    MetaData,
    String,
    Table,
    TypeDecorator,
    text,
)
from sqlmodel import SQLModel

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

# Every constraint has a name, or a later migration could not drop it on both databases.
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Naive values are refused; SQLite, which drops the zone, gets fixed-width UTC text that sorts."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - text or datetime, by database
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime refused: {value!r}")
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        if dialect.name != "sqlite":
            return utc
        return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - text or datetime, by database
        if value is None:
            return None
        if dialect.name != "sqlite":
            return cast(datetime, value).astimezone(UTC)
        return datetime.fromisoformat(value)


class JsonText(TypeDecorator[Any]):
    """A small JSON value; PostgreSQL keeps it as JSONB. Chinese stays readable in the file."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String())
        from sqlalchemy.dialects.postgresql import JSONB  # only where PostgreSQL is used

        return dialect.type_descriptor(JSONB())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401 - any JSON value
        if value is None or dialect.name != "sqlite":
            return value
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401 - any JSON value
        if value is None or dialect.name != "sqlite":
            return value
        return json.loads(value)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """A CHECK that holds the column to the enum's values: SQLModel itself would take any text."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def partial_index(name: str, *columns: ColumnElement[Any], where: str) -> Index:
    """An index over the few rows that still matter, the same on both databases."""
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model: models declare, statements are written in Core (no ORM state, no lazy loads)."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]  # SQLModel sets it on table classes


def insert_new(db: Connection, table: Table) -> Any:  # noqa: ANN401 - an Insert of the one dialect or the other
    """An INSERT that can say ``on_conflict_do_…``: both databases have it, each in a dialect of its own."""
    if db.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # only where PostgreSQL is used

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
