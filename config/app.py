"""The composition root: joins settings, files, database and channels, each when it is first asked for.

A command that only looks at the files never opens the database; one that only records never reads the calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.channels import only_writes, read_channels
from config.editing.own_files import is_cut_off
from config.holidays import read_holidays
from config.people import FILE as PEOPLE_FILE
from config.people import read_people
from config.problems import Problem, line_text
from config.settings import FILE as SETTINGS_FILE
from config.settings import Settings, read_settings
from planning.basis import DeliveryPolicy, PlanBasis
from planning.delivery_rules import ChannelRule
from planning.roster import Roster
from planning.workdays import Workdays

if TYPE_CHECKING:
    from config.office import Office
    from models.store import Store
    from notifications.envelope import Channel


class HomeUnusable(Exception):  # noqa: N818 - it is an answer, not a fault
    """The home cannot be worked with at all; ``problems`` say what to do."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(line_text(problem) for problem in problems))
        self.problems = problems


@dataclass
class App:
    """One home, opened. ``clock`` gives the time to entry points; ``demo`` shows staff links in the outbox page."""

    home: Path
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    demo: bool = False
    patience: int = 30  # seconds to wait for a lock in the database
    _office: Office | None = field(default=None, repr=False)
    _roster_faulty_alone: bool = field(default=False, repr=False)
    _looked_at: frozenset[tuple[str, int, int]] | None = field(default=None, repr=False)
    _looking: Lock = field(default_factory=Lock, repr=False)

    @property
    def office(self) -> Office:
        """The files as they were last read."""
        if self._office is None:
            return self.reload()
        return self._office

    def reload(self) -> Office:
        """Read the files anew. Raises HomeUnusable when they make no sense as a whole; what was read before stays."""
        from config.office import read_office  # a command that records one thing never pays for the calendar's reader

        if is_cut_off(self.home):
            from config.editing.journal import finish_if_possible  # only after a crash in the middle of an edit

            finish_if_possible(self.home)
        looked_at = frozenset(self._stamps())  # before the reading: what is edited meanwhile is another file than this
        read = read_office(self.home, environ=self.environ)
        if read.unusable:
            raise HomeUnusable(read.errors)
        self._office, self._looked_at = read, looked_at
        return read

    def reload_if_changed(self) -> bool:
        """Read the files anew when one of them is another than when they were read; True when what is in force is new.

        Files that cannot be used as a whole leave the old ones in force, and are not read again until they change.
        """
        with self._looking:  # whoever comes while somebody reads waits for what is read
            if self._looked_at is None:
                return False  # nothing was read as a whole: each part is read when it is asked for
            found = frozenset(self._stamps())
            if found == self._looked_at:
                return False
            self._looked_at = found
            try:
                self.reload()
            except HomeUnusable:
                return False
            return True

    def _stamps(self) -> Iterator[tuple[str, int, int]]:
        for pattern in ("*.yaml", "calendar/*.yaml", "holidays/*"):
            for path in self.home.glob(pattern):
                try:
                    stat = path.stat()
                except OSError:  # gone between the two looks
                    continue
                yield str(path), stat.st_mtime_ns, stat.st_size

    @property
    def settings(self) -> Settings:
        return self._office.settings if self._office else self._settings_alone

    @property
    def roster(self) -> Roster:
        return self._office.roster if self._office else self._roster_alone

    @property
    def workdays(self) -> Workdays:
        return self._office.workdays if self._office else self._workdays_alone

    @cached_property
    def _settings_alone(self) -> Settings:
        settings, problems = read_settings(self.home, environ=self.environ)
        faults = tuple(problem for problem in problems if problem.severity == "error")
        if settings is None or faults:
            raise HomeUnusable(faults)
        return settings

    @cached_property
    def _roster_alone(self) -> Roster:
        roster, problems = read_people(self.home, channels=read_channels(self.home, self.environ).declared)
        if roster is None:
            raise HomeUnusable(problems)
        self._roster_faulty_alone = any(problem.severity == "error" for problem in problems)
        return roster

    @property
    def _roster_faulty(self) -> bool:
        """Whether somebody may be missing from the roster through a fault in the file."""
        if self._office is not None:
            return any(problem.file == PEOPLE_FILE for problem in self._office.errors)
        return self._roster_faulty_alone

    @cached_property
    def _workdays_alone(self) -> Workdays:
        return read_holidays(self.home).workdays

    @property
    def tz(self) -> ZoneInfo:
        return self.settings.timezone

    @property
    def production(self) -> bool:
        return self.settings.production

    def now(self) -> datetime:
        return self.clock()

    def today(self) -> date:
        return self.now().astimezone(self.tz).date()

    @property
    def evidence_folder(self) -> Path:
        return self.home / "data" / "evidence"

    @cached_property
    def link_key(self) -> bytes:
        """The secret from which staff links are derived: made by ``suishi init``, readable by the owner only."""
        return bytes.fromhex((self.home / "secrets" / "app.key").read_text(encoding="ascii").strip())

    @cached_property
    def store(self) -> Store:
        """The database, ready for use. Raises models.gate.SchemaMismatch when it is of another version."""
        from models.gate import prepare  # the file commands never pay for the database's import

        store = self.bare_store()
        prepare(store)
        return store

    def bare_store(self) -> Store:
        """The database as it is, whatever its version: for upgrading it."""
        from models.store import open_store  # as above

        url = self.settings.database_url.reveal()
        if not url:
            folder = self.home / "data"
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            url = f"sqlite:///{folder / 'suishi.db'}"
        return open_store(url, patience=self.patience)

    def close(self) -> None:
        if "store" in self.__dict__:
            self.store.close()

    def planned_years(self) -> tuple[int, int]:
        """This year and the next, in local time."""
        year = self.today().year
        return (year, year + 1)

    def plan_basis(self, years: tuple[int, ...] | None = None) -> PlanBasis:
        """What a plan leans on, from the files as they are now."""
        return self.basis_of(self.reload(), years)

    def basis_of(self, office: Office, years: tuple[int, ...] | None = None) -> PlanBasis:
        """What a plan leans on, from files that were read: those in force, or those of a change that is only looked at.

        Raises HomeUnusable when they make no sense as a whole, or when somebody in people.yaml cannot be read.
        """
        if office.unusable:
            raise HomeUnusable(office.errors)
        settings = office.settings
        faults = tuple(problem for problem in office.errors if problem.file == PEOPLE_FILE)
        if faults:  # whoever cannot be read would lose his work to somebody else: the plan in force stays
            raise HomeUnusable(faults)
        return PlanBasis(
            duties=office.calendar.duties,
            roster=office.roster,
            workdays=office.workdays,
            years=years or self.planned_years(),
            tz=settings.timezone,
            remind_at=settings.remind_at,
            day_ends_at=settings.day_ends_at,
            revision=office.revision,
            silent_before=settings.silent_before,
            broken=frozenset(office.calendar.broken),
            unreadable=bool(office.calendar.unreadable),
            problems=tuple(line_text(problem) for problem in office.errors),
        )

    def delivery_policy(self) -> DeliveryPolicy:
        """How messages leave, from the files as they were last read."""
        settings = self.settings
        people = self.roster.people.values()
        return DeliveryPolicy(
            tz=settings.timezone,
            workdays=self.workdays,
            windows=settings.windows,
            title=settings.title,
            office=settings.office,
            base_url=settings.base_url,
            mail_domain=settings.mail_domain,
            link_key=self.link_key,
            destinations={person.key: person.destinations for person in people},
            rules=settings.delivery,
            channel_rules=self._channel_rules(),
            admin=settings.admin,
            second_admin=settings.second_admin,
            detail=settings.message_detail,
            sheets=self.office.letters.sheets,
            roster=self.roster,
            roster_faulty=self._roster_faulty,
            nobody_receives=self.nobody_receives,
            remind_at=settings.remind_at,
        )

    @property
    def nobody_receives(self) -> bool:
        """Whether every channel only writes files, outside a demonstration: whoever relies on reminders must know."""
        return not self.demo and only_writes(self.office.channels.values())

    def _channel_rules(self) -> dict[str, ChannelRule]:
        from config.channel_rules import channel_rules  # only what sends or rehearses needs the rules

        office = self.office
        return channel_rules(
            office.channels,
            office.declared_channels,
            detail=self.settings.message_detail,
            named=(one.channel for person in self.roster.people.values() for one in person.destinations),
        )

    @contextmanager
    def open_channels(self) -> Iterator[Mapping[str, Channel]]:
        """Every channel of channels.yaml that can be opened, connected lazily and closed at the end."""
        from config.wiring import build_channels  # Apprise is imported only where something is sent

        channels = build_channels(self.office.channels, self.home)
        try:
            yield channels
        finally:
            for channel in channels.values():
                channel.close()


def open_app(
    home: Path, *, environ: Mapping[str, str], clock: Callable[[], datetime], demo: bool = False, whole: bool = True
) -> App:
    """Open a home. Raises HomeUnusable when there is none, or when a file everything leans on cannot be read.

    ``whole=False`` reads only the parts that are asked for: a command that records one thing need not pay for the
    calendar; whatever cannot be read is told when it is asked for.
    """
    app = App(home=home.expanduser().resolve(), environ=environ, clock=clock, demo=demo)
    if whole or not (app.home / SETTINGS_FILE).is_file():
        app.reload()
    return app
