"""The steps of every page that edits the office's files: form, preview, confirming, and what was done.

Nothing is written before somebody has seen what it does to the plan. What was typed goes along from step to step, and is
still there whenever the answer is no.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from config.app import HomeUnusable
from config.editing.document import Document
from config.editing.refusals import DraftFaulty, EditedMeanwhile, EditRefused
from config.editing.spelling import Content, body_lines
from config.problems import Problem, reason_of
from planning.notice import NoticeError
from planning.tables import TableError
from reports.occurrences import Filters, listing
from reports.problems import open_problems
from services.errors import DATABASE_FAULTS, Refused
from services.plan import PlanOutcome
from services.plan_updates import NAMED
from web.answers import noted
from web.file_change import Change, Made, carry_out, rehearse_plan
from web.gate import typed_of, visitor_of
from web.kept import plain
from web.shell import Shell
from web.words import for_page

LISTED = 40
"""Moved days and withdrawn items that a page names one by one; the other moves are behind a press, up to NAMED."""

_NOT_CARRIED = frozenset({"code", "step", "stamp", "many"})
_TRUE = "1"
_MEANWHILE = "文件刚被别人改过，这次没有保存。填写的内容都在，下面是按现在的文件重新算的，请再看一遍。"
_TICK = "改动很大，请核对后勾选确认。"
_NO_CHANGE = "没有改动，不用保存。"


@dataclass(frozen=True, slots=True)
class Told:
    """Why a form comes back: a sentence, its reasons, the problems of the files, how the thing stands in its file now.

    ``read``: what was understood of a text that was pasted, as whole lines.
    """

    sentence: str = ""
    reasons: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    standing: str = ""
    code: int = 200
    labels: Mapping[str, str] = field(default_factory=dict)  # field of a file -> what the form calls it


NOTHING = Told()


class StandsOtherwise(EditRefused):
    """The thing that the form shows is another in the file since; nothing was written. ``standing`` is how it stands."""

    def __init__(self, standing: Content) -> None:
        self.standing = "\n".join(body_lines(standing))
        sentence = "这一项刚被别人改过，还没有保存。填写的内容都在，请对照文件里现在的写法，再按一次预览。"
        super().__init__(sentence, code="edited_meanwhile")


class Form(ABC):
    """One form that edits files: how its wish becomes a change, and how it is shown again."""

    heading: str
    """What is edited, for the pages that follow: 事项“普法责任清单”."""
    about: str
    """The same for the security log, by key: duty pufa-list."""
    back: tuple[str, str]
    """Address and name of where to go when it is done."""
    labels: Mapping[str, str] = MappingProxyType({})
    """Fields of the file that the form has, by what they are called on it: a fault there is told in the form's words."""

    @abstractmethod
    def change(self) -> Change:
        """Raises EditRefused, Refused or TableError when the wish cannot be met."""

    @abstractmethod
    def show(self, told: Told) -> Response:
        """The form with what was typed."""


def seen_of(standing: Content | None) -> str:
    """Names what a form shows of a file: it comes back with the form."""
    return sha256(repr(standing).encode()).hexdigest()[:16]


def seen_again(told: Told, typed: Mapping[str, str], standing: Content) -> str:
    """What a form that comes back was made from: still what was first seen, until somebody has been told otherwise."""
    return seen_of(standing) if told.standing or not typed.get("seen") else typed["seen"]


def hold_to_seen(typed: Mapping[str, str], standing: Content) -> None:
    """Raises StandsOtherwise when the form was made from something else than what stands in the file now."""
    if typed.get("seen") != seen_of(standing):
        raise StandsOtherwise(standing)


def standing_in(text: str, listed: str, key: str) -> dict[str, Content] | None:
    """What a file says of one unit, person or duty; None when it is not there. Raises EditRefused (file_faulty)."""
    rows = Document.of(text).members((listed,))
    return next((row for row in rows if isinstance(row, dict) and row.get("key") == key), None)


def take_step(shell: Shell, request: Request, form: Form) -> Response:
    """Answer a press on one of the form's buttons, or on those of the preview."""
    step = typed_of(request).get("step", "")
    if step == "back":
        return form.show(NOTHING)
    try:
        change = form.change()
        if step != "confirm":
            return _preview(shell, request, form, change)
        try:
            return _confirm(shell, request, form, change)
        except EditedMeanwhile:  # between our look at the files and the writing
            return _preview(shell, request, form, form.change(), sentence=_MEANWHILE)
    except (EditRefused, Refused, TableError, HomeUnusable, OSError, *DATABASE_FAULTS) as fault:
        if step == "confirm":
            shell.note(request, "files", getattr(fault, "code", "") or "failed", about=form.about)
        return form.show(replace(told_of(request, fault), labels=form.labels))


def told_of(request: Request, fault: Exception) -> Told:
    """What a form says when it comes back."""
    if isinstance(fault, StandsOtherwise):
        return Told(fault.sentence, standing=fault.standing, code=409)
    if isinstance(fault, DraftFaulty):
        return Told("这样改会出错，没有保存。", problems=fault.problems, code=409)
    if isinstance(fault, EditRefused | Refused):
        return Told(for_page(fault.sentence), code=409)
    if isinstance(fault, NoticeError) and fault.read:
        return Told("读懂了，但天数或日期对不上，什么也没有改动。", reasons=fault.problems, read=fault.read, code=409)
    if isinstance(fault, TableError):
        return Told("没有读懂，什么也没有改动。", reasons=fault.problems, code=409)
    if isinstance(fault, HomeUnusable):
        return Told("文件里有错误，改好之前不能重新编排，没有保存。", problems=fault.problems, code=409)
    number = noted(request, fault)
    if isinstance(fault, OSError):
        return Told(f"文件写不进去（{reason_of(fault)}），没有保存。请告诉维护人员，错误编号 {number}。", code=503)
    return Told(f"数据库正忙，没有保存。填写的内容还在，请等一分钟再试（错误编号 {number}）。", code=503)


def _confirm(shell: Shell, request: Request, form: Form, change: Change) -> Response:
    typed = typed_of(request)
    if typed.get("stamp") != change.stamp:
        shell.note(request, "files", "edited_meanwhile", about=form.about)
        return _preview(shell, request, form, change, sentence=_MEANWHILE)
    person = visitor_of(request).person
    agreed = typed.get("many") == _TRUE
    if not agreed and rehearse_plan(change, actor=person).many:
        return _preview(shell, request, form, change, sentence=_TICK)
    before = _open_texts(shell)
    made = carry_out(change, actor=person, yes_many=agreed)
    shell.note(request, "files", about=f"{form.about} {' '.join(change.files)}".strip())
    return done_page(shell, request, form, change, made, known=before)


def _preview(shell: Shell, request: Request, form: Form, change: Change, *, sentence: str = "") -> Response:
    if not change.files and not change.plans_alone:
        return form.show(Told(_NO_CHANGE, code=409))
    outcome = rehearse_plan(change, actor=visitor_of(request).person)
    sent: FormData = request.state.form
    return shell.page(
        request,
        "change_preview.html",
        code=409 if sentence else 200,
        form=form,
        change=change,
        outcome=outcome,
        withdrawn=_titles(shell, outcome),
        notes=_news(outcome, _open_texts(shell)),
        sentence=sentence,
        fields=[(name, value) for name, value in plain(sent) if name not in _NOT_CARRIED],
        listed=LISTED,
        most=NAMED,
    )


def done_page(shell: Shell, request: Request, form: Form, change: Change, made: Made, *, known: frozenset[str]) -> Response:
    """What was written where, what the plan did, and where the old texts lie."""
    return shell.page(
        request,
        "change_done.html",
        code=200 if made.outcome else 503,
        form=form,
        change=change,
        outcome=made.outcome,
        why_not=for_page(made.why_not),
        withdrawn=_titles(shell, made.outcome),
        notes=_news(made.outcome, known),
        listed=LISTED,
        most=NAMED,
    )


def _open_texts(shell: Shell) -> frozenset[str]:
    return frozenset(one.text for one in open_problems(shell.app.store))


def _news(outcome: PlanOutcome | None, known: Iterable[str]) -> list[str]:
    """What the plan says about the town that it did not say before."""
    if outcome is None:
        return []
    old = "\n".join(known)
    return [for_page(sentence) for sentence in outcome.problems if sentence not in old and "--yes-many" not in sentence]


def _titles(shell: Shell, outcome: PlanOutcome | None) -> list[tuple[str, str]]:
    """References that are withdrawn, with their titles."""
    refs = outcome.withdrawn[:LISTED] if outcome else ()
    if not refs:
        return []
    app = shell.app
    found = listing(app.store, Filters(refs=refs), as_of=app.today(), workdays=app.workdays, tz=app.tz)
    return [(line.ref, line.title) for line in found.lines]
