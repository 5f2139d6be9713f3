"""办结日志: the append-only record, a box to check a code that was kept elsewhere, and a button to check everything."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action
from planning.acts import ACTORS, VIAS, act_name
from reports.kept_code import Comparison, compare, read_kept_code
from reports.log import HONEST_CLAIM, NO_ANCHOR, LogLine, head, log
from reports.log_file import log_xlsx
from reports.planned_words import subject_words
from reports.record_check import last_check
from web.chain_check import ChainCheck, Checked
from web.gate import Needs
from web.shell import READ, Shell
from web.table_files import table_answer, table_head
from web.words import for_page

TITLE = "办结日志"
PAGE_SIZE = 30
_LONGEST = 500  # characters of what is pasted: a whole paragraph of a mail


@dataclass(frozen=True, slots=True)
class Entry:
    line: LogLine
    about: tuple[str, ...]
    act: str
    name: str
    via: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a pasted code: a comparison, or why there is none."""

    comparison: Comparison | None
    refusal: str = ""


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_LOG))
    chain = ChainCheck(shell)

    @pages.api_route("/log", methods=READ, dependencies=[shows])
    def show(request: Request) -> Response:
        """Reads only, so that both checks are forms by GET: an address that may be asked again."""
        asked = request.query_params
        page = _page(asked.get("page", "1"))
        pasted = asked.get("anchor", "").strip()[:_LONGEST]
        found = log(shell.app.store, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
        checked = chain.ask() if asked.get("verify") else chain.known()
        answer = _answer(shell, pasted) if pasted else None
        return shell.page(
            request,
            "log.html",
            checked=checked,
            verdict=_verdict(checked, answer) if checked else (),
            walking=chain.is_walking,
            whole_check=last_check(shell.app.store),
            claim=HONEST_CLAIM,
            total=found.total,
            newest=head(shell.app.store),
            pasted=pasted,
            answer=answer,
            entries=[_entry(shell, line) for line in found.lines],
            page=page,
            pages=max(1, -(-found.total // PAGE_SIZE)),
        )

    @pages.api_route("/log.xlsx", methods=READ, dependencies=[shows])
    def workbook(request: Request) -> Response:
        app = shell.app
        names = {key: one.name for key, one in app.roster.people.items()}
        head_of_file = table_head(shell, TITLE, remark=f"{head(app.store).sentence}。")
        return table_answer(shell, request, head_of_file, "log", lambda it: log_xlsx(app.store, it, tz=app.tz, names=names))

    return pages


def _page(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len("100000") and int(text) > 0 else 1


def _answer(shell: Shell, pasted: str) -> Answer:
    try:
        return Answer(compare(shell.app.store, read_kept_code(pasted)))
    except ValueError as error:
        return Answer(None, str(error))


def _verdict(checked: Checked, answer: Answer | None) -> list[str]:
    """What the walk found, together with the code that was pasted: the walk itself knows of none."""
    one = answer.comparison if answer else None
    agrees = one is not None and one.verdict == "agrees"
    kept = f"与留存的第{one.seq}条校验码一致：第1至{one.seq}条从那时起没有改动。" if one is not None and agrees else NO_ANCHOR
    return [for_page(kept if sentence == NO_ANCHOR else sentence) for sentence in checked.found.sentences]


def _entry(shell: Shell, line: LogLine) -> Entry:
    person = shell.app.roster.people.get(line.actor)
    return Entry(
        line=line,
        about=subject_words(line),
        act=act_name(line.kind),
        name=person.name if person else ACTORS.get(line.actor, line.actor),
        via=VIAS.get(line.via, line.via),
    )
