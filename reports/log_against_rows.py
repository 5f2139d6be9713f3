"""Whether the log and the rows it speaks of say the same, both ways."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from models.occurrence import OccurrenceState, occurrences
from models.record import completions, evidence
from planning.acts import Act
from planning.reference import reference

_STATE_AFTER: Mapping[str, str] = {
    Act.DONE: OccurrenceState.DONE,
    Act.REVIEWED: OccurrenceState.DONE,
    Act.WAIVED: OccurrenceState.WAIVED,
    Act.REOPENED: OccurrenceState.OPEN,
}
_STATE_NAMES = {OccurrenceState.DONE: "办结", OccurrenceState.WAIVED: "免办", OccurrenceState.OPEN: "待办"}
_COMPLETION = ("by", "by_name", "recorded_by", "late_workdays", "late_days", "nothing_to_report", "measures", "note")

Finding = tuple[int | None, str]


@dataclass(slots=True)
class Told:
    """What the log says of each occurrence, gathered while the chain is walked. Texts are kept as digests only."""

    states: dict[str, tuple[int, str]] = field(default_factory=dict)  # reference -> entry, state after it
    signed: dict[str, int] = field(default_factory=dict)  # reference -> entry that signed it off
    extended: dict[str, tuple[int, int]] = field(default_factory=dict)  # reference -> entry, number of extensions
    completed: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)  # reference, turn -> entry, digest
    files: dict[str, tuple[int, str, int]] = field(default_factory=dict)  # stored_as -> entry, sha256, size

    def hear(self, row: Row[Any]) -> None:
        """Take in one entry; what cannot be read is the chain's finding, not ours."""
        after = _STATE_AFTER.get(row.kind)
        if after is not None:
            self.states[row.subject] = (row.seq, after)
            self.signed.pop(row.subject, None)
        if row.kind == Act.SIGNED_OFF:
            self.signed[row.subject] = row.seq
        elif row.kind == Act.EXTENDED:
            self.extended[row.subject] = (row.seq, self.extended.get(row.subject, (0, 0))[1] + 1)
        elif row.kind in {Act.DONE, Act.REVIEWED, Act.PROVED}:
            said = _read(row.payload)
            if row.kind != Act.PROVED:
                self.completed[row.subject, _number(said.get("turn"))] = (row.seq, _digest(said, str(said.get("done_on"))))
            for file in said.get("evidence") or ():
                self.files[str(file.get("stored_as"))] = (row.seq, str(file.get("sha256")), _number(file.get("size")))


def differences(db: Connection, told: Told) -> Iterator[Finding]:
    """Each place where rows and log disagree, with the entry concerned when there is one."""
    yield from _occurrences(db, told)
    yield from _completions(db, told)
    yield from _evidence(db, told)


def _occurrences(db: Connection, told: Told) -> Iterator[Finding]:
    row = occurrences.c
    closed = row.state.in_((OccurrenceState.DONE, OccurrenceState.WAIVED))
    query = select(row.duty_key, row.period, row.state, row.signed_off_at, row.extensions)
    states = dict(told.states)
    signed, extended = dict(told.signed), dict(told.extended)
    for one in db.execute(query.where(or_(closed, row.signed_off_at.is_not(None), row.extensions > 0))):
        ref = reference(one.duty_key, one.period)
        if one.state in {OccurrenceState.DONE, OccurrenceState.WAIVED}:
            seq, after = states.pop(ref, (None, OccurrenceState.OPEN))
            if after != one.state:
                yield seq, f"“{ref}”在台账里是{_STATE_NAMES[one.state]}，记录中没有对应的一条。"
        entry = signed.pop(ref, None)
        if (entry is not None) != (one.signed_off_at is not None):
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


def _completions(db: Connection, told: Told) -> Iterator[Finding]:
    completed = dict(told.completed)
    query = select(completions, occurrences.c.duty_key, occurrences.c.period).join(
        occurrences, occurrences.c.id == completions.c.occurrence_id
    )
    for row in db.execute(query):
        ref = reference(row.duty_key, row.period)
        seq, digest = completed.pop((ref, row.turn), (None, None))
        if seq is None:
            yield None, f"“{ref}”第{row.turn}次办结登记在记录中没有对应的一条。"
        elif digest != _digest(row._asdict(), row.done_on.isoformat()):
            yield seq, f"“{ref}”的办结登记与第{seq}条不一致：登记被改动。"
    for (ref, _), (seq, _) in completed.items():
        yield seq, f"第{seq}条办结“{ref}”，台账里却没有这次登记。"


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
    try:
        found = json.loads(str(payload))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


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
        return sorted((_composed(name), number) for name, number in value.items())
    return value
