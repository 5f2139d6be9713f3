"""Who may come into the demonstration: at least one of each role, without a password, by a press of a button.

Such an account was never activated: outside the demonstration it lets nobody in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planning.access import AccountRole
from planning.roster import Person
from reports.accounts import account_lines
from services.accounts import open_account

if TYPE_CHECKING:
    from config.app import App

_PARTS = (
    (AccountRole.LEADER, "主要领导"),
    (AccountRole.LEADER, "镇级验收人"),  # signs off, and hears what the county has not signed off
    (AccountRole.OFFICE, "平安法治办主任"),
    (AccountRole.STAFF, "普法专干"),
    (AccountRole.STAFF, "县级验收人"),  # signs off what the township reports done
    (AccountRole.AUDITOR, "财政负责人"),  # has nothing to decide or sign off: an auditor changes nothing
)
"""By which role in the pack somebody plays the part. Nobody plays two."""


def open_demo_accounts(app: App) -> list[tuple[str, AccountRole]]:
    """Open those that are not there yet; everybody's name and role, in the order of the page."""
    known = {line.person for line in account_lines(app.store, now=app.now())}
    found = []
    for person, role in _cast(app):
        if person.key not in known:
            open_account(app.store, person=person.key, name=person.name, role=role, scope=None, by="demo", now=app.now())
        found.append((person.name, role))
    return found


def _cast(app: App) -> Iterator[tuple[Person, AccountRole]]:
    people = app.roster.people
    if admin := people.get(app.settings.admin):
        yield admin, AccountRole.ADMIN
    for role, part in _PARTS:
        holder = next((one for one in people.values() if any(part in post.roles for post in one.posts)), None)
        if holder is not None:
            yield holder, role
