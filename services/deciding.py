"""Who may decide on an extension, who is told of it, and what is said when nobody can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_

from models.reminder import ReminderState, reminders
from planning.acts import Act
from planning.duty import Role
from planning.wording import day_name
from services.awaiting import undecided_key
from services.errors import Refused
from services.held import last_entry, name_of, ref_of
from services.problems import report_problem
from services.remaining import active_assignments, end_reminders, of_occurrence, plan_reminders, reminder

OVERSEER, LEADER = "overseer", "leader"
"""Who approves, as the settings say: those who oversee (and the leaders above them), or the leaders only."""

_DECIDING: Mapping[str, tuple[Role, ...]] = {OVERSEER: (Role.OVERSEER, Role.LEADER), LEADER: (Role.LEADER,)}


def deciding_roles(approval: str) -> tuple[Role, ...]:
    """The roles whose holders may decide under this setting ("overseer" or "leader")."""
    return _DECIDING.get(approval, _DECIDING[OVERSEER])


def deciders(db: Connection, held: Row[Any], approval: str, *, besides: Iterable[str | None] = ()) -> list[Row[Any]]:
    """The parts of those who may decide. Where no leader is named, those who oversee take the leader's place."""
    active = active_assignments(db, held.id)
    wanted = [part for part in active if part.role in deciding_roles(approval)]
    found = wanted or [part for part in active if part.role in _DECIDING[OVERSEER]]
    left_out = set(besides)
    return [part for part in found if part.person not in left_out]


def refuse_unless_decider(
    db: Connection, held: Row[Any], request: Row[Any], *, by: str, actor: str, approval: str, admin: str
) -> None:
    entry = last_entry(db, held, kind=Act.EXTENSION_ASKED)
    pressed = entry.actor if entry is not None else request.asked_by
    if {by, actor} & {request.asked_by, pressed}:
        raise Refused("延期申请不能由申请人自己批复，请由分管领导或主要领导批复。", code="own_request")
    named = deciders(db, held, approval)
    if by == admin or by in {part.person for part in named}:
        return
    names = "、".join(dict.fromkeys(part.name for part in named))
    who = f"由{names}批复" if names else "由管理员批复（没有登记分管领导）"
    raise Refused(f"“{held.title}”的延期申请{who}，{name_of(db, by)}不能批复。", code="not_decider")


def askers(db: Connection, held: Row[Any], request: Row[Any]) -> list[Row[Any]]:
    """The parts of who asked; when he has none (any more), those of the owners."""
    active = active_assignments(db, held.id)
    mine = [part for part in active if part.person == request.asked_by]
    return mine or [part for part in active if part.role == Role.OWNER]


def tell(db: Connection, held: Row[Any], parts: Iterable[Row[Any]], *, step: str, number: int, say: str, now: datetime) -> int:
    """One notice for each person; how many. An older one of the same step that was not yet told gives way."""
    older = and_(of_occurrence(held.id), reminders.c.step == step)
    end_reminders(db, older, state=ReminderState.SUPERSEDED, reason="延期申请有了新的结果")
    one_each = {part.person: part for part in parts}
    # No epoch counts these: two requests may be made for one due day, and each is told of.
    about = {"occurrence_id": held.id, "step": step, "offset": 0, "due_epoch": -number, "fire_at": now, "say": say}
    return plan_reminders(db, (reminder(assignment_id=part.id, **about) for part in one_each.values()))


def report_undecidable(db: Connection, held: Row[Any], *, by_name: str, to: date, now: datetime) -> None:
    text = (
        f"“{held.title}”（{ref_of(held)}）的延期申请没有人可以批复：没有登记其他的分管领导。"
        f"{by_name}申请延至{day_name(to)}，请管理员批复（suishi extension approve {ref_of(held)} --by 管理员）。"
    )
    report_problem(db, key=undecided_key(held.id), kind="undecided", text=text, now=now)
