"""Somebody at the page of one occurrence: who he is there and what he may do, whichever way he came in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from starlette.responses import Response

from planning.access import Action
from planning.acts import Act
from planning.deciding import OVERSEEING, able_to_decide, able_to_sign_off
from planning.duty import Role
from planning.lookup import standing_in
from planning.roster import Roster
from reports.history import History, Part, payload_of
from services.errors import Refused
from web.pages.staff_form import Typed
from web.words import ROLES

DOING: frozenset[str] = frozenset({Role.OWNER, Role.PARTNER})
ADMIN = "admin"
"""Stands for the role of who decides what nobody else can decide."""


@dataclass(frozen=True, slots=True)
class Form:
    """``roles`` may send it; ``for_others``: whoever records for a whole unit may, in the name of those who have them."""

    action: Action
    roles: frozenset[str]
    writes: frozenset[str]  # kinds of the log entry that comes of it
    for_others: bool = False
    files: int = 0


_FILES = 60
"""More than are taken: what is too much is said in a sentence, not by a broken upload."""

FORMS: dict[str, Form] = {
    # A report that there is nothing to report, and the review of a standing duty, are this form too.
    "done": Form(Action.RECORD, DOING, frozenset({Act.DONE, Act.REVIEWED}), for_others=True, files=_FILES),
    "undo": Form(Action.RECORD, DOING, frozenset({Act.REOPENED}), for_others=True),
    "extend": Form(Action.RECORD, DOING, frozenset({Act.EXTENDED, Act.EXTENSION_ASKED}), for_others=True),
    "withdraw": Form(Action.RECORD, DOING, frozenset({Act.EXTENSION_WITHDRAWN}), for_others=True),
    "hand_over": Form(Action.RECORD, frozenset({Role.OWNER}), frozenset({Act.HANDED_OVER}), for_others=True),
    # To say that it arrived, and to be left in peace until Monday, is everybody's own affair.
    "acknowledge": Form(Action.RECORD, DOING, frozenset({Act.ACKNOWLEDGED})),
    "snooze": Form(Action.RECORD, DOING | {Role.VERIFIER}, frozenset({Act.SNOOZED})),
    "sign_off": Form(Action.DECIDE, OVERSEEING | {Role.VERIFIER}, frozenset({Act.SIGNED_OFF})),
    "send_back": Form(Action.DECIDE, OVERSEEING | {Role.VERIFIER}, frozenset({Act.REOPENED})),
    "void": Form(Action.RECORD, DOING, frozenset({Act.EVIDENCE_VOIDED}), for_others=True),
    "decide": Form(Action.DECIDE, OVERSEEING | {ADMIN}, frozenset({Act.EXTENDED, Act.EXTENSION_REFUSED})),
    "reopen": Form(Action.CHANGE, frozenset(), frozenset({Act.REOPENED})),
    "waive": Form(Action.CHANGE, frozenset(), frozenset({Act.WAIVED})),
}


class Way(Protocol):
    """How somebody came in: all that differs between a reminder's link and a session."""

    @property
    def base(self) -> str:
        """The page's address; its forms are sent to addresses below it."""

    @property
    def via(self) -> str:
        """How the log names it."""

    @property
    def code(self) -> str:
        """What shows that a form was made for this browser."""

    def code_fits(self, sent: str) -> bool: ...

    def may_post(self) -> bool:
        """Whether he has not sent too many forms just now."""

    def look(self) -> Visit | Response:
        """The visit as things stand now; a page when he may not come in any more."""

    def may_undo(self, seen: History) -> bool:
        """Whether he may take back the completion that he has just recorded."""

    def note_done(self, response: Response, seen: History) -> None:
        """He has recorded a completion; ``seen`` is what it made."""

    def note_undone(self, response: Response) -> None: ...


@dataclass(frozen=True, slots=True)
class Acting:
    """In whose name something is recorded."""

    person: str
    name: str
    roles: frozenset[str] = frozenset()
    instead_of: str = ""  # person key of the one whose stand-in he is
    instead_of_name: str = ""

    @property
    def label(self) -> str:
        if self.instead_of:
            return f"{self.name}（代{self.instead_of_name}）"
        words = _words_of(self.roles)
        return f"{self.name}（{words}）" if words else self.name


@dataclass(frozen=True, slots=True)
class Visit:
    way: Way
    seen: History
    reader: str  # person key of who sits at the browser
    reader_name: str
    own: tuple[Acting, ...]  # himself, and those in whose place he acts today
    others: tuple[Acting, ...] = ()  # in whose name he may record besides
    may_change: bool = False
    only_shows: str = ""  # why he may send nothing at all, in one sentence

    @property
    def himself(self) -> Acting:
        return Acting(self.reader, self.reader_name)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset().union(*(one.roles for one in self.own))

    @property
    def only_helps(self) -> bool:
        """Whether he, or in whose place he is here, helps with it and somebody else is responsible."""
        persons = {one.person for one in self.own}
        roles = {part.role for part in active(self.seen) if part.person in persons}
        return Role.PARTNER in roles and Role.OWNER not in roles

    @property
    def role_words(self) -> str:
        return _words_of(self.roles) or "知晓人"

    @property
    def stands_in(self) -> str:
        """The names of those in whose place he is here; empty when he has a part of his own."""
        return "" if any(one.person == self.reader for one in self.own) else "、".join(one.name for one in self.own)

    @property
    def epoch(self) -> int:
        """Of the due day in force."""
        return max((move.due_epoch for move in self.seen.due_changes), default=0)


def _words_of(roles: frozenset[str]) -> str:
    return "、".join(name for role, name in ROLES.items() if role in roles)


def active(seen: History) -> list[Part]:
    return [part for part in seen.assignments if part.active]


def parts_of(seen: History, persons: Iterable[str]) -> list[Acting]:
    """One for each of these persons who has a part in it now, with all his roles."""
    found = []
    for person in persons:
        his = [part for part in active(seen) if part.person == person]
        if his:
            found.append(Acting(person, his[0].name, frozenset(part.role for part in his)))
    return found


def everybody_else(seen: History, roster: Roster, own: Sequence[Acting], *, on: date) -> list[Acting]:
    """In whose name a recorder may record: all who have a part, and who stands in today for one of those who do it."""
    taken = {one.person for one in own}
    assigned = parts_of(seen, dict.fromkeys(part.person for part in active(seen) if part.person not in taken))
    taken |= {one.person for one in assigned}
    found = list(assigned)
    for one in assigned:
        person = roster.people.get(one.person)
        present = standing_in(person, roster, on) if person is not None and one.roles & DOING else None
        if present is not None and present.key not in taken:
            taken.add(present.key)
            found.append(Acting(present.key, present.name, one.roles, one.person, one.name))
    return found


def deciders(seen: History, roles: Iterable[str]) -> list[str]:
    """Keys of those who may decide on the wish that waits; empty when there is none, or nobody can."""
    wish = seen.pending_request
    able = able_to_decide(active(seen), set(roles), asked_by=wish.asked_by) if wish is not None else []
    return [part.person for part in able]


def acting_for(visit: Visit, name: str) -> tuple[Acting, ...]:
    """In whose name he may send the form; empty when he may not. The services still have their say."""
    form = FORMS[name]
    if visit.only_shows:
        return ()
    if form.action is Action.CHANGE:
        return (visit.himself,) if visit.may_change else ()
    if name in {"sign_off", "send_back"}:
        able = able_to_sign_off(active(visit.seen)) if visit.seen.line.sign_off_needed else []
        signing = {(part.person, part.role) for part in able}
        return tuple(one for one in visit.own if any((one.person, role) in signing for role in one.roles))
    own = tuple(one for one in visit.own if one.roles & form.roles)
    others = tuple(one for one in visit.others if one.roles & form.roles) if form.for_others else ()
    if name != "done":  # a stand-in does the work; whose day and whose part it is stays with the one who has it
        others = tuple(one for one in others if not one.instead_of)
    if name == "undo":
        done_by = visit.seen.completions[-1].by if visit.seen.completions else ""
        same = tuple(one for one in own if one.person == done_by)
        # Whoever recorded it for somebody else takes back a slip of his own.
        return (same or own or ((visit.himself,) if others else ()))[:1]
    return own + others


def chosen(visit: Visit, typed: Typed) -> Acting:
    """Who it is recorded for. Raises Refused: doer_missing."""
    names = acting_for(visit, typed.form)
    wanted = typed.values.get("by") or (visit.reader if any(one.person == visit.reader for one in names) else "")
    if not wanted and len(names) == 1:
        return names[0]
    found = next((one for one in names if one.person == wanted), None)
    if found is None:
        raise Refused("请选择是谁办理的。", code="doer_missing")
    return found


def unreceived(visit: Visit) -> tuple[Acting, ...]:
    """In whose name he may still say 收到 for the due day in force."""
    return tuple(one for one in acting_for(visit, "acknowledge") if one.person not in _received(visit))


def received_at(visit: Visit) -> datetime | None:
    """When it was said in the name of all for whom he acts; None while somebody has not, or he does not do it."""
    said = _received(visit)
    names = acting_for(visit, "acknowledge")
    if not names or any(one.person not in said for one in names):
        return None
    return max(said[one.person] for one in names)


def _received(visit: Visit) -> dict[str, datetime]:
    """Person key -> when, for the due day in force."""
    found = {}
    for entry in visit.seen.entries:
        said = payload_of(entry) if entry.kind == Act.ACKNOWLEDGED else {}
        if said.get("due_epoch") == visit.epoch:
            found[str(said.get("by"))] = entry.at
    return found


def is_repeated(visit: Visit, typed: Typed) -> bool:
    """Whether the newest thing that happened is the reader's own doing and says what he says now: a second click."""
    if not visit.seen.entries:
        return False
    newest = visit.seen.entries[-1]
    if newest.kind not in FORMS[typed.form].writes or newest.actor != visit.reader:
        return False
    said = payload_of(newest)
    if typed.form in {"extend", "hand_over"}:
        return str(said.get("to")) == typed.values.get("to", "").strip()
    if typed.form == "decide":
        return (newest.kind == Act.EXTENDED) == (typed.values.get("verdict") == "approve")
    if typed.form == "done":
        return all(str(said.get(name, "")) == typed.values.get(name, "").strip() for name in ("done_on", "note"))
    return True
