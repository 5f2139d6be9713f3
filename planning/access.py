"""Who may do what: one table, read by every page and by the interface for other programs. Pure.

Deny by default: what the table does not name, nobody may (OWASP ASVS 5.0, 8.2.1, 8.3.1). The roles are those of
等保2.0 level two, with the auditor apart from the admin: he reads everything and changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class AccountRole(StrEnum):
    ADMIN = "admin"  # 管理员: runs it, edits the files
    LEADER = "leader"  # 领导: reads, decides what waits for him
    OFFICE = "office"  # 科室: records for the whole unit, adds items
    STAFF = "staff"  # 工作人员: his own items
    AUDITOR = "auditor"  # 审计员: reads everything, changes nothing


class TokenKind(StrEnum):
    PERSON_FEED = "person_feed"  # one person's calendar
    UNIT_FEED = "unit_feed"  # a unit's calendar, with what is below it
    PROGRAM = "program"  # another program that acts for an account


class Action(StrEnum):
    """What a page or a call is for. Every route names exactly one."""

    ENTER = "enter"  # come in, and what needs no account: staff links, feeds, health, feedback
    OWN = "own"  # my items, my password, my sessions, my feeds
    SEE_FIGURES = "see_figures"  # overview, year
    SEE_ROWS = "see_rows"  # list, one item's history, its files, exports
    SEE_MESSAGES = "see_messages"  # what went out, to whom, with the provider's answer
    SEE_LOG = "see_log"  # the completion log and its proof
    SEE_UPKEEP = "see_upkeep"  # today, problems, what will go out, backups, feedback
    SEE_SECURITY = "see_security"  # who came in, who was turned away
    RECORD = "record"  # done, nothing to report, ask for a later day, hand over, snooze, attendance
    CHANGE = "change"  # reopen, waive
    DECIDE = "decide"  # a later day asked for, signing off: by who is assigned to it
    ADD_ITEM = "add_item"  # an ad-hoc item (临时交办)
    EDIT_FILES = "edit_files"  # people, units, duties, holidays, start date
    RUN = "run"  # send again, release a hold, test a channel, back up, answer feedback
    ACCOUNTS = "accounts"  # open, lock and end accounts


class Reach(IntEnum):
    """How far a right goes; more includes less."""

    NONE = 0
    OWN = 1  # what the person is assigned to
    SCOPE = 2  # everything of the account's unit and below; the whole office without a unit
    WHOLE = 3  # only with the whole office as scope: what cannot be cut by units


_A, _L, _O, _S, _U = AccountRole.ADMIN, AccountRole.LEADER, AccountRole.OFFICE, AccountRole.STAFF, AccountRole.AUDITOR
_EVERYBODY = (_A, _L, _O, _S, _U)

RIGHTS: Mapping[Action, Mapping[AccountRole, Reach]] = {
    Action.ENTER: dict.fromkeys(_EVERYBODY, Reach.SCOPE),
    Action.OWN: dict.fromkeys(_EVERYBODY, Reach.OWN),
    Action.SEE_FIGURES: dict.fromkeys(_EVERYBODY, Reach.SCOPE),
    Action.SEE_ROWS: dict.fromkeys(_EVERYBODY, Reach.SCOPE),
    Action.SEE_MESSAGES: {_A: Reach.SCOPE, _L: Reach.SCOPE, _O: Reach.SCOPE, _S: Reach.OWN, _U: Reach.SCOPE},
    Action.SEE_LOG: {_A: Reach.WHOLE, _L: Reach.WHOLE, _O: Reach.WHOLE, _U: Reach.WHOLE},
    Action.SEE_UPKEEP: {_A: Reach.WHOLE, _L: Reach.WHOLE, _O: Reach.WHOLE, _U: Reach.WHOLE},
    Action.SEE_SECURITY: {_A: Reach.WHOLE, _U: Reach.WHOLE},
    # The admin records for others only as what it is: the entry names him beside the doer (三员).
    Action.RECORD: {_A: Reach.SCOPE, _L: Reach.OWN, _O: Reach.SCOPE, _S: Reach.OWN},
    Action.CHANGE: {_A: Reach.SCOPE, _O: Reach.SCOPE},
    Action.DECIDE: {_A: Reach.OWN, _L: Reach.OWN, _O: Reach.OWN, _S: Reach.OWN},
    Action.ADD_ITEM: {_A: Reach.SCOPE, _L: Reach.SCOPE, _O: Reach.SCOPE},
    Action.EDIT_FILES: {_A: Reach.WHOLE},
    Action.RUN: {_A: Reach.WHOLE},
    Action.ACCOUNTS: {_A: Reach.WHOLE},
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who signed in, or a program that acts for his account."""

    account_id: int
    person: str
    name: str
    role: AccountRole
    units: frozenset[str] | None = None  # keys of the units in his scope; None: the whole office

    @property
    def sees_all(self) -> bool:
        return self.units is None


def reach_of(visitor: Visitor | None, action: Action) -> Reach:
    """How far the visitor may go; nobody may do more than come in."""
    if visitor is None:
        return Reach.SCOPE if action is Action.ENTER else Reach.NONE
    reach = RIGHTS[action].get(visitor.role, Reach.NONE)
    if reach is Reach.WHOLE and not visitor.sees_all:
        return Reach.NONE
    return reach


def may(visitor: Visitor | None, action: Action, *, unit: str | None, persons: Collection[str]) -> bool:
    """Whether the action may be done on something of ``unit`` to which ``persons`` (keys) are assigned.

    Something without a unit belongs to the whole office; whoever is assigned to it sees it whatever its unit.
    """
    reach = reach_of(visitor, action)
    if visitor is None or reach is Reach.NONE:
        return False
    mine = visitor.person in persons
    if reach is Reach.OWN:
        return mine
    return mine or visitor.units is None or unit in visitor.units
