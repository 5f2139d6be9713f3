"""The one way a completion is written, whoever asked for it: checked, stamped, logged, and nothing left to remind of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import Connection, Row, insert, select

from models.occurrence import OccurrenceState
from models.office import duties
from models.record import completions
from models.reminder import ReminderState
from models.store import Store
from planning.acts import Act
from planning.wording import day_name
from planning.workdays import Workdays
from services.asking_sign_off import ask_for_sign_off
from services.attendance import sheet_for_log
from services.awaiting import end_request
from services.errors import Refused
from services.evidence import NewEvidence, Stored, add_rows, stored
from services.failpoints import reach
from services.held import change, hold, last_completion, refuse_unless_open, write_entry
from services.measures import read_measures
from services.remaining import end_reminders, of_occurrence


@dataclass(frozen=True, slots=True)
class Completed:
    ref: str
    seq: int  # of the log entry
    hash: str
    late: bool
    late_workdays: int  # after the due day in force
    due_on: date


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said, before it is compared with what the duty asks. ``as_of`` is the office's own day."""

    by: str
    by_name: str
    recorded_by: str
    via: str
    now: datetime
    done_on: date
    as_of: date
    measures: Mapping[str, str | int]
    note: str
    nothing_to_report: bool
    files: tuple[Stored, ...]
    row_version: int | None


class Doing(TypedDict):
    """What every record of something done is told, whichever act it is."""

    by: str  # person key of the doer
    by_name: str
    recorded_by: str  # who pressed the button
    via: str
    now: datetime
    done_on: date
    workdays: Workdays
    measures: NotRequired[Mapping[str, str | int] | None]
    evidence: NotRequired[Sequence[NewEvidence]]
    folder: NotRequired[Path | None]  # where evidence is stored
    row_version: NotRequired[int | None]  # what a page showed
    as_of: NotRequired[date | None]  # the office's own day; without it the day of ``now`` in the zone it carries


def close_with(
    store: Store,
    ref: str,
    *,
    act: Act,
    refuse: Callable[[Row[Any]], None],
    note: str,
    nothing_to_report: bool,
    **doing: Unpack[Doing],
) -> Completed:
    """Store the evidence and close the occurrence in one transaction. ``refuse`` raises when it is not of this act's kind."""
    now = doing["now"]
    with stored(doing.get("evidence", ()), doing.get("folder")) as files:
        said = Said(
            by=doing["by"],
            by_name=doing["by_name"],
            recorded_by=doing["recorded_by"],
            via=doing["via"],
            now=now,
            done_on=doing["done_on"],
            as_of=doing.get("as_of") or now.date(),
            measures=doing.get("measures") or {},
            note=note,
            nothing_to_report=nothing_to_report,
            files=files,
            row_version=doing.get("row_version"),
        )

        def work(db: Connection) -> Completed:
            held = hold(db, ref)
            refuse_unless_open(db, held, now=now)
            refuse(held)
            completed = record_completion(db, held, said, workdays=doing["workdays"], act=act)
            reach("C1")
            return completed

        completed = store.transact(work)
        reach("C2")
        return completed


def record_completion(db: Connection, held: Row[Any], said: Said, *, workdays: Workdays, act: Act) -> Completed:
    """Write the completion of an open occurrence, its evidence, its new state and its log entry; end its reminders."""
    duty = db.execute(select(duties).where(duties.c.key == held.duty_key)).one()
    numbers = _check(held, duty, said)
    # A day that only waits for its notice cannot be missed.
    late = said.done_on > held.due_on and not held.awaiting_notice
    late_workdays = workdays.between(held.due_on, said.done_on) if late else 0
    before = last_completion(db, held)
    facts: dict[str, object] = {
        "turn": 1 if before is None else before.turn + 1,
        "by": said.by,
        "by_name": said.by_name,
        "recorded_by": said.recorded_by,
        "late_workdays": late_workdays,
        "late_days": (said.done_on - held.due_on).days if late else 0,
        "nothing_to_report": said.nothing_to_report,
        "measures": numbers,
        "note": said.note,
    }
    row = {**facts, "occurrence_id": held.id, "via": said.via, "at": said.now, "done_on": said.done_on}
    completion_id = db.execute(insert(completions).returning(completions.c.id), row).scalar_one()
    add_rows(db, said.files, occurrence_id=held.id, completion_id=completion_id, by=said.recorded_by, now=said.now)
    closing = {
        "state": OccurrenceState.DONE,
        "closed_at": said.now,
        "done_on": said.done_on,
        "late": late,
        "proved": bool(said.files),
    }
    change(db, held, row_version=said.row_version, now=said.now, **closing)
    end_reminders(db, of_occurrence(held.id), state=ReminderState.CANCELLED, reason=act)
    end_request(db, held.id, said.now)
    payload = {**facts, "done_on": said.done_on.isoformat(), "late": late, **_assessment(held, said, workdays)}
    payload |= {"evidence": [one.for_log() for one in said.files], **sheet_for_log(db, held.id)}
    entry = write_entry(db, held, kind=act, actor=said.recorded_by, via=said.via, now=said.now, payload=payload)
    written = last_completion(db, held) if held.sign_off_needed else None
    if written is not None:
        ask_for_sign_off(db, held, written, today=said.as_of, workdays=workdays, now=said.now)
    return Completed(entry.ref, entry.seq, entry.hash, late, late_workdays, held.due_on)


def _check(held: Row[Any], duty: Row[Any], said: Said) -> dict[str, int]:
    """The measures as numbers. Refused with every problem in one sentence, under the code of the first."""
    problems = [("done_on", clause) for clause in _day_problems(held, said)]
    if said.nothing_to_report and not duty.zero_report:
        problems.append(("nothing_to_report", "这一事项不能报“无事”，请填写实际情况"))
    numbers, clauses = read_measures(duty.measures, said.measures, nothing_to_report=said.nothing_to_report)
    problems.extend(("measures", clause) for clause in clauses)
    if duty.evidence_required and not said.files and not said.nothing_to_report:
        wanted = "、".join(duty.evidence) or "照片或文件"
        problems.append(("evidence_missing", f"缺少佐证（{wanted}）"))
    if problems:
        said_all = "；".join(clause for _, clause in problems)
        raise Refused(f"“{held.title}”还不能办结：{said_all}。", code=problems[0][0])
    return numbers


def _day_problems(held: Row[Any], said: Said) -> list[str]:
    if said.done_on > said.as_of:
        return [f"办结日期{day_name(said.done_on, with_year=True)}还没有到"]
    # Next January's report may be written this December, not earlier.
    if said.done_on.year < held.due_on.year - 1:
        return [f"办结日期{day_name(said.done_on, with_year=True)}早得离谱（时限是{day_name(held.due_on, with_year=True)}）"]
    return []


def _assessment(held: Row[Any], said: Said, workdays: Workdays) -> dict[str, object]:
    """Lateness against both days: who let a day pass without an extension is assessed by the original one."""
    late = said.done_on > held.original_due_on and not held.awaiting_notice
    return {
        "due_on": held.due_on.isoformat(),
        "original_due_on": held.original_due_on.isoformat(),
        "original_late_workdays": workdays.between(held.original_due_on, said.done_on) if late else 0,
        "original_late_days": (said.done_on - held.original_due_on).days if late else 0,
        "extensions": held.extensions,
    }
