"""The township in October, with something of every kind in it: what the tests look at that look at all pages.

The year is played as the demonstration plays it; then, on its last morning, everything happens that can happen to an
item. What comes from outside (a refused mail, a fault of the files) is put into the tables as it would stand there.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image
from sqlalchemy import insert, select, update
from starlette.responses import Response

from cli.demo_year import play_year
from config.app import App, open_app
from config.init import write_home
from config.security_log import SecurityEvent, SecurityLog
from models.access import accounts
from models.message import attempts, messages
from models.occurrence import assignments, occurrences
from models.reminder import reminders
from planning.access import AccountRole, TokenKind
from planning.duty import Duty
from planning.reference import split_reference
from reports.accounts import account_line
from reports.attendance import sign_in_sheet
from reports.occurrences import Filters, OccurrenceLine, listing
from services.accounts import activate, open_account
from services.acknowledge import acknowledge
from services.attendance import Attendee, attend, wall_code
from services.change import reopen, waive
from services.complete import complete
from services.evidence import NewEvidence
from services.extend import extend
from services.extension_requests import ask_extension, decide_extension
from services.feedback import answer_feedback, give_feedback
from services.hand_over import hand_over
from services.links import ensure_link, expiry, token_of
from services.passwords import NewPassword
from services.problems import report_problem
from services.sessions import open_session
from services.sign_off import sign_off
from services.snooze import choices, snooze
from services.tick import tick
from services.tokens import make_token
from web.shell import Shell

NOW = datetime(2026, 10, 22, 1, 30, tzinfo=UTC)
"""Half past nine on a Thursday."""

BROWSER = "a-browser-of-the-town"

PASSWORD = "Qing-Shan-92"
"""The admin's."""

PEOPLE: dict[str, tuple[str, AccountRole, str | None]] = {
    "admin": ("zhangwei", AccountRole.ADMIN, None),
    "leader": ("liguoqiang", AccountRole.LEADER, None),
    "office": ("liufang", AccountRole.OFFICE, "pingan"),
    "staff": ("wangmin", AccountRole.STAFF, "sifasuo"),
    "auditor": ("zhaoli", AccountRole.AUDITOR, None),
}
"""Person, role and scope of those who look."""


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class BusyTown:
    """``things`` are the names by which addresses speak of what is there: references, numbers, tokens."""

    app: App
    clock: Clock
    things: dict[str, str] = field(default_factory=dict)

    def cookies(self, who: str) -> dict[str, str]:
        """What the browser of one of PEOPLE holds, having signed in just now. Writes a session."""
        app, now = self.app, self.clock.now
        account = account_line(app.store, PEOPLE[who][0], now=now)
        assert account is not None
        cookie, held = Shell(app).session_cookie, Response()
        cookie.give(held, open_session(app.store, account.id, browser="test", now=now), now=now)
        cookie.name_browser(held, BROWSER)
        pairs = (value.decode().partition(";")[0] for name, value in held.raw_headers if name == b"set-cookie")
        return dict(pair.split("=", 1) for pair in pairs)

    def fill(self, path: str) -> str:
        """An address that speaks of things by name, as a browser asks for it."""
        return path.format_map({name: quote(value, safe="") for name, value in self.things.items()})

    def link(self, ref: str, person: str) -> tuple[str, str]:
        """The number of the person's part in it, and the token that a reminder of it carries."""
        duty_key, period = split_reference(ref)
        wanted = (
            select(assignments.c.id, occurrences.c.due_at)
            .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
            .where(occurrences.c.duty_key == duty_key, occurrences.c.period == period)
            .where(assignments.c.person == person, assignments.c.active)
        )
        with self.app.store.write() as db:
            part = db.execute(wanted).first()
            assert part is not None, (ref, person)
            until = expiry(part.due_at, now=self.clock.now)
            sent = ensure_link(db, part.id, link_key=self.app.link_key, now=self.clock.now, expires_at=until)
        return str(part.id), token_of(self.app.link_key, part.id, sent.serial)


def reopened(town: BusyTown, home: Path, *, demo: bool = False) -> BusyTown:
    """The same town from a copy of its home."""
    return BusyTown(open_app(home, environ={}, clock=town.clock, demo=demo), town.clock, dict(town.things))


def busy_town(home: Path, *, files: Path | None = None, played_days: int = 6) -> BusyTown:
    """``files``: another town's, in place of the pack's.

    ``played_days``: on so many days before today the reminders were really sent; each costs a tenth of a second.
    """
    write_home(home, pack="township-law", as_of=date(2026, 1, 1))
    if files is not None:
        shutil.rmtree(home / "calendar")
        shutil.copytree(files, home, dirs_exist_ok=True)
    settings = home / "suishi.yaml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("extension_approval: none", "extension_approval: overseer"), "utf-8")
    clock = Clock(NOW)
    town = BusyTown(open_app(home, environ={}, clock=clock), clock)
    play_year(town.app, progress=lambda *_: None, played_days=played_days)
    _open_accounts(town)
    _Doings(town).happen()
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=NOW)
    _from_outside(town)
    return town


def _open_accounts(town: BusyTown) -> None:
    """The admin's has a password; the others' is as if they had one: hashing takes long, and none is needed for ``cookies``."""
    store, people = town.app.store, town.app.roster.people
    codes = {
        person: open_account(store, person=person, name=people[person].name, role=role, scope=scope, by="console", now=NOW)
        for person, role, scope in PEOPLE.values()
    }
    open_account(store, person="sunlei", name="孙磊", role=AccountRole.STAFF, scope="paichusuo", by="zhangwei", now=NOW)
    with store.write() as db:
        others = update(accounts).where(accounts.c.person.not_in(("sunlei", "zhangwei")))
        db.execute(others.values(password_hash="x", password_at=NOW))
    activate(store, "zhangwei", codes["zhangwei"], NewPassword(PASSWORD, "dengbao2"), now=NOW)


class _Doings:
    """One item for each thing that can be done to one."""

    def __init__(self, town: BusyTown) -> None:
        self.town, self.app = town, town.app
        self.store, self.today = town.app.store, town.app.today()
        self.keys = {person.name: key for key, person in town.app.roster.people.items()}
        self.untouched = self._free()

    def happen(self) -> None:
        things = self.town.things
        things["overdue"] = self._lines("overdue")[0].ref
        things["late"] = self._lines("late")[-1].ref
        things["open"] = self._take(lambda duty: bool(duty.measures and duty.evidence)).ref
        things["zero"] = self._take(lambda duty: duty.zero_report).ref
        self._done_with_files()
        self._moved()
        self._signed_off()
        self._given_on()
        self._gathering()
        self._said()
        for name in ("open", "done", "wished"):
            self._link(name, things[name], self._owner(things[name]))
        self._link("decider", things["wished"], self._part(things["wished"], "overseer")["by"])
        self._link("verifier", things["unsigned"], self._part(things["unsigned"], "verifier")["by"])

    def _link(self, name: str, ref: str, person: str) -> None:
        self.town.things[f"{name}_part"], self.town.things[f"{name}_link"] = self.town.link(ref, person)

    def _lines(self, state: str, **more: Any) -> tuple[OccurrenceLine, ...]:
        return listing(self.store, Filters(states=(state,), **more), as_of=self.today, workdays=self.app.workdays).lines

    def _free(self) -> list[OccurrenceLine]:
        """Open, with weeks to go, and somebody whose it is."""
        lines = self._lines("open", due_from=self.today + timedelta(days=20), due_to=self.today + timedelta(days=70))
        return [line for line in lines if line.owners and not line.standing and not line.awaiting_notice]

    def _take(self, wanted: Callable[[Duty], bool] = lambda _: True) -> OccurrenceLine:
        """An item to which nothing else happens here, of a duty as wanted."""
        found = next(line for line in self.untouched if wanted(self._duty(line)))
        self.untouched.remove(found)
        return found

    def _duty(self, line: OccurrenceLine) -> Duty:
        return next(duty for duty in self.app.office.calendar.duties if duty.key == line.duty_key)

    def _owner(self, ref: str) -> str:
        line = listing(self.store, Filters(refs=(ref,)), as_of=self.today, workdays=self.app.workdays).lines[0]
        return self.keys[line.owners[0]]

    def _record(self, line: OccurrenceLine, *files: NewEvidence) -> None:
        who = self.keys[line.owners[0]]
        complete(
            self.store,
            line.ref,
            by=who,
            by_name=line.owners[0],
            recorded_by="zhangwei",
            via="page",
            now=NOW,
            as_of=self.today,
            done_on=self.today,
            workdays=self.app.workdays,
            measures={one.name: 3 for one in self._duty(line).measures},
            note="已按要求完成，<材料>已归档。",
            evidence=files,
            folder=self.app.evidence_folder,
        )

    def _done_with_files(self) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (64, 48), "navy").save(picture, "JPEG")
        line = self._take()
        self._record(line, NewEvidence("现场照片.jpg", picture.getvalue()), NewEvidence("现场照片二.jpg", picture.getvalue()))
        self.town.things["done"] = line.ref
        again = self._take()
        self._record(again)
        reopen(self.store, again.ref, by="zhangwei", reason="登记错了事项", via="page", now=NOW)
        self.town.things["reopened"] = again.ref
        off = self._take()
        waive(self.store, off.ref, by="zhangwei", reason="今年合并到下一次办理", via="page", now=NOW)
        self.town.things["waived"] = off.ref

    def _moved(self) -> None:
        """延期: in force, asked for, refused."""
        in_force, wished, refused = (self._take() for _ in range(3))
        days = {"workdays": self.app.workdays, "remind_at": self.app.settings.remind_at, "tz": self.app.tz}
        later = timedelta(days=7)
        said = {"reason": "会场临时被占用", "via": "page", "now": NOW}
        extend(self.store, in_force.ref, to=in_force.due_on + later, by=self.keys[in_force.owners[0]], **said, **days)
        for line in (wished, refused):
            who = {"by": self.keys[line.owners[0]], "by_name": line.owners[0]}
            ask_extension(self.store, line.ref, to=line.due_on + later, **who, **said, tz=self.app.tz)
        decider = self._part(refused.ref, "overseer")
        decide_extension(self.store, refused.ref, approve=False, answer="请按期完成", via="page", now=NOW, **decider, **days)
        self.town.things |= {"extended": in_force.ref, "wished": wished.ref, "refused": refused.ref}

    def _part(self, ref: str, role: str) -> dict[str, str]:
        """Who has this part in it."""
        duty_key, period = split_reference(ref)
        wanted = (
            select(assignments.c.person, assignments.c.name)
            .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
            .where(occurrences.c.duty_key == duty_key, occurrences.c.period == period, assignments.c.role == role)
        )
        with self.store.read() as db:
            row = db.execute(wanted).first()
        assert row is not None, (ref, role)
        return {"by": row.person, "by_name": row.name}

    def _signed_off(self) -> None:
        """整改: one waits to be signed off, one was."""
        open_ones = [line for line in self._lines("open", kinds=("rectification",)) if line.sign_off_needed and line.owners]
        waiting, signed = open_ones[0], open_ones[1]
        for line in (waiting, signed):
            self._record(line)
        verifier = self._part(signed.ref, "verifier")
        sign_off(self.store, signed.ref, by=verifier["by"], note="现场看过，合格", via="page", now=NOW)
        self.town.things |= {"unsigned": waiting.ref, "signed": signed.ref}

    def _given_on(self) -> None:
        handed, seen, put_off = (self._take() for _ in range(3))
        said = {"via": "page", "now": NOW}
        to = next(key for key in ("wangmin", "liufang") if key != self.keys[handed.owners[0]])
        name = self.app.roster.people[to].name
        hand_over(self.store, handed.ref, to=to, to_name=name, by="zhangwei", reason="工作调整", **said)
        acknowledge(self.store, seen.ref, by=self.keys[seen.owners[0]], **said)
        until = choices(put_off.due_on, today=self.today, workdays=self.app.workdays)[0].until
        who = self.keys[put_off.owners[0]]
        days = {"workdays": self.app.workdays, "remind_at": self.app.settings.remind_at, "tz": self.app.tz}
        snooze(self.store, put_off.ref, person=who, until=until, by=who, **said, **days)
        self.town.things |= {"handed": handed.ref, "acknowledged": seen.ref, "snoozed": put_off.ref}

    def _gathering(self) -> None:
        hall = next(line for line in self._lines("open", kinds=("study",)) if line.owners)
        for who in (Attendee("wangmin", "王敏", "司法所"), Attendee("", "李四", "某公司")):
            attend(self.store, hall.ref, who, via="code", now=NOW)
        sheet = sign_in_sheet(self.store, hall.ref)
        assert sheet is not None
        self.town.things |= {"hall": hall.ref, "wall": wall_code(self.app.link_key, sheet.occurrence_id, now=NOW)}

    def _said(self) -> None:
        first = give_feedback(self.store, "提醒能不能早上八点半发？", ref="", name="", contact="", by="wangmin", now=NOW)
        answer_feedback(self.store, first, "可以，下周起改为八点半。", by="zhangwei", now=NOW)
        about = {"ref": self.town.things["overdue"], "name": "李四", "contact": "023-0000"}
        give_feedback(self.store, "这件不该由我们单位承办。", **about, by="", now=NOW + timedelta(minutes=1))


def _from_outside(town: BusyTown) -> None:
    """Mails that were refused or wait, problems, a calendar's and a program's key, and what the security log holds."""
    store = town.app.store
    with store.write() as db:
        for row in _troubled_messages(db):
            made = db.execute(insert(messages).returning(messages.c.id), row).scalar_one()
            db.execute(insert(attempts), _attempt(made, row))
            if row["state"] == "failed":
                _lose_a_reminder(db, made)
            town.things[f"message_{row['state']}"] = row["ref"]
        sent = db.execute(select(messages.c.ref).where(messages.c.state == "sent", messages.c.html != "").limit(1)).scalar_one()
        town.things["message"] = sent
        report_problem(db, key="calendar", kind="plan", text="日历有错，原来的计划照常执行。", now=NOW - timedelta(days=2))
        report_problem(db, key="backup", kind="backup", text="备份没有写成。请检查磁盘。", now=NOW)
        report_problem(db, key="hint", kind="advice", text="再补一个渠道。", now=NOW)
    feed = make_token(store, TokenKind.PERSON_FEED, "zhangwei", note="", by="zhangwei", now=NOW)
    make_token(store, TokenKind.PROGRAM, "zhangwei", note="县级平台", by="zhangwei", now=NOW, expires_at=NOW + timedelta(days=90))
    town.things["feed"] = feed
    log = SecurityLog(town.app.home / "logs")
    for event, outcome in (("sign_in", "ok"), ("sign_in", "password"), ("account", "ok")):
        log.write(SecurityEvent(NOW.astimezone(town.app.tz), event, outcome, "zhangwei", "127.0.0.1", "sunlei"))


def _troubled_messages(db: Any) -> Iterator[dict[str, Any]]:
    like = db.execute(
        select(messages).where(messages.c.state == "sent", messages.c.kind == "reminders").order_by(messages.c.id.desc())
    ).first()
    for number, (state, error) in enumerate((("failed", "550 no such user"), ("pending", "452 mailbox full")), 1):
        row = {**like._asdict(), "ref": f"T2610-90000{number}", "dedupe_key": f"troubled-{number}", "channel": "mail"}
        row |= {"state": state, "last_error": error, "sent_at": None, "tries": 1, "built_at": NOW - timedelta(minutes=30)}
        del row["id"]
        yield row


def _attempt(message_id: int, row: dict[str, Any]) -> dict[str, Any]:
    at = row["built_at"]
    outcome = "rejected" if row["state"] == "failed" else "deferred"
    tried = {"message_id": message_id, "n": 1, "token": "t", "started_at": at, "finished_at": at, "outcome": outcome}
    return tried | {"code": row["last_error"][:3], "detail": row["last_error"][4:]}


def _lose_a_reminder(db: Any, message_id: int) -> None:
    part = db.execute(select(reminders).where(reminders.c.state == "sent")).first()
    row = {**part._asdict(), "step": "T-99", "state": "failed", "message_id": message_id}
    del row["id"]
    db.execute(insert(reminders), row)
