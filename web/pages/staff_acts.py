"""The staff page's forms, each turned into one call of one service."""

from __future__ import annotations

from datetime import date

from config.app import App
from planning.roster import Person, Roster
from reports.history import History
from services.change import reopen
from services.complete import complete
from services.errors import Refused
from services.evidence import NewEvidence
from services.extend import extend
from services.hand_over import hand_over
from services.links import LinkedAssignment
from services.sign_off import review, sign_off
from web.pages.staff_form import Typed, read_day, read_measures

VIA = "link"


def record_done(app: App, link: LinkedAssignment, seen: History, typed: Typed, files: list[NewEvidence]) -> None:
    """Complete the occurrence, or record the review of a standing one. Raises Refused."""
    done_on = read_day(typed, "done_on", "办理日期")
    note = typed.values.get("note", "")
    measures = read_measures(typed, [str(measure["name"]) for measure in seen.duty.measures])
    now = app.now().astimezone(app.tz)
    if seen.line.standing:
        review(
            app.store,
            link.ref,
            by=link.person,
            by_name=link.name,
            recorded_by=link.person,
            via=VIA,
            now=now,
            done_on=done_on,
            workdays=app.workdays,
            note=note,
            measures=measures,
            evidence=files,
            folder=app.evidence_folder,
            as_of=app.today(),
        )
        return
    complete(
        app.store,
        link.ref,
        by=link.person,
        by_name=link.name,
        recorded_by=link.person,
        via=VIA,
        now=now,
        done_on=done_on,
        workdays=app.workdays,
        measures=measures,
        note=note,
        nothing_to_report=bool(typed.values.get("nothing")),
        evidence=files,
        folder=app.evidence_folder,
        as_of=app.today(),
    )


def record_sign_off(app: App, link: LinkedAssignment, typed: Typed, *, row_version: int) -> None:
    """The verifier confirms what he saw: it is refused when something changed since. Raises Refused."""
    note = typed.values.get("note", "")
    now = app.now().astimezone(app.tz)
    sign_off(app.store, link.ref, by=link.person, via=VIA, now=now, note=note, row_version=row_version)


def record_undo(app: App, link: LinkedAssignment, typed: Typed, *, row_version: int) -> None:
    reopen(
        app.store,
        link.ref,
        by=link.person,
        reason=typed.values.get("reason", ""),
        via=VIA,
        now=app.now().astimezone(app.tz),
        row_version=row_version,
    )


def record_extension(app: App, link: LinkedAssignment, typed: Typed) -> date:
    """The new day. Raises Refused."""
    to = read_day(typed, "to", "延期后的日期")
    extend(
        app.store,
        link.ref,
        to=to,
        by=link.person,
        reason=typed.values.get("reason", ""),
        via=VIA,
        now=app.now().astimezone(app.tz),
        workdays=app.workdays,
        remind_at=app.settings.remind_at,
        tz=app.tz,
    )
    return to


def colleagues(roster: Roster, person: str) -> list[Person]:
    """Who may take the work over: those of the person's own unit first, otherwise in official order."""
    own = roster.people.get(person)
    others = [one for one in roster.people.values() if one.key != person and not one.left_on]
    return sorted(others, key=lambda one: own is None or one.unit != own.unit)


def record_hand_over(app: App, link: LinkedAssignment, typed: Typed) -> str:
    """The new owner's name. Raises Refused."""
    to = app.roster.people.get(typed.values.get("to", ""))
    if to is None:
        raise Refused("请选择转交给谁。", code="person_missing")
    hand_over(
        app.store,
        link.ref,
        to=to.key,
        to_name=to.name,
        by=link.person,
        reason=typed.values.get("reason", ""),
        via=VIA,
        now=app.now().astimezone(app.tz),
        from_person=link.person,
    )
    return to.name
