"""The staff page's forms, each read into one act (web/pages/item_acts.py), and what is said when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from config.app import App
from planning.duty import Shift
from planning.roster import Person, Roster
from services.errors import Refused
from services.evidence import NewEvidence
from web.pages.item_acts import Hand
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
    def hand(self) -> Hand:
        """With the version of what he saw: a form that stood open while others went on is refused."""
        seen = self.typed.row_version
        return Hand(self.app, self.visit, self.acting, self.visit.seen.line.row_version if seen is None else seen)

    def text(self, name: str) -> str:
        return self.typed.values.get(name, "")


def record_done(press: Press) -> None:
    """That it was done counts whatever happened meanwhile. Raises Refused."""
    replace(press.hand, row_version=None).finish(
        done_on=read_day(press.typed, "done_on", "办理日期"),
        measures=read_measures(press.typed, [str(measure["name"]) for measure in press.visit.seen.duty.measures]),
        note=press.text("note"),
        nothing_to_report=bool(press.text("nothing")),
        files=press.files,
    )


def record_decision(press: Press) -> None:
    """Decide on a request for a later day. Raises Refused."""
    verdict = press.text("verdict")
    if verdict not in {"approve", "refuse"}:
        raise Refused("请选择批准或不批准。", code="verdict_missing")
    approve = verdict == "approve"
    to = read_day(press.typed, "to", "批准到的日期") if approve else None
    press.hand.decide_extension(approve=approve, to=to, answer=press.text("answer"))


def record_extension(press: Press) -> None:
    press.hand.extend(to=read_day(press.typed, "to", "延期后的日期"), reason=press.text("reason"))


def record_snooze(press: Press) -> None:
    press.hand.snooze(until=read_day(press.typed, "until", "推迟到的日期"))


def record_hand_over(press: Press) -> None:
    press.hand.hand_over(to=press.text("to"), reason=press.text("reason"))


def record_reopening(press: Press) -> None:
    press.hand.reopen(reason=press.text("reason"))


def record_undoing(press: Press) -> None:
    press.hand.undo(reason=press.text("reason"))


def record_waiver(press: Press) -> None:
    press.hand.waive(reason=press.text("reason"))


def record_sign_off(press: Press) -> None:
    press.hand.sign_off(note=press.text("note"))


def record_return(press: Press) -> None:
    press.hand.send_back(reason=press.text("reason"))


def record_void(press: Press) -> None:
    """A file was handed in by mistake. Raises Refused."""
    number = press.text("file")
    if not (number.isascii() and number.isdigit()):
        raise Refused("请选择要作废的佐证。", code="file_missing")
    press.hand.void_evidence(number=int(number), reason=press.text("reason"))


def record_acknowledgement(press: Press) -> None:
    press.hand.acknowledge()


def record_withdrawal(press: Press) -> None:
    press.hand.withdraw_extension()


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
    "undo": record_undoing,
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
