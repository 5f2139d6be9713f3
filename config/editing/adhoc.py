"""临时交办: an item that came in between, as a duty of its own that is done once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from config.editing.change import Draft
from config.editing.duties import FieldValue, add_duty, duty_row, next_number
from config.editing.refusals import EditRefused
from config.editing.spelling import Value, content_of, item_lines
from planning.duty import Kind
from planning.rules import OnceOn
from planning.written import read_written

FILE = "calendar/90-adhoc.yaml"

_KINDS = (Kind.ROUTINE, Kind.RECTIFICATION)
_MANY = frozenset({"for_each", "from_year", "until_year"})
_HEAD = """\
# yaml-language-server: $schema=../.schema/calendar.json
# 临时交办：页面上登记的事，一件一条，只办一次。编号自动往下排，用过的不再用。
# 这里也可以手改：标题、承办、时限、说明都行；key 和 period 不要改，改了就成了另一件事。
# 办完了也不要删：删去不会删掉记录，只是以后查不到它的出处。

duties:
"""


def add_item(
    draft: Draft,
    *,
    title: str,
    owner: str,
    due_on: date,
    as_of: date,
    for_each: str = "",
    as_written: str = "",
    note: str = "",
    kind: Kind = Kind.ROUTINE,
    more: Mapping[str, FieldValue] | None = None,
    taken: Iterable[str] = (),
) -> tuple[Draft, str]:
    """The draft with the item in ``calendar/90-adhoc.yaml``, and the new duty's key.

    Planning makes one occurrence of it, as soon as the year of ``due_on`` is among the planned ones (this and the next).

    The key and period count the items of the year of ``as_of`` (``adhoc-2026-001``, 临时-2026-001). ``taken``: keys of
    duties known to the database, so that the number of one deleted from the file is not given again. ``as_written``
    is the deadline in the paper's words: it becomes the rule when it means ``due_on``, else it goes into the note.
    ``for_each``: a kind of units, each of which does it (``owner`` is then ``unit:each``).
    ``more``: other fields of a duty (partners, overseer, verifier, sign_off …), none that makes more of it than one.
    Raises EditRefused: kind, not_editable, file_faulty.
    """
    if kind not in _KINDS:
        raise EditRefused("临时交办只分常规和整改两类：请另选一类，或写进事项文件。", code="kind")
    if more and not _MANY.isdisjoint(more):
        raise EditRefused("临时交办只办一次，不写起止年份：请写进事项文件。", code="not_editable")
    number = next_number(f"adhoc-{as_of.year}", [*taken, *(draft.text(file) for file in draft.calendar_files)])
    fits = _means(as_written, due_on)
    rule: Value = as_written.strip() if fits else {"on": due_on}
    said = note.strip() if fits else _with_words(note.strip(), as_written.strip())
    key = f"adhoc-{as_of.year}-{number:03}"
    fields: dict[str, FieldValue] = {
        **(more or {}),
        "key": key,
        "kind": kind.value,
        "title": title.strip(),
        "owner": owner,
        "rule": rule,
        "note": said,
        "for_each": for_each,
        "period": f"临时-{as_of.year}-{number:03}",
    }
    return draft.edit(FILE, lambda text: _added(text, fields)), key


def _added(text: str, fields: Mapping[str, FieldValue]) -> str:
    """A file that is not there yet gets a head that says what it is."""
    if text:
        return add_duty(text, fields)
    lines = item_lines(content_of(duty_row(fields)), block=True)
    return _HEAD + "".join(f"  {line}\n" if line else "\n" for line in lines)


def _with_words(note: str, as_written: str) -> str:
    if not as_written:
        return note
    return f"{note}（时限原文：{as_written}）" if note else f"时限原文：{as_written}"


def _means(as_written: str, due_on: date) -> bool:
    """Whether a calendar file can hold the words themselves: they name this one day, also on another day's reading."""
    try:
        return read_written(as_written) == OnceOn(due_on)
    except (ValueError, OverflowError):
        return False
