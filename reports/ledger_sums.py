"""The figures of a ledger, added up while its lines are written, by the definitions of the leaders' page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from models.occurrence import OccurrenceState
from planning.duty import Kind
from reports.figures import COUNTED, Figures
from reports.occurrences import OccurrenceLine
from reports.sentences import KINDS

Group = TypeVar("Group")


@dataclass(slots=True)
class LedgerSums:
    """Lines are counted by what they are, and added up at the end: there are few sorts of them."""

    _sorts: Counter[tuple[str, str, str, Figures]] = field(default_factory=Counter)  # kind, unit's key and name

    def add(self, line: OccurrenceLine) -> None:
        self._sorts[line.kind, line.unit or "", line.unit_name or "未定单位", figures_of_line(line)] += 1

    def whole(self) -> Figures:
        return self._sums(lambda _kind, _unit: "").get("", Figures())

    def kinds(self) -> list[tuple[str, Figures]]:
        """Those that occur, in their own order."""
        sums = self._sums(lambda kind, _unit: kind)
        return [(KINDS[kind], sums[kind]) for kind in Kind if kind in sums]

    def units(self, in_order: Sequence[str]) -> list[tuple[str, Figures]]:
        """In official order, never by merit; one that left the files stands last."""
        places = {key: place for place, key in enumerate(in_order)}
        sums = self._sums(lambda _kind, unit: unit)
        return [(unit[1], sums[unit]) for unit in sorted(sums, key=lambda unit: (places.get(unit[0], len(places)), unit))]

    def _sums(self, group: Callable[[str, tuple[str, str]], Group]) -> dict[Group, Figures]:
        sums: defaultdict[Group, Figures] = defaultdict(Figures)
        for (kind, key, name, figures), count in self._sorts.items():
            sums[group(kind, (key, name))] += Figures(*(getattr(figures, each) * count for each in COUNTED))
        return sums


def figures_of_line(line: OccurrenceLine) -> Figures:
    """One line as figures: nought or one of each. What was withdrawn is in none of them."""
    if line.state == OccurrenceState.WITHDRAWN:
        return Figures()
    is_open, done = line.state == OccurrenceState.OPEN, line.state == OccurrenceState.DONE
    silent = is_open and line.silent
    return Figures(
        total=1,
        done=int(done),
        late=int(done and line.late),
        overdue=int(line.overdue),
        pending=int(is_open and not (line.overdue or silent)),
        silent=int(silent),
        waived=int(line.state == OccurrenceState.WAIVED),
        extended=int(line.extensions > 0),
        unproved=int(done and not line.proved),
        unsigned=int(done and line.sign_off_needed and line.signed_off_at is None),
        provisional=int(is_open and line.provisional),
        extension_pending=int(line.extension_to is not None),
        stagnant=int(line.stagnant),
    )
