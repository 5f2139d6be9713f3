"""The whole record of one occurrence, and its evidence for download."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action, may
from planning.ladder import parse_ladder
from planning.ladder_sentences import ladder_sentences
from planning.rule_sentences import rule_sentence
from reports.history import History, history
from reports.timeline import timeline
from web.evidence_file import as_attachment
from web.gate import Needs, require, visitor_of
from web.pages.outbox import readers_of
from web.shell import READ, Shell
from web.typed import NumberInPath
from web.words import CHANNELS

_NOT_FOUND = 404


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_ROWS))

    @pages.api_route("/o/{ref}", methods=READ, dependencies=[shows])
    def show(request: Request, ref: str) -> Response:
        seen = _seen(shell, request, ref)
        now = shell.app.now()
        # What was called off before its moment is told by the entry that called it off.
        past = [moment for moment in timeline(_with_channel_names(seen), tz=shell.app.tz) if moment.at <= now][::-1]
        ahead = [reminder for reminder in seen.reminders if reminder.state == "planned"]
        readers = readers_of(shell, request)
        return shell.page(
            request,
            "history.html",
            acts=_acts(request, seen),
            seen=seen,
            line=seen.line,
            duty=seen.duty,
            rule=_rule(shell, seen.duty.key),
            ladder=ladder_sentences(parse_ladder(seen.duty.ladder)) if seen.duty.ladder else (),
            past=past,
            ahead=ahead,
            readable={one.ref for one in seen.messages if readers is None or one.person in readers},
        )

    @pages.api_route("/o/{ref}/evidence/{number}", methods=READ, dependencies=[shows])
    def evidence(request: Request, ref: str, number: NumberInPath) -> Response:
        """The file as an attachment: it is never shown inside our own pages."""
        seen = _seen(shell, request, ref)
        return as_attachment(seen.evidence, number, folder=shell.app.evidence_folder)

    return pages


def _rule(shell: Shell, key: str) -> str:
    """When the duty is due, in a sentence; empty for one that the files no longer have."""
    found = (rule_sentence(one.rule, one.shift) for one in shell.app.office.calendar.duties if one.key == key)
    return next(found, "")


def _with_channel_names(seen: History) -> History:
    """The timeline writes each message's channel as it finds it: a reader knows 邮件, not mail."""
    return replace(seen, messages=tuple(replace(one, channel=CHANNELS.get(one.channel, one.channel)) for one in seen.messages))


def _acts(request: Request, seen: History) -> bool:
    """Whether the visitor may record anything at all of this item: then a way leads to the page where he does."""
    persons = [one.person for one in seen.assignments if one.active]
    recording = (Action.RECORD, Action.DECIDE, Action.CHANGE)
    return any(may(visitor_of(request), action, unit=seen.line.unit, persons=persons) for action in recording)


def _seen(shell: Shell, request: Request, ref: str) -> History:
    """What the visitor may see; of what lies outside his units he learns no more than that."""
    try:
        found = history(shell.app.store, ref, as_of=shell.as_of, workdays=shell.app.workdays, tz=shell.app.tz)
    except ValueError:  # no reference at all
        found = None
    if found is None:
        raise HTTPException(_NOT_FOUND)
    persons = [one.person for one in found.assignments]
    require(request, Action.SEE_ROWS, unit=found.line.unit, persons=persons)
    return found
