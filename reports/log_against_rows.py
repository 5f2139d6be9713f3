"""Whether the log and the rows it speaks of say the same, both ways."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, exists, func, or_, select, type_coerce

from models.occurrence import OccurrenceState, RequestState, extension_requests, occurrences
from models.record import completions, evidence, evidence_voids
from planning.acts import Act
from planning.reference import reference
from reports.sheets_against_log import TELLING, SheetsTold, sheet_differences

_STATE_AFTER: Mapping[str, str] = {
    Act.DONE: OccurrenceState.DONE,
    Act.REVIEWED: OccurrenceState.DONE,
    Act.WAIVED: OccurrenceState.WAIVED,
    Act.REOPENED: OccurrenceState.OPEN,
}
_ASKED = "asked"
_REQUESTS: Mapping[str, str] = {Act.EXTENSION_ASKED: _ASKED, Act.EXTENSION_REFUSED: RequestState.REFUSED}
_REQUEST_NAMES = {_ASKED: "延期申请", RequestState.APPROVED: "批准延期", RequestState.REFUSED: "不批准延期"}
_STATE_NAMES = {OccurrenceState.DONE: "办结", OccurrenceState.WAIVED: "免办", OccurrenceState.OPEN: "待办"}
_COMPLETION = ("by", "by_name", "recorded_by", "late_workdays", "late_days", "nothing_to_report", "measures", "note")
_CLOSING: Mapping[str, str] = {"done_on": "办结日期", "late": "是否逾期", "due_on": "时限", "original_due_on": "原定时限"}
"""Columns of a closed occurrence that its closing entry tells as well, and what they are called."""

Finding = tuple[int | None, str]


@dataclass(slots=True)
class Told:
    """What the log says of each occurrence, gathered while the chain is walked. Texts are kept as digests only."""

    states: dict[str, tuple[int, str]] = field(default_factory=dict)  # reference -> entry, state after it
    signed: dict[str, int] = field(default_factory=dict)  # reference -> entry that signed it off
    extended: dict[str, tuple[int, int]] = field(default_factory=dict)  # reference -> entry, number of extensions
    completed: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)  # reference, turn -> entry, digest
    files: dict[str, tuple[int, str, int]] = field(default_factory=dict)  # stored_as -> entry, sha256, size
    voids: dict[str, tuple[int, int]] = field(default_factory=dict)  # stored_as -> entry, digest of who and why
    requests: dict[str, Counter[str]] = field(default_factory=dict)  # reference -> how often asked, approved, refused
    closings: dict[str, tuple[object, ...]] = field(default_factory=dict)  # reference -> its columns at the last closing
    sheets: SheetsTold = field(default_factory=SheetsTold)
    odd: list[int] = field(default_factory=list)  # entries whose payload nobody here writes

    def hear(self, row: Row[Any]) -> None:
        """Take in one entry; what cannot be read is the chain's finding, not ours."""
        after = _STATE_AFTER.get(row.kind)
        if after is not None:
            self.states[row.subject] = (row.seq, after)
            self.signed.pop(row.subject, None)
            self.closings.pop(row.subject, None)
        if row.kind == Act.SIGNED_OFF:
            self.signed[row.subject] = row.seq
        elif row.kind == Act.EXTENDED:
            self.extended[row.subject] = (row.seq, self.extended.get(row.subject, (0, 0))[1] + 1)
            self._hear_approval(row)
        elif row.kind in _REQUESTS:
            self.requests.setdefault(row.subject, Counter())[_REQUESTS[row.kind]] += 1
        elif row.kind in {Act.PROVED, Act.EVIDENCE_VOIDED} or row.kind in TELLING:
            try:
                self._hear_payload(row, _read(row.payload))
            except (ValueError, TypeError, AttributeError, RecursionError):  # of another shape than any that is written here
                self.odd.append(row.seq)

    def _hear_approval(self, row: Row[Any]) -> None:
        try:
            approved = _read(row.payload).get("approved_by")
        except (ValueError, TypeError, RecursionError):
            self.odd.append(row.seq)
            return
        if approved:
            self.requests.setdefault(row.subject, Counter())[RequestState.APPROVED] += 1

    def _hear_payload(self, row: Row[Any], said: Mapping[str, Any]) -> None:
        if row.kind in TELLING:
            self.sheets.hear(row, said)
        if row.kind == Act.WAIVED:
            self.closings[row.subject] = (None, False, said.get("due_on"), None)
            return
        if row.kind == Act.EVIDENCE_VOIDED:
            self.voids[_plain(said.get("stored_as"))] = (row.seq, hash((said.get("by"), said.get("reason"))))
            return
        if row.kind in {Act.DONE, Act.REVIEWED}:
            self.closings[row.subject] = tuple(said.get(name) for name in _CLOSING)
            self.completed[row.subject, _number(said.get("turn"))] = (row.seq, _digest(said, str(said.get("done_on"))))
        for file in said.get("evidence") or ():
            self.files[_plain(file.get("stored_as"))] = (row.seq, str(file.get("sha256")), _number(file.get("size")))


def differences(db: Connection, told: Told) -> Iterator[Finding]:
    """Each place where rows and log disagree, with the entry concerned when there is one."""
    yield from ((seq, f"第{seq}条的内容看不懂，不是本系统写下的样子：该条被改动。") for seq in told.odd)
    yield from _occurrences(db, told)
    yield from _requests(db, told)
    yield from _closings(db, told)
    yield from _completions(db, told)
    yield from _evidence(db, told)
    yield from sheet_differences(db, told.sheets)
    yield from _voids(db, told)


def _occurrences(db: Connection, told: Told) -> Iterator[Finding]:
    row = occurrences.c
    closed = row.state.in_((OccurrenceState.DONE, OccurrenceState.WAIVED))
    signed_off = row.signed_off_at.is_not(None).label("signed_off")
    query = select(row.duty_key, row.period, row.state, signed_off, row.extensions)
    states = dict(told.states)
    signed, extended = dict(told.signed), dict(told.extended)
    for one in db.execute(query.where(or_(closed, row.signed_off_at.is_not(None), row.extensions > 0))):
        ref = reference(one.duty_key, one.period)
        if one.state in {OccurrenceState.DONE, OccurrenceState.WAIVED}:
            seq, after = states.pop(ref, (None, OccurrenceState.OPEN))
            if after != one.state:
                yield seq, f"“{ref}”在台账里是{_STATE_NAMES[one.state]}，记录中没有对应的一条。"
        entry = signed.pop(ref, None)
        if (entry is not None) != bool(one.signed_off):
            yield entry, f"“{ref}”的销号在台账和记录中不一致。"
        last, count = extended.pop(ref, (None, 0))
        if count != one.extensions:
            yield last, f"“{ref}”在台账里延期{one.extensions}次，记录中有{count}次。"
    for ref, (seq, after) in states.items():
        if after != OccurrenceState.OPEN:
            yield seq, f"第{seq}条说“{ref}”已{_STATE_NAMES[OccurrenceState(after)]}，台账里却不是。"
    for ref, seq in signed.items():
        yield seq, f"第{seq}条说“{ref}”已销号，台账里却没有。"
    for ref, (seq, _) in extended.items():
        yield seq, f"第{seq}条说“{ref}”延过期，台账里却没有。"


def _requests(db: Connection, told: Told) -> Iterator[Finding]:
    """Each wish for a later day was asked for in the log, and decided there if it was decided."""
    row = extension_requests.c
    query = select(occurrences.c.duty_key, occurrences.c.period, row.state, func.count().label("many"))
    joined = query.join(occurrences, occurrences.c.id == row.occurrence_id)
    now: dict[str, Counter[str]] = {}
    for one in db.execute(joined.group_by(occurrences.c.duty_key, occurrences.c.period, row.state)):
        counted = now.setdefault(reference(one.duty_key, one.period), Counter())
        counted[one.state] += one.many
        counted[_ASKED] += one.many
    for ref in sorted(now.keys() | told.requests.keys()):
        here, there = now.get(ref, Counter()), told.requests.get(ref, Counter())
        for kind, name in _REQUEST_NAMES.items():
            if here[kind] != there[kind]:
                yield None, f"“{ref}”的{name}在台账里有{here[kind]}次，记录中有{there[kind]}次。"


def _closings(db: Connection, told: Told) -> Iterator[Finding]:
    """The columns of what is closed, which no later act touches: as they were said at the closing."""
    row = occurrences.c
    columns = [_raw(db, row[name]) if name != "late" else row[name] for name in _CLOSING]
    newest = (
        select(func.max(completions.c.id)).where(completions.c.occurrence_id == row.id).correlate(occurrences).scalar_subquery()
    )
    valid = evidence.c.id.not_in(select(evidence_voids.c.evidence_id))
    with_evidence = (
        exists().where(row.state == OccurrenceState.DONE, evidence.c.completion_id == newest, valid).correlate(occurrences)
    )
    query = select(row.duty_key, row.period, row.state, row.proved, with_evidence.label("has_evidence"), *columns)
    for one in db.execute(query.where(row.state.in_((OccurrenceState.DONE, OccurrenceState.WAIVED)))):
        ref = reference(one.duty_key, one.period)
        seq, after = told.states.get(ref, (None, ""))
        if one.proved != one.has_evidence:
            yield seq, f"“{ref}”在台账里{'有' if one.proved else '没有'}佐证，佐证登记里却{'没有' if one.proved else '有'}。"
        if after != one.state or ref not in told.closings:
            continue  # said already: there is no entry that closed it so, or it cannot be read
        now = dict(zip(_CLOSING, (_as_written(getattr(one, name)) for name in _CLOSING), strict=True))
        then = dict(zip(_CLOSING, told.closings[ref], strict=True))
        if one.state == OccurrenceState.WAIVED:
            then["original_due_on"] = now["original_due_on"]  # a waiver does not speak of it
        wrong = [name for column, name in _CLOSING.items() if now[column] != then[column]]
        if wrong:
            yield seq, f"“{ref}”的{'、'.join(wrong)}与第{seq}条不一致：台账被改动。"


def _completions(db: Connection, told: Told) -> Iterator[Finding]:
    completed = dict(told.completed)
    said = [completions.c[name] for name in _COMPLETION if name != "measures"]
    query = select(
        completions.c.turn,
        *said,
        _raw(db, completions.c.done_on),
        _raw(db, completions.c.measures),
        occurrences.c.duty_key,
        occurrences.c.period,
    ).join(occurrences, occurrences.c.id == completions.c.occurrence_id)
    for row in db.execute(query):
        ref = reference(row.duty_key, row.period)
        seq, digest = completed.pop((ref, row.turn), (None, None))
        if seq is None:
            yield None, f"“{ref}”第{row.turn}次办结登记在记录中没有对应的一条。"
        elif digest != _digest_of_row(row):
            yield seq, f"“{ref}”的办结登记与第{seq}条不一致：登记被改动。"
    for (ref, _), (seq, _) in completed.items():
        yield seq, f"第{seq}条办结“{ref}”，台账里却没有这次登记。"


def _raw(db: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as it lies there: SQLite takes any text for a day, and a spoilt one is a finding, not a crash."""
    name = column.key or ""
    return type_coerce(column, String).label(name) if db.dialect.name == "sqlite" else column


def _digest_of_row(row: Row[Any]) -> int | None:
    """None when what lies there cannot be read as anything that is written here."""
    try:
        measures = json.loads(row.measures) if isinstance(row.measures, str) else row.measures
        return _digest({**row._asdict(), "measures": measures}, str(_as_written(row.done_on)))
    except (ValueError, TypeError, RecursionError):
        return None


def _evidence(db: Connection, told: Told) -> Iterator[Finding]:
    files = dict(told.files)
    for row in db.execute(select(evidence.c.name, evidence.c.stored_as, evidence.c.sha256, evidence.c.size)):
        seq, sha256, size = files.pop(row.stored_as, (None, "", 0))
        if seq is None:
            yield None, f"佐证“{row.name}”在记录中没有对应的一条。"
        elif (sha256, size) != (row.sha256, row.size):
            yield seq, f"佐证“{row.name}”与第{seq}条不一致：文件登记被改动。"
    for stored_as, (seq, _, _) in files.items():
        yield seq, f"第{seq}条提到佐证文件{stored_as}，台账里却没有。"


def _read(payload: object) -> dict[str, Any]:
    """Raises ValueError, TypeError or RecursionError for what is no JSON object."""
    found = json.loads(str(payload))
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


def _as_written(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _plain(name: object) -> str:
    """A name that can be printed, whatever was put there."""
    return str(name).encode("utf-8", "replace").decode()


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _digest(said: Mapping[str, Any], done_on: str) -> int:
    """Of what a completion says. Python's own hash of text is keyed anew in each process: nobody can aim at it."""
    return hash(repr([done_on, *(_composed(said.get(name)) for name in _COMPLETION)]))


def _composed(value: object) -> object:
    """The log keeps every text composed (NFC); a row keeps what it was given."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return sorted(((_composed(name), number) for name, number in value.items()), key=repr)
    return value


def _voids(db: Connection, told: Told) -> Iterator[Finding]:
    """Each file that is void was declared so in the log, by the same person and for the same reason."""
    here = dict(told.voids)
    joined = select(evidence.c.name, evidence.c.stored_as, evidence_voids.c.by, evidence_voids.c.reason).join(
        evidence_voids, evidence_voids.c.evidence_id == evidence.c.id
    )
    for row in db.execute(joined):
        seq, said = here.pop(row.stored_as, (None, 0))
        if seq is None:
            yield None, f"佐证“{row.name}”在台账里已作废，记录中没有对应的一条。"
        elif said != hash((row.by, row.reason)):
            yield seq, f"佐证“{row.name}”的作废与第{seq}条不一致：作废登记被改动。"
    for stored_as, (seq, _) in here.items():
        yield seq, f"第{seq}条作废了佐证文件{stored_as}，台账里却没有作废。"
