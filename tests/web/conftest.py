"""A small town on SQLite: its files, its year planned, a clock that tests set, and a browser that is no browser."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from starlette.responses import Response

from config.app import App, open_app
from models.access import accounts
from planning.access import AccountRole
from reports.accounts import account_line
from services.accounts import activate, open_account, set_rights
from services.complete import complete
from services.links import ensure_link, expiry, token_of
from services.passwords import NewPassword
from services.plan import plan
from services.sessions import open_session
from services.tick import tick
from tests.web.busy_town import BusyTown, busy_town, reopened
from tests.web.serving import served
from web.app import create_app
from web.shell import Shell

PASSWORD = "Qing-Shan-92"
BROWSER = "a-browser-of-the-town"
HOME = Path(__file__).parent / "home"
"""The small town's files."""


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Town:
    app: App
    clock: Clock
    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop = field(repr=False)

    def wait(self, coming: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coming, self.loop).result(60)

    def get(self, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self.wait(self.client.get(path, **more))
        return answer

    def head(self, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self.wait(self.client.head(path, **more))
        return answer

    def post(self, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self.wait(self.client.post(path, **more))
        return answer

    def sign_in(self, person: str = "zhangwei", role: AccountRole = AccountRole.ADMIN, scope: str | None = None) -> None:
        """As if the person had signed in with this browser a moment ago, with a password that is not too old."""
        store, now = self.app.store, self.clock.now
        set_rights(store, person, role=role, scope=scope, now=now)
        with store.write() as db:
            db.execute(update(accounts).where(accounts.c.person == person).values(password_at=now))
        account = account_line(store, person, now=now)
        assert account is not None
        cookie, held = Shell(self.app).session_cookie, Response()
        cookie.give(held, open_session(store, account.id, browser="test", now=now), now=now)
        cookie.name_browser(held, BROWSER)
        self.client.cookies.clear()
        for _, line in (header for header in held.raw_headers if header[0] == b"set-cookie"):
            name, _, value = line.decode().partition(";")[0].partition("=")
            self.client.cookies.set(name, value, domain="town.example", path="/")

    def sign_out(self) -> None:
        self.client.cookies.clear()

    def form_code(self, person: str = "zhangwei") -> str:
        """What the forms of a page carry that this browser was shown."""
        cookie = Shell(self.app).session_cookie
        return cookie.form_code(BROWSER, person)

    def done(self, ref: str, on: date, *, by: str = "chenxia", name: str = "陈霞", **more: Any) -> None:
        complete(
            self.app.store,
            ref,
            by=by,
            by_name=name,
            recorded_by=by,
            via="cli",
            now=self.clock.now,
            as_of=self.app.today(),
            done_on=on,
            workdays=self.app.workdays,
            **more,
        )

    def link(self, ref: str, person: str, role: str = "owner") -> str:
        """The token that a reminder to this person would carry."""
        from sqlalchemy import select

        from models.occurrence import assignments, occurrences

        duty_key, period = ref.split(":")
        wanted = (
            select(assignments.c.id, occurrences.c.due_at)
            .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
            .where(occurrences.c.duty_key == duty_key, occurrences.c.period == period)
            .where(assignments.c.person == person, assignments.c.role == role)
        )
        with self.app.store.write() as db:
            row = db.execute(wanted).one()
            until = expiry(row.due_at, now=self.clock.now)
            sent = ensure_link(db, row.id, link_key=self.app.link_key, now=self.clock.now, expires_at=until)
        return token_of(self.app.link_key, row.id, sent.serial)


def write_home(home: Path) -> Path:
    shutil.copytree(HOME, home)
    (home / "secrets").mkdir(mode=0o700)
    (home / "secrets" / "app.key").write_text("ab" * 32, encoding="ascii")
    return home


def opened(home: Path, clock: Callable[[], datetime], *, demo: bool = False) -> App:
    return open_app(home, environ={}, clock=clock, demo=demo)


@pytest.fixture(scope="session")
def planned_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's home with its year planned on the first workday of 2026; copied for each test."""
    home = write_home(tmp_path_factory.mktemp("web") / "home")
    app = opened(home, Clock(datetime(2026, 1, 4, 1, 0, tzinfo=UTC)))
    assert [problem.message for problem in app.office.errors] == []
    plan(app.store, app.plan_basis((2026, 2027)), now=app.now())
    for person in app.roster.people.values():  # everybody may sign in; a test says as what
        role = AccountRole.ADMIN if person.key in {"zhangwei", "zhangjun"} else AccountRole.STAFF
        code = open_account(app.store, person=person.key, name=person.name, role=role, scope=None, by="console", now=app.now())
        activate(app.store, person.key, code, NewPassword(PASSWORD, "dengbao2"), now=app.now())
    app.close()  # the last connection to close writes everything into the one file
    return home


@pytest.fixture
def town_home(planned_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(planned_home, tmp_path / "home")


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 4, 8, 1, 30, tzinfo=UTC))  # Wednesday, half past nine in the town


@contextmanager
def entered(app: App, clock: Clock) -> Iterator[Town]:
    """The pages of an app, and the admin signed in; the app is closed at the end."""
    # In a thread of its own: a browser test has its own loop in this one.
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://town.example")
    opened_town = Town(app, clock, client, loop)
    opened_town.sign_in()
    yield opened_town
    opened_town.wait(client.aclose())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    app.close()


@pytest.fixture
def town(town_home: Path, clock: Clock) -> Iterator[Town]:
    with entered(opened(town_home, clock), clock) as opened_town:
        yield opened_town


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests that drive it."""
    from tests.web.chromium import started  # its driver is there only where browser tests are run

    with started() as chromium:
        yield chromium


@pytest.fixture
def address(town: Town) -> Iterator[str]:
    """Where the town's pages are served, with the first messages sent."""
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=town.clock.now)
    with served(town.app) as there:
        yield there


@pytest.fixture(scope="session")
def made_busy(tmp_path_factory: pytest.TempPathFactory) -> BusyTown:
    """The township in October with something of every kind in it; closed, so that its home can be copied."""
    made = busy_town(tmp_path_factory.mktemp("busy") / "home")
    made.app.close()
    return made


@pytest.fixture(scope="session")
def busy(made_busy: BusyTown) -> Iterator[BusyTown]:
    """That town, for tests that only look."""
    opened_again = reopened(made_busy, made_busy.app.home)
    yield opened_again
    opened_again.app.close()


@pytest.fixture(scope="session")
def busy_address(busy: BusyTown) -> Iterator[str]:
    """Where its pages are served."""
    with served(busy.app) as there:
        yield there
