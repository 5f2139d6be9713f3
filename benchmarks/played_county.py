"""A county in the middle of its year, in a home of its own: most of the past done, everybody reminded, a door for one visitor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, update
from starlette.responses import Response

from benchmarks.county import BEFORE_THE_YEAR, county
from config.app import App, open_app
from config.init import write_home
from models.message import messages
from models.occurrence import OccurrenceState, assignments, occurrences
from models.reminder import ReminderState, reminders
from planning.access import AccountRole
from planning.roster import Roster
from reports.accounts import account_line
from services.accounts import activate, open_account
from services.links import ensure_link, token_of
from services.passwords import NewPassword
from services.plan import plan
from services.sessions import open_session
from tests.rows import message_row
from web.shell import Shell

NOW = datetime(2026, 7, 1, 1, 30, tzinfo=UTC)
"""Half past nine on a Wednesday."""

LEFT_LYING = 20
"""One in so many of the past is overdue."""

_ADMIN = "zhangwei"
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class PlayedCounty:
    home: Path
    session: str  # the cookie of an admin who has signed in
    links: tuple[str, ...]  # tokens of staff links
    occurrences: int


def open_home(home: Path) -> App:
    return open_app(home, environ={}, clock=lambda: NOW)


def play(home: Path, wanted: int, *, links: int) -> PlayedCounty:
    """At least ``wanted`` occurrences; half the year lies behind."""
    write_home(home, pack="township-law", as_of=NOW.date())
    for file in (home / "calendar").glob("*.yaml"):
        file.unlink()
    basis = county(wanted)
    (home / "people.yaml").write_text(_people(basis.roster), "utf-8")
    app = open_home(home)
    added = plan(app.store, basis, now=BEFORE_THE_YEAR).added
    _record_the_past(app)
    _remind(app)
    code = open_account(
        app.store, person=_ADMIN, name="张伟", role=AccountRole.ADMIN, scope=None, by="console", now=NOW - timedelta(days=1)
    )
    activate(app.store, _ADMIN, code, NewPassword("Qing-Shan-92", "dengbao2"), now=NOW)
    account = account_line(app.store, _ADMIN, now=NOW)
    if account is None:
        raise SystemExit("the benchmark's admin has no account")
    held = Response()
    Shell(app).session_cookie.give(held, open_session(app.store, account.id, browser="benchmark", now=NOW), now=NOW)
    session = held.headers["set-cookie"].partition(";")[0]
    tokens = tuple(_links(app, links))
    app.close()
    return PlayedCounty(home, session, tokens, added)


def _people(roster: Roster) -> str:
    """The roster as the file has it; JSON is YAML."""
    units = [
        {name: value for name in ("key", "name", "kind", "parent", "head", "contact") if (value := getattr(unit, name))}
        for unit in roster.units.values()
    ]
    destinations = [{"channel": "outbox", "address": "office@county.example"}]
    people = [
        {
            "key": person.key,
            "name": person.name,
            "posts": [{"unit": post.unit, "title": post.title, "roles": list(post.roles)} for post in person.posts],
            "destinations": destinations,
        }
        for person in roster.people.values()
    ]
    posts = [{"unit": "county", "title": "办公室主任", "roles": []}]
    people.append({"key": _ADMIN, "name": "张伟", "posts": posts, "destinations": destinations})
    return json.dumps({"units": units, "people": people}, ensure_ascii=False)


def _record_the_past(app: App) -> None:
    row = occurrences.c
    past = (row.due_on < NOW.date()) & (row.id % LEFT_LYING != 0)
    closed = {"state": OccurrenceState.DONE, "closed_at": row.due_at, "done_on": row.due_on, "proved": row.id % 2 == 0}
    with app.store.write() as db:
        db.execute(update(occurrences).where(past).values(closed))


def _remind(app: App) -> None:
    """What came before the due day was told, and what came after it where nothing was done; one message for each moment."""
    late = reminders.c.occurrence_id.in_(select(occurrences.c.id).where(occurrences.c.state == OccurrenceState.OPEN))
    told = (reminders.c.fire_at < NOW) & ((reminders.c.offset <= 0) | late)
    moments = select(assignments.c.person, reminders.c.fire_at).join(reminders, reminders.c.assignment_id == assignments.c.id)
    spoken = (
        select(messages.c.id)
        .join(assignments, assignments.c.person == messages.c.person)
        .where(assignments.c.id == reminders.c.assignment_id, messages.c.built_at == reminders.c.fire_at)
    )
    with app.store.write() as db:
        rows = [
            message_row(
                ref=f"T26-{number:06}",
                dedupe_key=str(number),
                person=one.person,
                built_at=one.fire_at,
                next_at=one.fire_at,
                sent_at=one.fire_at,
                state="sent",
            )
            for number, one in enumerate(db.execute(moments.where(told).distinct()).all())
        ]
        for start in range(0, len(rows), _CHUNK):
            db.execute(insert(messages), rows[start : start + _CHUNK])
        sent = {"state": ReminderState.SENT, "message_id": spoken.correlate(reminders).scalar_subquery()}
        db.execute(update(reminders).where(told).values(sent))
        db.execute(
            update(reminders)
            .where(reminders.c.fire_at < NOW, reminders.c.state == ReminderState.PLANNED)
            .values(state=ReminderState.CANCELLED, reason="done")
        )


def _links(app: App, count: int) -> list[str]:
    wanted = (
        select(assignments.c.id)
        .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
        .where(assignments.c.role == "owner", occurrences.c.state == "open")
        .order_by(assignments.c.id)
        .limit(count)
    )
    found = []
    with app.store.write() as db:
        for assignment in db.execute(wanted).scalars().all():
            sent = ensure_link(db, assignment, link_key=app.link_key, now=NOW, expires_at=NOW + timedelta(days=30))
            found.append(token_of(app.link_key, assignment, sent.serial))
    return found
