"""What staff typed, read out of a form without judging it, so that it can be shown again when it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from starlette.datastructures import FormData

from services.errors import Refused

MEASURE = "m-"
"""Before the number of a measure: names are Chinese, field names are not."""

_LONGEST = 4000  # characters of one field; the services have smaller limits of their own and say so
_LABELS: Mapping[str, str] = {
    "note": "办理情况",
    "reason": "原因",
    "answer": "批复意见",
    "done_on": "办理日期",
    "to": "日期",
    "until": "推迟到",
    "by": "办理人",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """Every plain field of the form called ``form`` (done, undo, extend, hand_over), as it was typed."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def get(self, form: str, name: str, default: str = "") -> str:
        """The field as typed, if it was typed into this form."""
        return self.values.get(name, default) if form == self.form else default

    @property
    def row_version(self) -> int | None:
        """Of the occurrence as the page showed it; None when the form does not say."""
        seen = self.values.get("seen", "")
        return int(seen) if seen.isascii() and seen.isdigit() else None


def read_typed(form: FormData, name: str) -> Typed:
    plain = {key: value[:_LONGEST] for key, value in form.items() if isinstance(value, str)}
    return Typed(name, plain)


def read_measures(typed: Typed, asked: list[str]) -> dict[str, str]:
    """The numbers by measure name, in the order they were asked; an empty field is left out."""
    given = {name: typed.values.get(f"{MEASURE}{number}", "").strip() for number, name in enumerate(asked)}
    return {name: value for name, value in given.items() if value}


def read_day(typed: Typed, name: str, what: str) -> date:
    """Raises Refused when the field holds no day."""
    written = typed.values.get(name, "").strip()
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refused(f"请填写{what}，写成 2026-03-05 这样。", code="day_unreadable") from None


def in_words(typed: Typed, *, measures: Sequence[str] = (), names: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """What was typed, for a page on which its form is not offered any more: label and value, empty fields left out.

    ``names`` says people's keys in Chinese.
    """
    labels = dict(_LABELS) | {f"{MEASURE}{number}": name for number, name in enumerate(measures)}
    if typed.form == "hand_over":
        labels["to"] = "交给"
    said = []
    for field_name, value in typed.values.items():
        label = labels.get(field_name, "数字" if field_name.startswith(MEASURE) else "")
        if label and value.strip():
            said.append((label, (names or {}).get(value, value)))
    return said
