"""事项: every duty as the files have it, by kind, with its next day; and the forms that change one or add one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from config.editing.adhoc import FILE as ADHOC
from config.editing.document import Document
from config.editing.field_text import as_typed
from config.editing.reading import read_one_rule
from config.editing.refusals import EditRefused
from config.editing.spelling import Content
from planning.access import Action
from planning.rule_sentences import rule_sentence
from reports.duties import next_due
from reports.table_file import TableColumn, table_xlsx
from web.file_change import fresh_draft
from web.gate import Needs, Writes, typed_of
from web.pages.change_steps import NOTHING, take_step
from web.pages.duty import DutyForm, NewDutyForm
from web.party_choice import party_words
from web.shell import READ, Shell
from web.table_files import table_answer, table_head
from web.words import KINDS

TITLE = "事项清单"
_TRIAL = "try"
_COLUMNS = (
    TableColumn("类别", 8, centred=True),
    TableColumn("事项", 32),
    TableColumn("承办", 14, centred=True),
    TableColumn("时限规则", 30),
    TableColumn("下次到期", 11, centred=True),
    TableColumn("依据", 26),
    TableColumn("标记", 14),
    TableColumn("代号", 18),
)


@dataclass(frozen=True, slots=True)
class DutyLine:
    key: str
    title: str
    owner: str
    rule: str  # as a sentence
    basis: str
    due_on: date | None  # the next day; None when there is none ahead
    until_year: str
    unsure: bool  # 默认值，请核对
    faulty: bool  # not in force: something about it is written wrongly


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows, writes = Depends(Needs(shell, Action.EDIT_FILES)), Depends(Writes(shell, Action.EDIT_FILES))

    @pages.api_route("/duties", methods=READ, dependencies=[shows])
    def every_duty(request: Request) -> Response:
        return _every_duty(shell, request)

    @pages.api_route("/duties.xlsx", methods=READ, dependencies=[shows])
    def workbook(request: Request) -> Response:
        return _as_file(shell, request)

    @pages.api_route("/duties/{key}", methods=READ, dependencies=[shows])
    def duty(request: Request, key: str) -> Response:
        return DutyForm(shell, request, key).show(NOTHING)

    @pages.post("/duties/{key}", dependencies=[writes])
    def change_duty(request: Request, key: str) -> Response:
        return _step(shell, request, DutyForm(shell, request, key))

    @pages.api_route("/new/duty", methods=READ, dependencies=[shows])
    def new_duty(request: Request) -> Response:
        return NewDutyForm(shell, request).show(NOTHING)

    @pages.post("/new/duty", dependencies=[writes])
    def add_duty(request: Request) -> Response:
        return _step(shell, request, NewDutyForm(shell, request))

    return pages


def _step(shell: Shell, request: Request, form: DutyForm) -> Response:
    if typed_of(request).get("step") == _TRIAL:
        return form.show_trial()
    return take_step(shell, request, form)


def _every_duty(shell: Shell, request: Request) -> Response:
    groups, unreadable = _by_kind(shell)
    return shell.page(request, "duties.html", groups=groups, unreadable=unreadable)


def _as_file(shell: Shell, request: Request) -> Response:
    groups, _ = _by_kind(shell)
    rows = [
        (kind, one.title or one.key, one.owner, one.rule, one.due_on, one.basis, _marks(one), one.key)
        for kind, lines in groups
        for one in lines
    ]
    head = table_head(shell, TITLE)
    return table_answer(shell, request, head, "duties", lambda it: table_xlsx(it, _COLUMNS, rows, total=len(rows)))


def _marks(one: DutyLine) -> str:
    faulty, unsure = "写错了，没有采用" if one.faulty else "", "默认值，请核对" if one.unsure else ""
    return "；".join(filter(None, (faulty, unsure, f"办到{one.until_year}年" if one.until_year else "")))


def _by_kind(shell: Shell) -> tuple[list[tuple[str, list[DutyLine]]], list[str]]:
    """Kinds in words with their duties, and sentences about files that cannot be read."""
    app = shell.app
    draft = fresh_draft(app)
    due = next_due(app.store, as_of=app.today())
    broken = frozenset(app.office.calendar.broken)
    kinds: dict[str, list[DutyLine]] = defaultdict(list)
    unreadable: list[str] = list(draft.unreadable.values())
    for name in draft.calendar_files:
        try:
            rows = Document.of(draft.text(name)).members(("duties",))
        except EditRefused as refusal:
            unreadable.append(f"{name}：{refusal.sentence}")
            continue
        for row in (one for one in rows if isinstance(one, dict) and one.get("key")):
            kind = "adhoc" if name == ADHOC else as_typed(row.get("kind"))
            kinds[kind if kind == "adhoc" or kind in KINDS else "other"].append(_line(shell, row, due, broken))
    order = {**KINDS, "adhoc": "临时交办", "other": "类别写错了的"}
    return [(word, kinds[kind]) for kind, word in order.items() if kinds.get(kind)], unreadable


def _line(shell: Shell, row: dict[str, Content], due: Mapping[str, date], broken: frozenset[str]) -> DutyLine:
    key = as_typed(row.get("key"))
    return DutyLine(
        key=key,
        title=as_typed(row.get("title")),
        owner=party_words(as_typed(row.get("owner")), shell.app.roster),
        rule=_rule_words(row),
        basis=as_typed(row.get("basis")),
        due_on=due.get(key),
        until_year=as_typed(row.get("until_year")),
        unsure=as_typed(row.get("basis_mark")) in {"记", "推"},
        faulty=key in broken,
    )


def _rule_words(row: dict[str, Content]) -> str:
    """The office's own words where it wrote some; a rule that cannot be read, as it stands."""
    written = row.get("rule") or ""
    read = read_one_rule(written, as_typed(row.get("shift")))
    return read.as_written or (rule_sentence(read.rule, read.shift) if read.rule else as_typed(written))
