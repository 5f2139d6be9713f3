"""The words of which all forms are made."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Key = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\s\x00-\x1f]+$")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Word = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]  # PostgreSQL takes no NUL
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Note = Annotated[str, StringConstraints(max_length=2000)]


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fault(BaseModel):
    """Why not: ``code`` is for programs, ``message`` is one Chinese sentence with the remedy."""

    code: str
    message: str


class Window(In):
    """Which part of a long list."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0


def plain(model: type[BaseModel], rows: Any) -> list[Any]:  # noqa: ANN401 - rows of a report
    """Frozen rows as what goes out."""
    return [model.model_validate(row) for row in rows]
