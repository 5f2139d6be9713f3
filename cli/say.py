"""How commands speak: calm tables for people, one JSON document for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from rich.console import Console


PIPED_WIDTH = 150
"""Columns of a table that no terminal shows."""


def as_json(value: object) -> None:
    """One JSON document on stdout: snake_case keys, ISO dates, nothing else."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def plain(value: object) -> object:
    """Dataclasses, enums, dates and paths as JSON has them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return fields(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, Iterable):
        return [plain(one) for one in value]
    return str(value)


def fields(row: DataclassInstance) -> dict[str, object]:
    """A frozen row by its columns, for what is printed with something added."""
    return {field.name: plain(getattr(row, field.name)) for field in dataclasses.fields(row)}


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")


def warn(*lines: str) -> None:
    for line in lines:
        sys.stderr.write(line + "\n")


def console() -> Console:
    from rich.console import Console  # tables only: --json and errors need none

    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """A plain table; Chinese text aligns because rich counts display cells."""
    from rich import box
    from rich.table import Table

    made = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")  # a name cut short cannot be copied
    for row in rows:
        made.add_row(*row)
    console().print(made)
