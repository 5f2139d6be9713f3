"""Makes docs/img/*.png: each page at 1366 and 390 px, from a demo home with the township pack.

python -m benchmarks.screenshots [FOLDER] [PAGE …]

Needs a system Chromium. The home is a temporary folder; its clock stands on a Thursday in October 2026.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from playwright.sync_api import Page, sync_playwright
from starlette.responses import Response

from config.app import App, open_app
from config.init import write_home
from planning.access import AccountRole
from reports.accounts import account_line
from reports.history import history
from reports.occurrences import Filters, OccurrenceLine, listing
from reports.outbox import outbox
from services.accounts import activate, open_account
from services.complete import complete
from services.evidence import NewEvidence
from services.links import token_of
from services.passwords import NewPassword
from services.plan import plan
from services.sessions import open_session
from services.tick import tick
from web.serve import make_server
from web.shell import Shell

NOW = datetime(2026, 10, 22, 1, 30, tzinfo=UTC)
START = date(2026, 1, 4)
WIDTHS = {"desktop": (1366, 900), "phone": (390, 844)}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VISITOR = "zhangwei"  # the township's admin
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now = _morning(START)

    def __call__(self) -> datetime:
        return self.now


def demo_app(home: Path) -> App:
    """The township's year up to NOW: planned, mostly done, a little late, a few things left lying."""
    write_home(home, pack="township-law", as_of=START)
    clock = Clock()
    app = open_app(home, environ={}, clock=clock, demo=True)
    plan(app.store, app.plan_basis((2026, 2027)), now=clock.now)
    dice = Random(2026)
    doings = _doings(app, dice)
    for day in (START + timedelta(days=n) for n in range((NOW.date() - START).days + 1)):
        clock.now = _morning(day)
        if app.workdays.is_workday(day):
            with app.open_channels() as channels:
                tick(app.store, channels, app.delivery_policy(), now=clock.now)
        for line in doings.get(day, []):
            _record(app, line, day, dice)
    clock.now = NOW
    return app


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)


def _doings(app: App, dice: Random) -> dict[date, list[OccurrenceLine]]:
    """What is done on which day."""
    today = NOW.date()
    found: dict[date, list[OccurrenceLine]] = {}
    soon = Filters(due_to=today + timedelta(days=20))
    for line in listing(app.store, soon, as_of=today, workdays=app.workdays).lines:
        late = dice.random() > 0.94
        on = line.due_on + timedelta(days=dice.randint(1, 6) if late else -dice.randint(0, 5))
        if dice.random() < 0.985 and on <= today and not line.standing:
            found.setdefault(max(on, START), []).append(line)
    return found


def _record(app: App, line: OccurrenceLine, day: date, dice: Random) -> None:
    seen = history(app.store, line.ref, as_of=day, workdays=app.workdays)
    owner = next((one for one in seen.assignments if one.role == "owner"), None) if seen else None
    if seen is None or owner is None:
        return
    proof = [NewEvidence("签到表.pdf", b"%PDF-1.4 demo")] if seen.duty.evidence_required or dice.random() < 0.4 else []
    complete(
        app.store,
        line.ref,
        by=owner.person,
        by_name=owner.name,
        recorded_by=owner.person,
        via="link",
        now=min(app.now() + timedelta(minutes=dice.randint(10, 400)), NOW - timedelta(minutes=1)),
        as_of=day,
        done_on=day,
        workdays=app.workdays,
        measures={str(measure["name"]): dice.choice((1, 1, 2, 36, 46)) for measure in seen.duty.measures},
        note=dice.choice(("", "", "已按要求完成，材料已归档。")),
        evidence=proof,
        folder=app.evidence_folder,
    )


def signed_in(app: App) -> dict[str, str]:
    """The cookie of a browser in which the admin has signed in just now."""
    name = app.roster.people[VISITOR].name
    code = open_account(app.store, person=VISITOR, name=name, role=AccountRole.ADMIN, scope=None, by="console", now=NOW)
    activate(app.store, VISITOR, code, NewPassword("Qing-Shan-92", "dengbao2"), now=NOW)
    account = account_line(app.store, VISITOR, now=NOW)
    if account is None:
        raise SystemExit("the demo's admin has no account")
    held = Response()
    Shell(app).session_cookie.give(held, open_session(app.store, account.id, browser="screenshots", now=NOW), now=NOW)
    cookie, _, value = held.headers["set-cookie"].partition(";")[0].partition("=")
    return {"name": cookie, "value": value}


@contextmanager
def served(app: App) -> Iterator[str]:
    """The pages on a free loopback port; gives their address."""
    server = make_server(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        waiting.wait(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def _paths(app: App) -> dict[str, str]:
    as_of = NOW.date()
    found = outbox(app.store, tz=app.tz, states=("sent",), limit=200).lines
    fullest = max(found, key=lambda one: (len(one.about) in {2, 3}, one.built_at))
    key = app.link_key
    open_refs = {
        line.ref: line
        for line in listing(app.store, Filters(states=("soon",)), as_of=as_of, workdays=app.workdays).lines
        if line.owners
    }
    links = [(one.about, link) for one in found for link in one.links if "id" in link and len(one.about) == 1]
    tokens = {about[0]: token_of(key, link["assignment"], link["serial"]) for about, link in reversed(links)}
    staff = next(token for ref, token in tokens.items() if ref in open_refs)
    finished = Filters(states=("done",), due_from=as_of - timedelta(days=20))
    closed_refs = {line.ref for line in listing(app.store, finished, as_of=as_of, workdays=app.workdays).lines}
    closed = [token for ref, token in tokens.items() if ref in closed_refs][-1]
    done = listing(
        app.store, Filters(states=("late",), due_from=NOW.date() - timedelta(days=90)), as_of=as_of, workdays=app.workdays
    ).lines
    return {
        "overview": "/",
        "year": "/year/2026",
        "year-provisional": "/year/2027",
        "list": "/list?when=2026-10",
        "history": f"/o/{done[0].ref}" if done else f"/o/{next(iter(open_refs))}",
        "outbox": "/outbox",
        "message": f"/outbox/{fullest.ref}",
        "log": "/log",
        "staff": f"/t/{staff}",
        "staff-done": f"/t/{closed}",
        "not-found": "/nothing",
    }


def _shoot(page: Page, address: str, path: Path) -> str:
    page.goto(address)
    page.screenshot(path=path, full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return f"{path.name}: {page.evaluate('document.documentElement.scrollHeight')} px high, {wide} px too wide"


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else "docs/img")
    folder.mkdir(parents=True, exist_ok=True)
    chromium = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    if chromium is None:
        print("No Chromium found. Install one, for example: apt-get install chromium")
        return 1
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as play:
        app = demo_app(Path(temporary, "home"))
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        cookie = signed_in(app)
        with served(app) as address:
            for name, path in _paths(app).items():
                if arguments[1:] and name not in arguments[1:]:
                    continue
                for kind, (width, height) in WIDTHS.items():
                    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
                    context.add_cookies([{**cookie, "url": address}])
                    print(_shoot(context.new_page(), address + path, folder / f"{name}-{kind}.png"))
                    context.close()
        browser.close()
        app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
