"""The staff page's forms, each turned into one call of one service."""

from __future__ import annotations

from config.app import App
from planning.duty import Shift
from planning.lookup import standing_in
from planning.roster import Person, Roster
from reports.history import History
from services.change import reopen
from services.complete import complete
from services.errors import Refused
from services.evidence import NewEvidence
from services.extend import extend
from services.extension_requests import ask_extension, decide_extension, deciding_roles, withdraw_extension
from services.hand_over import hand_over
from services.links import LinkedAssignment
from services.sign_off import review, sign_off
from services.snooze import snooze
from web.pages.staff_form import Typed, read_day, read_measures

VIA = "link"
OVERSEEING = frozenset({"overseer", "leader"})


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
            recorded_by=link.acting,
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
        recorded_by=link.acting,
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
    sign_off(app.store, link.ref, by=link.person, via=VIA, now=now, note=note, row_version=row_version, recorded_by=link.acting)


def record_undo(app: App, link: LinkedAssignment, typed: Typed, *, row_version: int) -> None:
    reopen(
        app.store,
        link.ref,
        by=link.person,
        reason=typed.values.get("reason", ""),
        via=VIA,
        now=app.now().astimezone(app.tz),
        row_version=row_version,
        recorded_by=link.acting,
    )


def record_extension(app: App, link: LinkedAssignment, typed: Typed) -> str:
    """What was done, in one sentence: extended, or asked for where somebody has to approve. Raises Refused."""
    to = read_day(typed, "to", "延期后的日期")
    approval = app.settings.extension_approval
    if approval != "none":
        ask_extension(
            app.store,
            link.ref,
            to=to,
            by=link.person,
            by_name=link.name,
            reason=typed.values.get("reason", ""),
            via=VIA,
            now=app.now().astimezone(app.tz),
            tz=app.tz,
            approval=approval,
            recorded_by=link.acting,
        )
        return f"已提交延期申请，拟延至 {to.isoformat()}。批复之前显示“延期待批”，不再催办。"
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
        recorded_by=link.acting,
    )
    return f"已登记延期，时限改为 {to.isoformat()}。"


def record_withdrawal(app: App, link: LinkedAssignment) -> None:
    """Take the request for a later day back. Raises Refused."""
    now = app.now().astimezone(app.tz)
    withdraw_extension(app.store, link.ref, by=link.person, via=VIA, now=now, recorded_by=link.acting)


def record_decision(app: App, link: LinkedAssignment, typed: Typed, *, row_version: int) -> str:
    """Decide on a request for a later day; what was decided, in one sentence. Raises Refused."""
    verdict = typed.values.get("verdict", "")
    if verdict not in {"approve", "refuse"}:
        raise Refused("请选择批准或不批准。", code="verdict_missing")
    approve = verdict == "approve"
    to = read_day(typed, "to", "批准到的日期") if approve else None
    decide_extension(
        app.store,
        link.ref,
        approve=approve,
        to=to,
        by=link.person,
        by_name=link.name,
        answer=typed.values.get("answer", ""),
        via=VIA,
        now=app.now().astimezone(app.tz),
        workdays=app.workdays,
        remind_at=app.settings.remind_at,
        tz=app.tz,
        approval=app.settings.extension_approval,
        admin=app.settings.admin,
        row_version=row_version,
        recorded_by=link.acting,
    )
    return "已答复不批准，时限不变，提醒照常继续。" if to is None else f"已批准延期到 {to.isoformat()}。"


def record_snooze(app: App, link: LinkedAssignment, typed: Typed) -> str:
    """Hold this reader's reminders until a workday; what comes of it, in one sentence. Raises Refused."""
    until = read_day(typed, "until", "推迟到的日期")
    snooze(
        app.store,
        link.ref,
        person=link.person,
        until=until,
        by=link.person,
        via=VIA,
        now=app.now().astimezone(app.tz),
        workdays=app.workdays,
        remind_at=app.settings.remind_at,
        tz=app.tz,
        recorded_by=link.acting,
    )
    return f"已推迟，{app.workdays.roll(until, Shift.FORWARD).isoformat()} 再提醒。时限不变。"


def may_decide(seen: History, role: str, approval: str) -> bool:
    """Whether this role may decide on the request that waits: where no leader is named, who oversees does."""
    if seen.pending_request is None or role not in OVERSEEING:
        return False
    wanted = deciding_roles(approval)
    return role in wanted or not any(part.active and part.role in wanted for part in seen.assignments)


def stands_in_now(app: App, link: LinkedAssignment) -> bool:
    """Whether who reads the link may act today: the person himself always, a stand-in on the days that the office's file says."""
    if not link.reader:
        return True
    person = app.roster.people.get(link.person)
    present = None if person is None else standing_in(person, app.roster, app.today())
    return present is not None and present.key == link.reader


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
        recorded_by=link.acting,
    )
    return to.name
