"""Everything the office has written down, read at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.calendar import Calendar, read_calendar
from config.channels import ChannelConfig, read_channels
from config.holidays import Holidays, read_holidays
from config.letters import Letters, read_letters
from config.people import read_people
from config.problems import Code, Problem, in_order
from config.revision import digest
from config.settings import FILE as SETTINGS_FILE
from config.settings import Settings, read_settings
from planning.roster import Roster
from planning.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Office:
    """The files as values. What could not be read is told by ``problems``; the rest stands.

    ``unusable``: there is no home, people could not be read at all, or the settings have a fault; a default in the
    place of a mistyped silent date or database would do harm. Then nothing may be planned or sent from these files,
    and the plan in force stays.
    """

    home: Path
    settings: Settings = field(default_factory=Settings)
    roster: Roster = field(default_factory=Roster)
    channels: Mapping[str, ChannelConfig] = field(default_factory=dict)
    declared_channels: Mapping[str, str] | None = None  # key -> type, also of channels with a fault
    calendar: Calendar = field(default_factory=Calendar)
    holidays: Holidays = field(default_factory=lambda: Holidays(Workdays({})))
    letters: Letters = field(default_factory=Letters)
    problems: tuple[Problem, ...] = ()
    revision: str = ""
    unusable: bool = True

    @property
    def workdays(self) -> Workdays:
        return self.holidays.workdays

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @property
    def degraded(self) -> bool:
        """Whether something the office wrote is not in force."""
        return bool(self.errors)


def read_office(home: Path, *, environ: Mapping[str, str]) -> Office:
    """Read the home's files. Never raises for what stands in them; ``environ`` may name secrets and the database."""
    if not _is_home(home):
        message = f"工作目录 {home} 不存在，或还没有初始化"
        problem = Problem(Code.HOME_MISSING, SETTINGS_FILE, None, message, f'运行 suishi init --home "{home}"')
        return Office(home, problems=(problem,))
    channels = read_channels(home, environ)
    roster, people_problems = read_people(home, channels=channels.declared)
    known_people = None if roster is None else roster.people.keys()
    settings, settings_problems = read_settings(home, environ=environ, people=known_people)
    holidays = read_holidays(home)
    calendar = read_calendar(home, settings or Settings(), roster)
    letters = read_letters(home)
    listed = (settings_problems, people_problems, channels.problems, calendar.problems, holidays.problems, letters.problems)
    problems = in_order(problem for some in listed for problem in some)
    known = (settings, roster, channels.configs, calendar.revision, holidays.workdays.revision(holidays.tables))
    return Office(
        home=home,
        settings=settings or Settings(),
        roster=roster or Roster(),
        channels=channels.configs,
        declared_channels=channels.declared,
        calendar=calendar,
        holidays=holidays,
        letters=letters,
        problems=problems,
        revision=digest(known),
        unusable=settings is None or roster is None or _in_doubt(settings_problems),
    )


def _in_doubt(problems: Iterable[Problem]) -> bool:
    """Whether the settings may say something else than was meant. An admin who is not listed harms nobody."""
    return any(problem.severity == "error" and problem.code is not Code.ADMIN_UNKNOWN for problem in problems)


def _is_home(home: Path) -> bool:
    try:
        return (home / SETTINGS_FILE).exists()
    except (OSError, ValueError):  # a name too long, a path through a file, a NUL in it
        return False
