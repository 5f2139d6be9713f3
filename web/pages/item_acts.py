"""What somebody does to one occurrence, each act one call of one service: the same whether a form or a program asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import TypedDict

from config.app import App
from planning.roster import Person
from planning.workdays import Workdays
from services.acknowledge import acknowledge
from services.change import reopen, waive
from services.complete import complete, prove
from services.completion import Completed, Doing
from services.errors import Refused
from services.evidence import NewEvidence
from services.extend import extend
from services.extension_requests import ask_extension, decide_extension, withdraw_extension
from services.hand_over import hand_over
from services.held import Recorded
from services.sign_off import review, send_back, sign_off
from services.snooze import snooze
from services.void_evidence import void_evidence
from web.pages.staff_visit import Acting, Visit

_UNDO_OVER = "已过10分钟，或者不是由您刚刚登记的，不能在这里撤销。请联系管理员。"


class _Said(TypedDict):
    """In whose name, by whom and when: what every act is told."""

    by: str
    via: str
    now: datetime
    recorded_by: str


class _Reminding(TypedDict):
    """What an act leans on that plans reminders anew."""

    workdays: Workdays
    remind_at: time
    tz: tzinfo


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts on which occurrence, in whose name. ``row_version`` is that of what he saw; None: as it stands now.

    Every method raises Refused as its service does.
    """

    app: App
    visit: Visit
    acting: Acting
    row_version: int | None = None

    @property
    def ref(self) -> str:
        return self.visit.seen.line.ref

    def finish(
        self,
        *,
        done_on: date,
        measures: Mapping[str, str | int],
        note: str,
        nothing_to_report: bool = False,
        files: Sequence[NewEvidence] = (),
    ) -> Completed:
        """Complete the occurrence, or record the review of a standing one."""
        doing: Doing = {
            "by": self.acting.person,
            "by_name": self.acting.name,
            "recorded_by": self.visit.reader,
            "via": self.visit.way.via,
            "now": self._now,
            "done_on": done_on,
            "workdays": self.app.workdays,
            "measures": measures,
            "evidence": files,
            "folder": self.app.evidence_folder,
            "row_version": self.row_version,
            "as_of": self.app.today(),
        }
        if self.visit.seen.line.standing:
            return review(self.app.store, self.ref, note=note, **doing)
        return complete(self.app.store, self.ref, note=note, nothing_to_report=nothing_to_report, **doing)

    def prove(self, *, files: Sequence[NewEvidence], note: str) -> Recorded:
        """Hand in evidence for what is done already, under the name of who hands it in."""
        return prove(
            self.app.store,
            self.ref,
            by=self.visit.reader,
            via=self.visit.way.via,
            now=self._now,
            evidence=files,
            folder=self.app.evidence_folder,
            note=note,
            row_version=self.row_version,
        )

    def acknowledge(self) -> Recorded:
        return acknowledge(self.app.store, self.ref, **self._said)

    def undo(self, *, reason: str) -> Recorded:
        """Take back what he recorded himself a moment ago. Raises Refused: undo_over, and as ``reopen``."""
        if not self.visit.way.may_undo(self.visit.seen):
            raise Refused(_UNDO_OVER, code="undo_over")
        return self.reopen(reason=reason)

    def reopen(self, *, reason: str) -> Recorded:
        return reopen(self.app.store, self.ref, reason=reason, row_version=self.row_version, **self._said)

    def waive(self, *, reason: str) -> Recorded:
        """Whoever waives answers for it himself: it is in nobody else's name."""
        return waive(
            self.app.store,
            self.ref,
            by=self.visit.reader,
            reason=reason,
            via=self.visit.way.via,
            now=self._now,
            row_version=self.row_version,
        )

    def sign_off(self, *, note: str) -> Recorded:
        return sign_off(self.app.store, self.ref, note=note, row_version=self.row_version, **self._said)

    def send_back(self, *, reason: str) -> Recorded:
        """The verifier found it wanting: it is open again."""
        return send_back(self.app.store, self.ref, reason=reason, row_version=self.row_version, **self._said)

    def void_evidence(self, *, number: int, reason: str) -> Recorded:
        """A file was handed in by mistake; ``number`` counts the files of the item from 1."""
        return void_evidence(self.app.store, self.ref, number=number, reason=reason, row_version=self.row_version, **self._said)

    def extend(self, *, to: date, reason: str) -> Recorded:
        """A later day, or the wish for one where somebody has to approve."""
        store, settings = self.app.store, self.app.settings
        if settings.extension_approval == "none":
            return extend(store, self.ref, to=to, reason=reason, row_version=self.row_version, **self._reminding, **self._said)
        return ask_extension(
            store,
            self.ref,
            to=to,
            by_name=self.acting.name,
            reason=reason,
            tz=self.app.tz,
            approval=settings.extension_approval,
            row_version=self.row_version,
            **self._said,
        )

    def withdraw_extension(self) -> Recorded:
        return withdraw_extension(self.app.store, self.ref, row_version=self.row_version, **self._said)

    def decide_extension(self, *, approve: bool, to: date | None, answer: str) -> Recorded:
        """Approve until ``to`` (None: the day that was asked for), or refuse with a reason."""
        settings = self.app.settings
        return decide_extension(
            self.app.store,
            self.ref,
            approve=approve,
            to=to,
            by_name=self.acting.name,
            answer=answer,
            approval=settings.extension_approval,
            admin=settings.admin,
            row_version=self.row_version,
            **self._reminding,
            **self._said,
        )

    def snooze(self, *, until: date) -> Recorded:
        """Hold this person's reminders until a workday."""
        return snooze(self.app.store, self.ref, person=self.acting.person, until=until, **self._reminding, **self._said)

    def hand_over(self, *, to: str, reason: str) -> Recorded:
        """``to`` is a person's key."""
        taker = self._successor(to)
        return hand_over(
            self.app.store,
            self.ref,
            to=taker.key,
            to_name=taker.name,
            reason=reason,
            from_person=self.acting.person,
            row_version=self.row_version,
            **self._said,
        )

    def _successor(self, key: str) -> Person:
        """Raises Refused: person_missing, person_left."""
        to = self.app.roster.people.get(key)
        if to is None:
            raise Refused("请选择转交给谁。", code="person_missing")
        if to.left_on is not None and to.left_on <= self.app.today():
            raise Refused(f"{to.name}已经离任，不能转交。请选择别的人。", code="person_left")
        return to

    @property
    def _now(self) -> datetime:
        """In the office's zone: the services word days by it."""
        return self.app.now().astimezone(self.app.tz)

    @property
    def _said(self) -> _Said:
        return {"by": self.acting.person, "via": self.visit.way.via, "now": self._now, "recorded_by": self.visit.reader}

    @property
    def _reminding(self) -> _Reminding:
        return {"workdays": self.app.workdays, "remind_at": self.app.settings.remind_at, "tz": self.app.tz}
