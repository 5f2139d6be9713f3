"""Each figure with the address of exactly the rows that it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.figures import STATE_OF, Figures
from web.list_address import Wish


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    query: str  # of the list


@dataclass(frozen=True, slots=True)
class Sums:
    """One kind, unit, month or year."""

    name: str
    figures: Figures
    counts: Mapping[str, Count]  # by the figure's name

    @property
    def query(self) -> str:
        """Finds all rows of which the figures speak."""
        return self.counts["total"].query


def sums_of(name: str, figures: Figures, rows: Wish) -> Sums:
    """``rows`` asks for everything of which the figures speak, and for no state."""
    query = rows.query()
    # A county has some thousand figures on its page: each address is the common one and a word.
    queries = {figure: f"{query}&state={word}" if word else query for figure, word in STATE_OF.items()}
    return Sums(name, figures, {name: Count(getattr(figures, name), query) for name, query in queries.items()})
