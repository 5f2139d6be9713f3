"""A schema as plain values: what Alembic's own comparison leaves out (CHECKs, partial indexes, triggers) is in it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Inspector, inspect, text

Dump = dict[str, dict[str, Any]]


def dump(db: Connection) -> Dump:
    """By kind and name; the order of columns is no part of it, since a migration adds them at the end."""
    look = inspect(db)
    tables = sorted(set(look.get_table_names()) - {"alembic_version"})
    found: Dump = {"columns": {}, "keys": {}, "checks": {}, "indexes": {}, "triggers": _triggers(db)}
    for table in tables:
        for column in look.get_columns(table):
            kind = str(column["type"]), column["nullable"], column["default"]
            found["columns"][f"{table}.{column['name']}"] = kind
        found["keys"].update(_keys(look, table))
        for check in look.get_check_constraints(table):
            found["checks"][f"{table}: {check['name']}"] = _plain(check["sqltext"])
        for index in look.get_indexes(table):
            options = {name: _plain(str(value)) for name, value in index.get("dialect_options", {}).items() if "where" in name}
            found["indexes"][f"{table}: {index['name']}"] = (index["column_names"], bool(index["unique"]), options)
    return found


def names(dumped: Dump) -> dict[str, list[str]]:
    """What both databases must have alike; PostgreSQL lists unique keys among the indexes too, triggers are its own."""
    keys = set(dumped["keys"])
    return {
        "columns": sorted(f"{name} {'null' if kind[1] else 'not null'}" for name, kind in dumped["columns"].items()),
        "keys": sorted(keys),
        "checks": sorted(dumped["checks"]),
        "indexes": sorted(set(dumped["indexes"]) - keys),
        "partial": sorted(name for name, (_, _, options) in dumped["indexes"].items() if options),
    }


def _keys(look: Inspector, table: str) -> dict[str, Any]:
    primary = look.get_pk_constraint(table)
    found: dict[str, Any] = {f"{table}: {primary['name']}": primary["constrained_columns"]}
    for unique in look.get_unique_constraints(table):
        found[f"{table}: {unique['name']}"] = unique["column_names"]
    for foreign in look.get_foreign_keys(table):
        pointed = foreign["referred_table"], foreign["referred_columns"], foreign["options"]
        found[f"{table}: {foreign['name']}"] = (foreign["constrained_columns"], *pointed)
    return found


def _triggers(db: Connection) -> dict[str, str]:
    if db.dialect.name == "sqlite":
        rows = db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    else:
        rows = db.execute(text("SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"))
    return {name: _plain(sql) for name, sql in rows}


def _plain(sql: str) -> str:
    return re.sub(r"\s+", " ", sql.replace('"', "")).strip()
