"""A change of the office's files on its way from a form to the plan: looked at, planned on trial, then made.

The pages take the same steps whatever is written: texts by the editing engine, a year's holiday table, or nothing at all
when somebody else has edited the files by hand.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from config.app import App, HomeUnusable
from config.editing.change import Draft, open_draft
from config.editing.checking import Checked, check_draft
from config.editing.files import fingerprint_of
from config.editing.journal import locked
from config.editing.own_files import KEPT
from config.editing.refusals import DraftFaulty, EditedMeanwhile
from config.editing.writing import write_draft
from config.holidays import FOLDER as HOLIDAYS
from config.holidays import write_table
from config.problems import Problem
from config.settings import FILE as SETTINGS_FILE
from planning.basis import PlanBasis
from planning.notice import ReadNotice
from planning.workdays import Workdays
from services.errors import DATABASE_FAULTS, Refused
from services.plan import PlanOutcome, plan


@dataclass(frozen=True, slots=True)
class FileLines:
    """What goes (-) and comes (+) in one file."""

    file: str
    lines: tuple[str, ...]


class Change(ABC):
    """Made anew from the form for each request, from the files as they are then."""

    def __init__(self, app: App) -> None:
        self.app = app

    files: tuple[str, ...] = ()
    """Names, relative to the home, of what would be written."""
    plans_alone: bool = False
    """Whether there is something to plan though no file changes."""

    @property
    @abstractmethod
    def stamp(self) -> str:
        """Names the files as they were read, all of them: between preview and confirming none may have changed."""

    @abstractmethod
    def basis(self) -> PlanBasis:
        """What the plan would lean on. Raises HomeUnusable."""

    @abstractmethod
    def write(self) -> None:
        """Raises EditedMeanwhile, DraftFaulty, EditUnfinished, OSError; each with nothing written."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings that the files would have and do not have today."""
        return ()

    @property
    def lines(self) -> tuple[FileLines, ...]:
        return ()

    @property
    def told(self) -> tuple[str, ...]:
        """What the preview says besides, as whole lines."""
        return ()

    @property
    def kept(self) -> str:
        """Where in the home the replaced texts lie; empty when there are none."""
        return ""


class TextChange(Change):
    """Of files that the engine edits. Raises DraftFaulty when the office would have errors it does not have today."""

    def __init__(self, app: App, draft: Draft) -> None:
        super().__init__(app)
        self.draft = draft
        self.files = draft.changed
        if self.checked.faults:
            raise DraftFaulty(self.checked.faults)

    @cached_property
    def checked(self) -> Checked:
        return check_draft(self.app.home, self.draft, environ=self.app.environ)

    @property
    def stamp(self) -> str:
        return _digest(self.draft.stamp, self.checked.office.revision)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.checked.introduced

    @property
    def lines(self) -> tuple[FileLines, ...]:
        return tuple(FileLines(name, self._difference(name)) for name in self.files)

    @property
    def kept(self) -> str:
        return KEPT if any(name in self.draft.before for name in self.files) else ""

    def _difference(self, name: str) -> tuple[str, ...]:
        """Of the settings without the lines around: they are no page's business."""
        lines = self.draft.difference(name)
        return tuple(line for line in lines if line[:1] != " ") if name == SETTINGS_FILE else lines

    def basis(self) -> PlanBasis:
        return self.app.basis_of(self.checked.office)

    def write(self) -> None:
        write_draft(self.app.home, self.draft, environ=self.app.environ, now=self.app.now())


class TableChange(Change):
    """A year's workday table from a notice, written as ``suishi holidays import`` writes it."""

    def __init__(self, app: App, notice: ReadNotice) -> None:
        super().__init__(app)
        self.notice = notice
        self.files = (f"{HOLIDAYS}/{notice.table.year}.json",)
        self.office = app.reload()
        self.before = fingerprint_of(app.home / self.files[0])

    @property
    def stamp(self) -> str:
        return _digest(self.before, self.office.revision, repr(self.notice.table))

    @property
    def told(self) -> tuple[str, ...]:
        return (*self.notice.lines, *self.notice.warnings)

    @property
    def kept(self) -> str:
        return f"{self.files[0]}.bak" if self.before else ""

    def basis(self) -> PlanBasis:
        holidays, table = self.office.holidays, self.notice.table
        workdays = Workdays({**holidays.tables, table.year: table}, holidays.overrides)
        return replace(self.app.basis_of(self.office), workdays=workdays)

    def write(self) -> None:
        with locked(self.app.home):  # or two who confirm at the same moment both find the table they saw
            if fingerprint_of(self.app.home / self.files[0]) != self.before:
                raise EditedMeanwhile(self.files)
            write_table(self.app.home, self.notice.table)


class NoChange(Change):
    """The files as they are: what somebody changed in them by hand has not been planned yet."""

    plans_alone = True

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.office = app.reload()

    @property
    def stamp(self) -> str:
        return _digest(self.office.revision)

    def basis(self) -> PlanBasis:
        return self.app.basis_of(self.office)

    def write(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class Made:
    """``outcome`` None: the files are written, and the plan could not follow; ``why_not`` is the sentence."""

    outcome: PlanOutcome | None
    why_not: str = ""


def fresh_draft(app: App) -> Draft:
    """The files as they are on the disk. Raises EditUnfinished, once, when an earlier change could not be completed."""
    return open_draft(app.home)


def rehearse_plan(change: Change, *, actor: str) -> PlanOutcome:
    """What planning would do after the change; nothing is written. Raises HomeUnusable."""
    app = change.app
    return plan(app.store, change.basis(), now=app.now(), actor=actor, dry_run=True)


def carry_out(change: Change, *, actor: str, yes_many: bool) -> Made:
    """Write the files, then plan by them. Raises as ``Change.write``, with nothing written and nothing planned."""
    app = change.app
    change.write()
    try:
        return Made(plan(app.store, app.plan_basis(), now=app.now(), actor=actor, yes_many=yes_many, files=change.files))
    except Refused as refusal:
        return Made(None, refusal.sentence)
    except HomeUnusable as unusable:
        return Made(None, str(unusable))
    except DATABASE_FAULTS:
        return Made(None, "数据库正忙或暂时打不开。")


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()
