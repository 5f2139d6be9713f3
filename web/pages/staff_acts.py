"""The staff page's forms, each turned into one call of one service, and what is said when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.app import App
from planning.duty import Shift
from planning.roster import Person, Roster
from services.acknowledge import acknowledge
from services.change import reopen, waive
from services.complete import complete
from services.errors import Refused
from services.evidence import NewEvidence
from services.extend import extend
from services.extension_requests import ask_extension, decide_extension, withdraw_extension
from services.hand_over import hand_over
from services.sign_off import review, send_back, sign_off
from services.snooze import snooze
from services.void_evidence import void_evidence
from web.pages.staff_form import Typed, read_day, read_measures
from web.pages.staff_visit import Acting, Visit


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed: who pressed it where, in whose name, and what he filled in."""

    app: App
    visit: Visit
    acting: Acting
    typed: Typed
    files: list[NewEvidence]

    @property
    def ref(self) -> str:
        return self.visit.seen.line.ref

    @property
    def row_version(self) -> int:
        """Of what he saw: a form that stood open while others went on is refused."""
        seen = self.typed.row_version
        return self.visit.seen.line.row_version if seen is None else seen

    def text(self, name: str) -> str:
        return self.typed.values.get(name, "")


def record_done(press: Press) -> None:
    """Complete the occurrence, or record the review of a standing one. Raises Refused."""
    app, acting, seen = press.app, press.acting, press.visit.seen
    done_on = read_day(press.typed, "done_on", "办理日期")
    measures = read_measures(press.typed, [str(measure["name"]) for measure in seen.duty.measures])
    now = app.now().astimezone(app.tz)
    if seen.line.standing:
        review(
            app.store,
            press.ref,
            by=acting.person,
            by_name=acting.name,
            recorded_by=press.visit.reader,
            via=press.visit.way.via,
            now=now,
            done_on=done_on,
            workdays=app.workdays,
            note=press.text("note"),
            measures=measures,
            evidence=press.files,
            folder=app.evidence_folder,
            as_of=app.today(),
        )
        return
    complete(
        app.store,
        press.ref,
        by=acting.person,
        by_name=acting.name,
        recorded_by=press.visit.reader,
        via=press.visit.way.via,
        now=now,
        done_on=done_on,
        workdays=app.workdays,
        measures=measures,
        note=press.text("note"),
        nothing_to_report=bool(press.text("nothing")),
        evidence=press.files,
        folder=app.evidence_folder,
        as_of=app.today(),
    )


def record_acknowledgement(press: Press) -> None:
    app = press.app
    now = app.now().astimezone(app.tz)
    acknowledge(
        app.store,
        press.ref,
        by=press.acting.person,
        via=press.visit.way.via,
        now=now,
        recorded_by=press.visit.reader,
    )


def record_sign_off(press: Press) -> None:
    """The verifier confirms what he saw: it is refused when something changed since. Raises Refused."""
    app = press.app
    sign_off(
        app.store,
        press.ref,
        by=press.acting.person,
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        note=press.text("note"),
        row_version=press.row_version,
        recorded_by=press.visit.reader,
    )


def record_return(press: Press) -> None:
    """The verifier found it wanting: it is open again. Refused when something changed since. Raises Refused."""
    app = press.app
    send_back(
        app.store,
        press.ref,
        by=press.acting.person,
        reason=press.text("reason"),
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        row_version=press.row_version,
        recorded_by=press.visit.reader,
    )


def record_void(press: Press) -> None:
    """A file was handed in by mistake. Raises Refused."""
    app, number = press.app, press.text("file")
    if not (number.isascii() and number.isdigit()):
        raise Refused("请选择要作废的佐证。", code="file_missing")
    void_evidence(
        app.store,
        press.ref,
        number=int(number),
        by=press.acting.person,
        reason=press.text("reason"),
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        row_version=press.row_version,
        recorded_by=press.visit.reader,
    )


def record_reopening(press: Press) -> None:
    app = press.app
    reopen(
        app.store,
        press.ref,
        by=press.acting.person,
        reason=press.text("reason"),
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        row_version=press.row_version,
        recorded_by=press.visit.reader,
    )


def record_waiver(press: Press) -> None:
    app = press.app
    waive(
        app.store,
        press.ref,
        by=press.visit.reader,
        reason=press.text("reason"),
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        row_version=press.row_version,
    )


def record_extension(press: Press) -> None:
    """Extend, or ask for it where somebody has to approve. Raises Refused."""
    app, acting = press.app, press.acting
    to = read_day(press.typed, "to", "延期后的日期")
    approval = app.settings.extension_approval
    if approval != "none":
        ask_extension(
            app.store,
            press.ref,
            to=to,
            by=acting.person,
            by_name=acting.name,
            reason=press.text("reason"),
            via=press.visit.way.via,
            now=app.now().astimezone(app.tz),
            tz=app.tz,
            approval=approval,
            row_version=press.row_version,
            recorded_by=press.visit.reader,
        )
        return
    extend(
        app.store,
        press.ref,
        to=to,
        by=acting.person,
        reason=press.text("reason"),
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        workdays=app.workdays,
        remind_at=app.settings.remind_at,
        tz=app.tz,
        row_version=press.row_version,
        recorded_by=press.visit.reader,
    )


def record_withdrawal(press: Press) -> None:
    """Take the request for a later day back. Raises Refused."""
    app = press.app
    withdraw_extension(
        app.store,
        press.ref,
        by=press.acting.person,
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        row_version=press.row_version,
        recorded_by=press.visit.reader,
    )


def record_decision(press: Press) -> None:
    """Decide on a request for a later day. Raises Refused."""
    app, verdict = press.app, press.text("verdict")
    if verdict not in {"approve", "refuse"}:
        raise Refused("请选择批准或不批准。", code="verdict_missing")
    approve = verdict == "approve"
    to = read_day(press.typed, "to", "批准到的日期") if approve else None
    decide_extension(
        app.store,
        press.ref,
        approve=approve,
        to=to,
        by=press.acting.person,
        by_name=press.acting.name,
        answer=press.text("answer"),
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        workdays=app.workdays,
        remind_at=app.settings.remind_at,
        tz=app.tz,
        approval=app.settings.extension_approval,
        admin=app.settings.admin,
        row_version=press.row_version,
        recorded_by=press.visit.reader,
    )


def record_snooze(press: Press) -> None:
    """Hold this reader's reminders until a workday. Raises Refused."""
    app = press.app
    snooze(
        app.store,
        press.ref,
        person=press.acting.person,
        until=read_day(press.typed, "until", "推迟到的日期"),
        by=press.acting.person,
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        workdays=app.workdays,
        remind_at=app.settings.remind_at,
        tz=app.tz,
        recorded_by=press.visit.reader,
    )


def record_hand_over(press: Press) -> None:
    """Raises Refused."""
    app = press.app
    to = successor(app, press.text("to"))
    hand_over(
        app.store,
        press.ref,
        to=to.key,
        to_name=to.name,
        by=press.acting.person,
        reason=press.text("reason"),
        via=press.visit.way.via,
        now=app.now().astimezone(app.tz),
        from_person=press.acting.person,
        row_version=press.row_version,
        recorded_by=press.visit.reader,
    )


def successor(app: App, key: str) -> Person:
    """Who takes the work over. Raises Refused: person_missing, person_left."""
    to = app.roster.people.get(key)
    if to is None:
        raise Refused("请选择转交给谁。", code="person_missing")
    if to.left_on is not None and to.left_on <= app.today():
        raise Refused(f"{to.name}已经离任，不能转交。请选择别的人。", code="person_left")
    return to


def colleagues(roster: Roster, persons: list[str]) -> list[Person]:
    """Who may take the work over from one of these: those of the first one's unit first, otherwise in official order."""
    own = roster.people.get(persons[0]) if persons else None
    others = [one for one in roster.people.values() if [one.key] != persons and not one.left_on]
    return sorted(others, key=lambda one: own is None or one.unit != own.unit)


def _said_of_extension(app: App, typed: Typed) -> str:
    to = typed.values.get("to", "").strip()
    if app.settings.extension_approval != "none":
        return f"已提交延期申请，拟延至 {to}。批复之前显示“延期待批”，不再催办。"
    return f"已登记延期，时限改为 {to}。"


def _said_of_decision(_app: App, typed: Typed) -> str:
    if typed.values.get("verdict") != "approve":
        return "已答复不批准，时限不变，提醒照常继续。"
    return f"已批准延期到 {typed.values.get('to', '').strip()}。"


def _said_of_snooze(app: App, typed: Typed) -> str:
    until = read_day(typed, "until", "推迟到的日期")
    return f"已推迟，{app.workdays.roll(until, Shift.FORWARD).isoformat()} 再提醒。时限不变。"


DO: dict[str, Callable[[Press], None]] = {
    "done": record_done,
    "acknowledge": record_acknowledgement,
    "undo": record_reopening,
    "extend": record_extension,
    "hand_over": record_hand_over,
    "sign_off": record_sign_off,
    "send_back": record_return,
    "void": record_void,
    "withdraw": record_withdrawal,
    "decide": record_decision,
    "snooze": record_snooze,
    "reopen": record_reopening,
    "waive": record_waiver,
}

SAY: dict[str, Callable[[App, Typed], str]] = {
    "extend": _said_of_extension,
    "withdraw": lambda _app, _typed: "已撤回延期申请，时限不变，提醒照常继续。",
    "decide": _said_of_decision,
    "snooze": _said_of_snooze,
    "acknowledge": lambda _app, _typed: "已记下：收到。",
    "void": lambda _app, _typed: "已作废。文件仍留在记录里，不再算佐证。",
    "send_back": lambda _app, _typed: "已退回，承办人会收到退回原因。",
    "reopen": lambda _app, _typed: "已恢复待办，可重新登记。",
    "waive": lambda _app, _typed: "已登记免办，不再提醒。",
}
"""What the page says after it; the others show by themselves what has become of the item."""
