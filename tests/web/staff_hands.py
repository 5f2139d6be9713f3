"""What staff do with their pages, for the tests of those pages."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
from sqlalchemy import select

from models.occurrence import assignments, occurrences
from models.record import completions, log_entries
from services.links import token_of
from services.plan import plan

STUDY = "study-law:2026-Q2"
"""陈霞 owns it, 张军 oversees it, 李国强 leads."""

FIX = "fix:整改-007"
"""王敏 owns it, 陈霞 signs it off."""

PDF = ("签到表.pdf", b"%PDF-1.4 " + b"x" * 100, "application/pdf")


def opened(town: Any, ref: str = STUDY, person: str = "chenxia", role: str = "owner", *, reader: str = "") -> str:
    """Open the link and give the clean address; the client keeps the cookie."""
    token = town.link(ref, person, role)
    if reader:
        token = token_of(town.app.link_key, part(town, ref, person, role).id, 0, reader)
    answer = town.get(f"/t/{token}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def signed_in(town: Any, person: str, ref: str = STUDY, **rights: Any) -> str:
    """Sign in, and give the address of the item's page."""
    town.sign_in(person, **rights)
    return f"/me/items/{ref}"


def code(page: httpx.Response) -> str:
    found = re.search(r'name="code" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return found[1]


def press(town: Any, address: str, form: str = "done", *, files: Any = None, **typed: str) -> httpx.Response:
    """Send a form with the fields that the page puts into it."""
    page = town.get(address)
    seen = re.search(r'name="seen" value="(\d+)"', page.text)
    data = {"code": code(page), "seen": seen[1] if seen else "", **typed}
    answer: httpx.Response = town.post(f"{address}/{form}", data=data, files=files)
    return answer


def row(town: Any, ref: str = STUDY) -> Any:
    key, period = ref.split(":")
    with town.app.store.read() as db:
        return db.execute(select(occurrences).where(occurrences.c.duty_key == key, occurrences.c.period == period)).one()


def part(town: Any, ref: str, person: str, role: str) -> Any:
    mine = select(assignments).where(assignments.c.occurrence_id == row(town, ref).id, assignments.c.person == person)
    with town.app.store.read() as db:
        return db.execute(mine.where(assignments.c.role == role)).one()


def done_rows(town: Any) -> list[Any]:
    with town.app.store.read() as db:
        return list(db.execute(select(completions).order_by(completions.c.id)))


def entries(town: Any, ref: str = STUDY) -> list[Any]:
    with town.app.store.read() as db:
        return list(db.execute(select(log_entries).where(log_entries.c.subject == ref).order_by(log_entries.c.seq)))


def said(entry: Any) -> Any:
    return json.loads(entry.payload)


def stands_in(town: Any, person: str, other: str, since: str = "2026-04-01", until: str = "2026-04-30") -> None:
    """As people.yaml says it."""
    path = town.app.home / "people.yaml"
    before = f"{{key: {person}, "
    after = f"{before}stand_ins: [{{person: {other}, since: {since}, until: {until}}}], "
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    town.app.reload()
    assert town.app.roster.people[person].stand_ins


def set_up(town: Any, line: str) -> None:
    """Write a line into the settings."""
    path = town.app.home / "suishi.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    town.app.reload()


def add_duty(town: Any, duty: str) -> None:
    """Write a duty into the calendar and plan anew."""
    path = town.app.home / "calendar" / "all.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}  - {duty}\n", encoding="utf-8")
    plan(town.app.store, town.app.plan_basis((2026, 2027)), now=town.clock.now)
