"""An extension that needs somebody's word (延期申请): asked for before expiry, decided by who oversees, or taken back.

While it is pending the ladder rests and the occurrence is 延期待批, never 逾期 (DOMAIN 4). The decision names the new
day; a refusal leaves the original one in force, and lateness counts from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, insert

from models.occurrence import RequestState, extension_requests
from models.store import Store
from planning.acts import Act
from planning.duty import Role
from planning.held import EXTENSION_ASKED, EXTENSION_DECIDED
from planning.wording import day_name
from planning.workdays import Workdays
from services.awaiting import awaiting, close_request, end_request, go_on, pending_request
from services.deciding import OVERSEER, askers, deciders, deciding_roles, refuse_unless_decider, report_undecidable, tell
from services.errors import Refused
from services.extend import Extension, Ladders, refuse_bad_day, refuse_when_past, write_extension
from services.held import (
    Recorded,
    change,
    day_of,
    hold,
    if_recorded,
    name_of,
    needed_text,
    plain_text,
    ref_of,
    refuse_if_stale,
    refuse_unless_open,
    write_entry,
)
from services.remaining import active_assignments

__all__ = ["OVERSEER", "ask_extension", "awaiting", "decide_extension", "deciding_roles", "end_request", "withdraw_extension"]

_OF_OWN_KIND = (Role.OWNER, Role.PARTNER)


def ask_extension(
    store: Store,
    ref: str,
    *,
    to: date,
    by: str,
    by_name: str,
    reason: str,
    via: str,
    now: datetime,
    tz: tzinfo,
    approval: str = OVERSEER,
    row_version: int | None = None,
    recorded_by: str | None = None,
) -> Recorded:
    """Ask for a later day. The deciders hear of it at once; where there are none, the admin has a problem.

    Raises Refused: reason_missing, not_later, too_late, too_far, already_asked, already_done, waived, withdrawn, changed.
    """
    why = needed_text(reason, what="延期的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        refuse_if_stale(db, held, row_version=row_version, now=now)
        _refuse_second(db, held, now=now)
        today = now.astimezone(tz).date()
        refuse_when_past(held, today=today)
        refuse_bad_day(held, to=to, today=today)
        row = {"from_on": held.due_on, "to_on": to, "reason": why, "asked_by": by, "asked_name": by_name, "asked_at": now}
        fresh = {
            **row,
            "occurrence_id": held.id,
            "state": RequestState.PENDING,
            "decided_by": "",
            "decided_name": "",
            "answer": "",
        }
        number = db.execute(insert(extension_requests).returning(extension_requests.c.id), fresh).scalar_one()
        change(db, held, row_version=row_version, now=now)
        say = f"{by_name}申请延期：由{day_name(held.due_on)}延至{day_name(to)}，原因：{why}。请批复"
        whom = deciders(db, held, approval, besides={by, recorded_by})
        told = tell(db, held, whom, step=EXTENSION_ASKED, number=number, say=say, now=now)
        if not told:
            report_undecidable(db, held, by_name=by_name, to=to, now=now)
        payload: dict[str, object] = {"by": by, "by_name": by_name, "reason": why, "told": told}
        payload |= {"from": held.due_on.isoformat(), "to": to.isoformat(), **if_recorded(by, recorded_by)}
        actor = recorded_by or by
        return write_entry(db, held, kind=Act.EXTENSION_ASKED, actor=actor, via=via, now=now, payload=payload)

    return store.transact(work)


@dataclass(frozen=True, slots=True)
class _Decision:
    approve: bool
    to: date | None
    by: str
    by_name: str
    actor: str
    answer: str
    via: str
    now: datetime
    row_version: int | None


def decide_extension(
    store: Store,
    ref: str,
    *,
    approve: bool,
    to: date | None = None,
    by: str,
    by_name: str,
    answer: str,
    via: str,
    now: datetime,
    workdays: Workdays,
    remind_at: time,
    tz: tzinfo,
    approval: str = OVERSEER,
    admin: str = "",
    row_version: int | None = None,
    recorded_by: str | None = None,
) -> Recorded:
    """Approve, naming the new day (without ``to`` the one asked for), or refuse with a reason. Also after expiry.

    ``admin`` is the person key of the office's admin, who may decide what nobody else can.
    Raises Refused: not_asked, own_request, not_decider, answer_missing, not_later, too_far, already_done, waived,
    withdrawn, changed.
    """
    kept = plain_text(answer, what="批复意见") if approve else needed_text(answer, what="不批准的原因", code="answer_missing")
    said = _Decision(approve, to, by, by_name, recorded_by or by, kept, via, now, row_version)

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        refuse_if_stale(db, held, row_version=row_version, now=now)
        request = _asked(db, held)
        refuse_unless_decider(db, held, request, by=by, actor=said.actor, approval=approval, admin=admin)
        if approve:
            return _approve(db, held, request, said, Ladders(workdays, remind_at, tz))
        return _refuse(db, held, request, said)

    return store.transact(work)


def withdraw_extension(
    store: Store,
    ref: str,
    *,
    by: str,
    via: str,
    now: datetime,
    admin: str = "",
    row_version: int | None = None,
    recorded_by: str | None = None,
) -> Recorded:
    """Take the request back; the ladder goes on. For who asked, for those who do the work now, and for the admin.

    Raises Refused: not_asked, not_yours, already_done, waived, withdrawn, changed.
    """

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        refuse_if_stale(db, held, row_version=row_version, now=now)
        request = _asked(db, held)
        doers = {part.person for part in active_assignments(db, held.id) if part.role in _OF_OWN_KIND}
        if by not in {request.asked_by, admin, *doers}:
            raise Refused(f"这份延期申请由{request.asked_name}提出，请由本人或承办人撤回。", code="not_yours")
        change(db, held, row_version=row_version, now=now)
        close_request(db, request, state=RequestState.WITHDRAWN, now=now, decided_by=by, decided_name=name_of(db, by))
        go_on(db, held.id, now=now)
        payload: dict[str, object] = {"by": by, "to": request.to_on.isoformat(), **if_recorded(by, recorded_by)}
        return write_entry(db, held, kind=Act.EXTENSION_WITHDRAWN, actor=recorded_by or by, via=via, now=now, payload=payload)

    return store.transact(work)


def _approve(db: Connection, held: Row[Any], request: Row[Any], said: _Decision, ladders: Ladders) -> Recorded:
    to = said.to or request.to_on
    refuse_bad_day(held, to=to, today=said.now.astimezone(ladders.tz).date())
    approval: dict[str, object] = {"approved_by": said.by, "approved_name": said.by_name, "answer": said.answer}
    approval |= {"by_name": request.asked_name, "asked_to": request.to_on.isoformat()}
    if said.actor != said.by:
        approval["approval_recorded_by"] = said.actor
    _close(db, request, RequestState.APPROVED, said)
    entry = write_extension(
        db,
        held,
        Extension(
            to=to,
            reason=request.reason,
            by=request.asked_by,
            actor=said.actor,
            via=said.via,
            now=said.now,
            row_version=said.row_version,
            approval=approval,
            knowing=frozenset({said.by, said.actor, *(part.person for part in askers(db, held, request))}),
        ),
        ladders,
    )
    note = f"（{said.answer}）" if said.answer else ""
    words = f"{said.by_name}已批准延期：由{day_name(held.due_on)}延至{day_name(to)}{note}。考核仍以原定时限为准"
    tell(db, held, askers(db, held, request), step=EXTENSION_DECIDED, number=request.id, say=words, now=said.now)
    return entry


def _refuse(db: Connection, held: Row[Any], request: Row[Any], said: _Decision) -> Recorded:
    change(db, held, row_version=said.row_version, now=said.now)
    _close(db, request, RequestState.REFUSED, said)
    go_on(db, held.id, now=said.now)
    words = f"延期申请未获批准（{said.by_name}：{said.answer}）。时限仍为{day_name(held.due_on)}，请抓紧办理"
    tell(db, held, askers(db, held, request), step=EXTENSION_DECIDED, number=request.id, say=words, now=said.now)
    payload: dict[str, object] = {"by": said.by, "by_name": said.by_name, "reason": said.answer, "asked_by": request.asked_by}
    payload |= {"asked_name": request.asked_name, "to": request.to_on.isoformat(), "due_on": held.due_on.isoformat()}
    payload |= if_recorded(said.by, said.actor)
    return write_entry(db, held, kind=Act.EXTENSION_REFUSED, actor=said.actor, via=said.via, now=said.now, payload=payload)


def _close(db: Connection, request: Row[Any], state: RequestState, said: _Decision) -> None:
    close_request(db, request, state=state, now=said.now, decided_by=said.by, decided_name=said.by_name, answer=said.answer)


def _asked(db: Connection, held: Row[Any]) -> Row[Any]:
    request = pending_request(db, held.id)
    if request is None:
        raise Refused(f"“{held.title}”没有待批的延期申请，可能已经批复或撤回。", code="not_asked")
    return request


def _refuse_second(db: Connection, held: Row[Any], *, now: datetime) -> None:
    request = pending_request(db, held.id)
    if request is not None:
        raise Refused(
            f"“{held.title}”的延期申请已由{request.asked_name}于{day_of(request.asked_at, now)}提出"
            f"（延至{day_name(request.to_on)}），正在等待批复，不用再提。"
            f"要改日期的，请先撤回（suishi extension withdraw {ref_of(held)}）。",
            code="already_asked",
        )
