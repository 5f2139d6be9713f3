"""What a program may read: occurrences, one with its whole history, figures, messages, the completion log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request

from planning.access import Action
from reports.history import History, history
from reports.log import head, log
from reports.occurrences import STATE_WORDS, Filters, listing
from reports.outbox import MessageFilters, outbox
from reports.overview import overview
from services.errors import Refused
from web.api.forms import (
    CompletionOut,
    DueMoveOut,
    EntryOut,
    EvidenceOut,
    FiguresOut,
    HistoryOut,
    LogOut,
    MessageOut,
    MessagePage,
    MessageQuery,
    NamedFigures,
    OccurrenceOut,
    OccurrencePage,
    OccurrenceQuery,
    OverviewOut,
    PartOut,
    Window,
    plain,
)
from web.api.gate import Program
from web.gate import require, visitor_of
from web.pages.outbox import readers_of
from web.shell import Shell
from web.words import KINDS

Ref = Annotated[str, Path(max_length=120, pattern=r"^[^:\s]+:[^\s]+$", description="study-law:2026-Q1")]
Year = Annotated[int | None, Query(ge=2000, le=2100)]


@dataclass(frozen=True)
class Reads:
    shell: Shell

    def occurrences(self, request: Request, asked: Annotated[OccurrenceQuery, Query()]) -> OccurrencePage:
        """By due day. ``state`` is one of the words of the list's filter; an unknown one is refused."""
        if asked.state and asked.state not in STATE_WORDS:
            raise Refused(f"没有“{asked.state[:20]}”这个状态，可用的有：{'、'.join(STATE_WORDS)}。", code="unknown_state")
        app, allowed = self.shell.app, self.shell.units_of(visitor_of(request))
        filters = Filters(
            kinds=(asked.kind.value,) if asked.kind else (),
            units=(asked.unit,) if asked.unit and (not allowed or asked.unit in allowed) else allowed,
            persons=(asked.person,) if asked.person else (),
            states=(asked.state,) if asked.state else (),
            text=asked.text,
            due_from=asked.due_from,
            due_to=asked.due_to,
        )
        today, days = self.shell.as_of, app.workdays
        found = listing(app.store, filters, as_of=today, workdays=days, limit=asked.limit, offset=asked.offset)
        return OccurrencePage(total=found.total, items=plain(OccurrenceOut, found.lines))

    def one(self, request: Request, ref: Ref) -> HistoryOut:
        """Everything that is known of one occurrence."""
        seen = _seen(self.shell, request, ref)
        return HistoryOut(
            occurrence=OccurrenceOut.model_validate(seen.line),
            planned_at=seen.planned_at,
            assignments=plain(PartOut, seen.assignments),
            due_changes=plain(DueMoveOut, seen.due_changes),
            messages=plain(MessageOut, seen.messages),
            completions=plain(CompletionOut, seen.completions),
            evidence=plain(EvidenceOut, seen.evidence),
            entries=plain(EntryOut, seen.entries),
        )

    def figures(self, request: Request, year: Year = None) -> OverviewOut:
        """One year as the overview shows it; units in official order."""
        app = self.shell.app
        units = self.shell.units_of(visitor_of(request))
        wanted = year or self.shell.as_of.year
        seen = overview(app.store, wanted, as_of=self.shell.as_of, workdays=app.workdays, units_only=units, listed=1)
        return OverviewOut(
            year=seen.year,
            as_of=seen.as_of,
            whole=FiguresOut.model_validate(seen.whole),
            by_kind=[_named(key, KINDS[key], found) for key, found in seen.by_kind.items()],
            by_unit=[_named(unit.unit or "", unit.name, unit.figures) for unit in seen.by_unit],
            by_month=plain(FiguresOut, seen.by_month),
        )

    def messages(self, request: Request, asked: Annotated[MessageQuery, Query()]) -> MessagePage:
        """What went out, newest first, with the provider's own answers."""
        app = self.shell.app
        found = outbox(
            app.store,
            MessageFilters(person=asked.person or None, readers=readers_of(self.shell, request), day=asked.day),
            tz=app.tz,
            limit=asked.limit,
            offset=asked.offset,
        )
        return MessagePage(total=found.total, items=plain(MessageOut, found.lines))

    def entries(self, asked: Annotated[Window, Query()]) -> LogOut:
        """The completion log, newest first."""
        store = self.shell.app.store
        found, newest = log(store, limit=asked.limit, offset=asked.offset), head(store)
        return LogOut(total=found.total, head_seq=newest.seq, head_code=newest.code, items=plain(EntryOut, found.lines))


def router(shell: Shell) -> APIRouter:
    calls, reads = APIRouter(tags=["read"]), Reads(shell)
    routes: dict[str, tuple[Callable[..., Any], Action]] = {
        "/occurrences": (reads.occurrences, Action.SEE_ROWS),
        "/occurrences/{ref}": (reads.one, Action.SEE_ROWS),
        "/figures": (reads.figures, Action.SEE_FIGURES),
        "/messages": (reads.messages, Action.SEE_MESSAGES),
        "/log": (reads.entries, Action.SEE_LOG),
    }
    for path, (read, action) in routes.items():
        calls.add_api_route(path, read, methods=["GET"], dependencies=[Depends(Program(shell, action))])
    return calls


def _seen(shell: Shell, request: Request, ref: str) -> History:
    """The occurrence, if the account may see it. Raises Refused: unknown_occurrence; NotAllowed."""
    try:
        found = history(shell.app.store, ref, as_of=shell.as_of, workdays=shell.app.workdays, tz=shell.app.tz)
    except ValueError:
        found = None
    if found is None:
        raise Refused(f"没有编号为“{ref[:60]}”的办理项。", code="unknown_occurrence")
    require(request, Action.SEE_ROWS, unit=found.line.unit, persons=[one.person for one in found.assignments])
    return found


def _named(key: str, name: str, figures: object) -> NamedFigures:
    return NamedFigures(key=key, name=name, figures=FiguresOut.model_validate(figures))
