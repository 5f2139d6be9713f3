"""What a program says when it records something.

``row_version`` is that of the occurrence as the program read it: when something else has happened since, the call is
refused (``changed``). Without it the occurrence counts as it stands. ``by`` (a person's key) says in whose name; it may be
left out where only one can be meant.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from web.api.forms.base import Day, In, Key, Line, Note, Reason

Party = Annotated[str, StringConstraints(max_length=120, pattern=r"^(person|unit|role):[^\s\x00-\x1f\x7f]+$")]
"""``person:KEY``, ``unit:KEY``, ``role:NAME`` or ``role:NAME@UNIT``, as the files write it."""

Parties = Annotated[list[Party], Field(max_length=20)]
Measures = dict[Annotated[str, StringConstraints(max_length=40)], Annotated[int, Field(ge=0, le=999_999_999)]]
Longer = Annotated[str, StringConstraints(max_length=3800)]


class _Act(In):
    row_version: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class DoneIn(_Act):
    by: Key
    done_on: Day
    measures: Measures = Field(default_factory=dict)
    note: Note = ""
    nothing_to_report: bool = False


class EvidenceIn(_Act):
    note: Note = ""


class ReasonIn(_Act):
    reason: Reason


class AcknowledgeIn(In):
    by: Key | None = None


class SnoozeIn(In):
    """``until``: the workday on which the reminders go on; a rest day means the next workday."""

    until: Day
    by: Key | None = None


class ExtendIn(_Act):
    by: Key
    to: Day
    reason: Reason


class WithdrawIn(_Act):
    by: Key | None = None


class DecideIn(_Act):
    """``to``: until when it is approved, without it until the day asked for. A refusal needs an ``answer``."""

    verdict: Literal["approve", "refuse"]
    to: Day | None = None
    answer: Note = ""
    by: Key | None = None


class HandOverIn(_Act):
    to: Key
    reason: Reason
    from_person: Key | None = None


class SignOffIn(_Act):
    note: Note = ""
    by: Key | None = None


class VoidIn(_Act):
    """``number`` counts the files of the occurrence from 1, as its history does."""

    number: Annotated[int, Field(ge=1, le=2**31 - 1)]
    reason: Reason
    by: Key | None = None


class ItemIn(In):
    """An ad-hoc item: ``due_on`` is its day, or ``due`` the deadline in the paper's words (明天下班前, 3月底前).

    ``overseer`` left out is whom most duties of the same unit name; empty is nobody.
    """

    title: Annotated[Line, Field(min_length=1)]
    owner: Party
    due_on: Day | None = None
    due: Annotated[Line, Field(max_length=100)] = ""
    partners: Parties = Field(default_factory=list)
    overseer: Party | Literal[""] | None = None
    source: Line = ""
    note: Longer = ""

    @model_validator(mode="after")
    def _one_deadline(self) -> Self:
        if (self.due_on is None) is not bool(self.due.strip()):
            raise ValueError("give either due_on (a day) or due (the deadline in words)")
        return self


class OpinionIn(In):
    """``ref``: the occurrence it is about. ``signed``: under the name of the account; otherwise it is anonymous."""

    text: Reason
    ref: Annotated[Line, Field(max_length=100)] = ""
    name: Annotated[Line, Field(max_length=100)] = ""
    contact: Annotated[Line, Field(max_length=100)] = ""
    signed: bool = False


class AnswerIn(In):
    answer: Reason
