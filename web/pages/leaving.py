"""离任移交: one press hands over everything somebody has in hand; what could not be handed over is said by name."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from reports.left_behind import left_behind
from reports.occurrences import OccurrenceLine
from services.errors import DATABASE_FAULTS, Refused
from services.hand_over import hand_over
from web.answers import noted
from web.gate import typed_of, visitor_of
from web.pages.change_steps import Told
from web.pages.person import PersonPage
from web.party_choice import present_people
from web.shell import Shell
from web.words import for_page


@dataclass(frozen=True, slots=True)
class Left:
    """An item that stayed where it was."""

    line: OccurrenceLine
    why: str


class Leaving:
    def __init__(self, shell: Shell, request: Request, key: str) -> None:
        self.shell = shell
        self.request = request
        self.key = key

    def hand_over_all(self) -> Response:
        """Each by itself: one that is refused stops none of the others."""
        app, typed = self.shell.app, typed_of(self.request)
        to = {one.key: one for one in present_people(app.roster, app.today())}.get(typed.get("to", ""))
        reason = typed.get("reason", "").strip()
        if to is None or to.key == self.key or not reason:
            sentence = "请填写移交的原因。" if to is not None and to.key != self.key else "请选择接手的人。"
            return PersonPage(self.shell, self.request, self.key).show(Told(sentence, code=409), form="hand_over")
        waiting = left_behind(app.store, self.key, as_of=app.today(), workdays=app.workdays)
        left = [Left(line, why) for line in waiting if (why := self._hand_over(line.ref, to.key, to.name, reason))]
        stayed = {one.line.ref for one in left}
        self.shell.note(self.request, "files", about=f"hand_over {self.key} {to.key} {len(waiting) - len(left)}/{len(waiting)}")
        known = app.roster.people.get(self.key)
        return self.shell.page(
            self.request,
            "handed_over.html",
            name=known.name if known else self.key,
            key=self.key,
            to=to.name,
            handed=[line for line in waiting if line.ref not in stayed],
            left=left,
        )

    def _hand_over(self, ref: str, to: str, to_name: str, reason: str) -> str:
        """Why it could not be handed over; empty when it was."""
        app = self.shell.app
        try:
            hand_over(
                app.store,
                ref,
                to=to,
                to_name=to_name,
                by=visitor_of(self.request).person,
                reason=reason,
                via="page",
                now=app.now(),
                from_person=self.key,
            )
        except Refused as refusal:
            return for_page(refusal.sentence)
        except DATABASE_FAULTS as fault:
            return f"数据库正忙，请再按一次（错误编号 {noted(self.request, fault)}）。"
        return ""
