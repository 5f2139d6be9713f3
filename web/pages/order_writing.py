"""An understood order becomes a duty in calendar/90-adhoc.yaml, once: the same item twice is the same press twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.app import App
from config.editing.adhoc import FILE, add_item
from config.editing.duties import FieldValue
from config.editing.refusals import EditedMeanwhile
from planning.duty import Duty, Kind
from planning.ladder import ASSIGNED, arrange, read_step, steps_text
from planning.lookup import answering
from planning.reference import reference
from planning.rules import OnceOn
from reports.duties import known_keys
from reports.occurrences import Filters, listing
from services.errors import Refused
from web.file_change import NoChange, TextChange, carry_out, fresh_draft, rehearse_plan
from web.pages.order_reading import Understood, party_of_text, text_of_party

_PREFIX = "adhoc-"
_TRIES = 3
"""Somebody else may be adding an item at the same moment; each try starts from the files as they are then."""

_WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Written:
    """An item as it stands in the file."""

    key: str
    refs: tuple[str, ...]  # one, or one of each unit
    title: str
    names: tuple[str, ...]  # who does it; units where each does it
    partners: tuple[str, ...]  # these two as the file has them
    overseer: str
    due_on: date
    workdays_left: int


@dataclass(frozen=True, slots=True)
class Registered:
    """``again``: it was there already. ``why_not``: the file is written, and why the plan could not follow."""

    item: Written
    again: bool = False
    files: tuple[str, ...] = ()
    why_not: str = ""


def register(app: App, seen: Understood, *, actor: str) -> Registered:
    """Write the item and plan it, once. Raises EditRefused, Refused (many_changes, edited_meanwhile), HomeUnusable, OSError."""
    for _ in range(_TRIES):
        twin = twin_of(app, seen)
        if twin is not None and _has_followed(app, twin):
            return Registered(twin, again=True)
        change, item = write_item(app, seen) if twin is None else (NoChange(app), twin)
        if rehearse_plan(change, actor=actor).many:
            raise Refused("文件里还有没编排的大改动，先不能交办：请管理员到“管理”里按文件重新编排。", code="many_changes")
        try:
            made = carry_out(change, actor=actor, yes_many=False)
        except EditedMeanwhile:
            continue
        return Registered(item, files=change.files, why_not=made.why_not)
    raise Refused("文件一直有人在改，没有保存。填写的内容都在，请再按一次。", code="edited_meanwhile")


def is_planned(app: App, item: Written) -> bool:
    """Whether its year is among the planned ones."""
    return item.due_on.year in app.planned_years()


def _has_followed(app: App, item: Written) -> bool:
    """Whether the plan has what the file says. It has not when the database was busy at the first press."""
    if not is_planned(app, item):
        return True  # there is nothing to follow yet
    found = listing(app.store, Filters(refs=item.refs), as_of=app.today(), workdays=app.workdays, tz=app.tz)
    return any(line.state != _WITHDRAWN for line in found.lines)


def twin_of(app: App, seen: Understood) -> Written | None:
    """The item that says the same already: somebody pressed twice, or two were told the same. Reads the files anew."""
    owner, rule = party_of_text(seen.owner), OnceOn(seen.due.day)
    for duty in app.reload().calendar.duties:
        same = (duty.title, duty.owner, duty.for_each or "", duty.rule) == (seen.title, owner, seen.for_each, rule)
        if same and duty.source.startswith(f"{FILE}:"):
            return _written(app, duty, seen)
    return None


def write_item(app: App, seen: Understood) -> tuple[TextChange, Written]:
    """The change that adds the item, and what it will be. Raises EditRefused, DraftFaulty; writes nothing yet."""
    more: dict[str, FieldValue] = {"partners": list(seen.partners), "ladder": _ladder(app)}
    more |= {name: value for name, value in (("overseer", seen.overseer), ("basis", seen.source)) if value}
    draft, key = add_item(
        fresh_draft(app),
        title=seen.title,
        owner=text_of_party(party_of_text(seen.owner)),
        for_each=seen.for_each,
        due_on=seen.due.day,
        as_of=app.today(),
        as_written=seen.due.words,
        note=seen.note,
        more=more,
        taken=known_keys(app.store, prefix=_PREFIX),
    )
    change = TextChange(app, draft)
    duty = next(one for one in change.checked.office.calendar.duties if one.key == key)
    return change, _written(app, duty, seen)


def _written(app: App, duty: Duty, seen: Understood) -> Written:
    each = [unit for unit in app.roster.units.values() if duty.for_each and unit.kind == duty.for_each]
    period, on = duty.period_key or "", app.today()
    people = () if each else answering(duty.owner, app.roster, unit=None, on=on)
    return Written(
        key=duty.key,
        refs=tuple(reference(duty.key, f"{period}.{unit.key}") for unit in each) or (reference(duty.key, period),),
        title=duty.title,
        names=tuple(unit.name for unit in each) or tuple(one.name for one in people),
        partners=tuple(text_of_party(one) for one in duty.partners),
        overseer=text_of_party(duty.overseer),
        due_on=seen.due.day,
        workdays_left=seen.workdays_left,
    )


def _ladder(app: App) -> str:
    """The office's usual steps, and before them a word at once: an order for tomorrow cannot wait for its own T-1."""
    steps = app.settings.ladder_for(Kind.ROUTINE)
    if any(step.name == ASSIGNED for step in steps):
        return steps_text(steps)
    return steps_text(arrange([read_step(ASSIGNED, ("owner", "partner")), *steps]))
