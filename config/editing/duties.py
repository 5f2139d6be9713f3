"""Changes of a calendar file: each takes the file's text and answers with the new one.

A duty's fields are handed over as the files write them: a rule as its text (3月底) or its mapping ({by: 03-31}), a
ladder as its name, its text or its list of steps, a party as ``role:学习秘书``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

from config.editing.change import Draft
from config.editing.document import Document
from config.editing.refusals import EditRefused
from config.editing.spelling import Value
from config.problems import shown
from planning.duty import Measure

FieldValue: TypeAlias = "Value | Sequence[Measure] | None"

FIELDS = (
    *("key", "kind", "title", "basis", "basis_mark"),
    *("owner", "partners", "overseer", "leader", "verifier"),
    *("rule", "shift", "ladder", "for_each", "evidence", "evidence_required", "measures"),
    *("sign_off", "zero_report", "login_required", "themes", "period", "note", "from_year", "until_year"),
)
"""All fields of a duty in the order of the packs, which a new field takes its place by."""

FIXED = frozenset({"key", "kind", "for_each", "period"})
"""What names a duty and its occurrences: another value would make it another duty. Only the file can be edited so."""

_DUTIES = "duties"


def file_of(draft: Draft, key: str) -> str:
    """The name of the calendar file that holds the duty. Raises EditRefused (unknown_duty)."""
    for name in draft.calendar_files:
        with suppress(EditRefused):  # another file's faults are no hindrance
            if Document.of(draft.text(name)).index((_DUTIES,), key) is not None:
                return name
    raise EditRefused(f"事项文件里没有 {shown(key)}，或它所在的文件有写法错误：请运行 suishi check 看看。", code="unknown_duty")


def free_key(draft: Draft, kind: str, *, taken: Iterable[str]) -> str:
    """A key for a duty that nobody names: its kind and the next number (study-07).

    ``taken``: keys that were ever used, as a key is not given twice, even when its duty has left the files.
    """
    number = next_number(kind, (*taken, *(draft.text(file) for file in draft.calendar_files)))
    return f"{kind}-{number:02}"


def next_number(stem: str, texts: Iterable[str]) -> int:
    """One more than the highest number behind ``stem-`` anywhere, be it in a comment or in a file with faults."""
    pattern = re.compile(rf"(?<![\w-]){re.escape(stem)}-([0-9]{{1,6}})(?![\w-])", re.ASCII)
    return 1 + max((int(number) for text in texts for number in pattern.findall(text)), default=0)


def change_duty(text: str, key: str, changes: Mapping[str, FieldValue]) -> str:
    """Give fields of a duty new values; None or nothing takes a field out. What is equal stays as it is written.

    Raises EditRefused: unknown_duty, not_editable.
    """
    document = Document.of(text)
    at = _place(document, key)
    for name, value in changes.items():
        _refuse_fixed(name)
        document = _changed(document, (_DUTIES, at, name), _rows(value))
    return document.text


def add_duty(text: str, fields: Mapping[str, FieldValue], *, after: str | None = None) -> str:
    """Write a new duty below the duty ``after``, at the end without one. Raises EditRefused: key_taken, not_editable."""
    document = Document.of(text)
    key = str(fields.get("key") or "")
    if document.index((_DUTIES,), key) is not None:
        raise EditRefused(f"代号 {shown(key)} 已经有了：请换一个，代号只用一次。", code="key_taken")
    at = len(document.members((_DUTIES,))) if after is None else _place(document, after) + 1
    return document.insert((_DUTIES,), at, duty_row(fields)).text


def stop_after(text: str, key: str, year: int | None) -> str:
    """The last year in which the duty is done; None: it goes on. Its history stays, which deleting it would not do."""
    return change_duty(text, key, {"until_year": year})


def duty_row(fields: Mapping[str, FieldValue]) -> dict[str, Value]:
    """The fields of a new duty in their usual order, without those that say nothing."""
    for name in fields:
        if name not in FIELDS:
            raise EditRefused(f"事项里没有 {shown(name)} 这个字段：请管理员在文件里改。", code="not_editable")
    values = {name: _rows(fields[name]) for name in FIELDS if name in fields}
    return {
        name: value for name, value in values.items() if value is not None and not _says_nothing(value) and value is not False
    }


def _changed(document: Document, path: tuple[str, int, str], value: Value | None) -> Document:
    if value is None or _says_nothing(value):
        return document.remove(path)
    if value is False and document.get(path) is None:
        return document
    return document.set(path, value, order=FIELDS)


def _says_nothing(value: Value) -> bool:
    return not isinstance(value, int) and not value


def _rows(value: FieldValue) -> Value | None:
    if isinstance(value, str | int | Mapping) or value is None or not isinstance(value, Sequence):
        return value
    return [_measure(one) if isinstance(one, Measure) else one for one in value]


def _measure(measure: Measure) -> Value:
    row: dict[str, Value] = {"name": measure.name}
    if measure.unit:
        row["unit"] = measure.unit
    if measure.required:
        row["required"] = True
    return row


def _refuse_fixed(name: str) -> None:
    if name in FIXED or name not in FIELDS:
        raise EditRefused(f"事项的 {shown(name)} 不能在页面上改：定了就不再改，确有必要请管理员在文件里改。", code="not_editable")


def _place(document: Document, key: str) -> int:
    index = document.index((_DUTIES,), key)
    if index is None:
        raise EditRefused(f"这个文件里没有事项 {shown(key)}：请刷新页面，重新选一次。", code="unknown_duty")
    return index
