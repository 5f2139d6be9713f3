"""An understood order becomes a duty in calendar/90-adhoc.yaml, once: the same item twice is the same press twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.app import App
from config.editing.adhoc import FILE, add_item
from config.editing.duties import FieldValue
from planning.duty import Duty, Kind
from planning.ladder import ASSIGNED, arrange, read_step, steps_text
from planning.lookup import answering
from planning.reference import reference
from planning.rules import OnceOn
from reports.duties import known_keys
from web.file_change import TextChange, fresh_draft
from web.pages.order_reading import Understood, party_of_text

_PREFIX = "adhoc-"


@dataclass(frozen=True, slots=True)
class Written:
    """An item as it stands in the file."""

    key: str
    ref: str
    title: str
    names: tuple[str, ...]  # who does it
    due_on: date
    workdays_left: int


def twin_of(app: App, seen: Understood) -> Written | None:
    """The item that says the same already: somebody pressed twice, or two were told the same. Reads the files anew."""
    owner, rule = party_of_text(seen.owner), OnceOn(seen.due.day)
    for duty in app.reload().calendar.duties:
        if duty.source.startswith(f"{FILE}:") and (duty.title, duty.owner, duty.rule) == (seen.title, owner, rule):
            return _written(app, duty, seen)
    return None


def write_item(app: App, seen: Understood) -> tuple[TextChange, Written]:
    """The change that adds the item, and what it will be. Raises EditRefused, DraftFaulty; writes nothing yet."""
    more: dict[str, FieldValue] = {"partners": list(seen.partners), "ladder": _ladder(app)}
    more |= {name: value for name, value in (("overseer", seen.overseer), ("basis", seen.source)) if value}
    draft, key = add_item(
        fresh_draft(app),
        title=seen.title,
        owner=seen.owner,
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
    people = answering(duty.owner, app.roster, unit=None, on=app.today())
    ref = reference(duty.key, duty.period_key or "")
    return Written(duty.key, ref, duty.title, tuple(one.name for one in people), seen.due.day, seen.workdays_left)


def _ladder(app: App) -> str:
    """The office's usual steps, and before them a word at once: an order for tomorrow cannot wait for its own T-1."""
    steps = app.settings.ladder_for(Kind.ROUTINE)
    if any(step.name == ASSIGNED for step in steps):
        return steps_text(steps)
    return steps_text(arrange([read_step(ASSIGNED, ("owner", "partner")), *steps]))
