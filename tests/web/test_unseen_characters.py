"""Characters that nobody sees, in an address: on either database it is a page that is answered, never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import QueryParams

from config.app import open_app
from config.settings import DATABASE_VARIABLE
from planning.access import AccountRole
from planning.roster import Roster
from services.accounts import activate, open_account
from services.passwords import NewPassword
from services.plan import plan
from tests.web.conftest import PASSWORD, Clock, entered, write_home
from web.list_address import Wish, read_wish

STUDY = "study-law:2026-Q2"


@pytest.fixture
def either_town(store_url: str, tmp_path: Path, clock: Clock) -> Iterator[Any]:
    """The small town with its year planned, on SQLite and on PostgreSQL."""
    app = open_app(write_home(tmp_path / "home"), environ={DATABASE_VARIABLE: store_url}, clock=clock)
    plan(app.store, app.plan_basis(), now=app.now())
    admin = {"role": AccountRole.ADMIN, "scope": None, "by": "console"}
    code = open_account(app.store, person="zhangwei", name="张伟", now=app.now(), **admin)
    activate(app.store, "zhangwei", code, NewPassword(PASSWORD, "dengbao2"), now=app.now())
    with entered(app, clock) as town:
        yield town


def test_what_nobody_sees_is_a_blank_in_what_an_address_asks_for() -> None:
    said = {"text": "专题\0学习\u200b", "unit": "town\0", "person": "\x1bchenxia"}

    assert read_wish(QueryParams(said), Roster({}, {})) == Wish(text="专题 学习", unit="town", person="chenxia")


@pytest.mark.parametrize("field", ["text", "person", "unit", "kind", "state", "when", "day", "page"])
def test_the_list_is_shown_whatever_its_address_holds(either_town: Any, field: str) -> None:
    assert [either_town.get(f"/{there}?{field}=a%00b").status_code for there in ("list", "list.csv", "outbox")] == [200] * 3


def test_there_is_no_page_of_what_is_no_name(either_town: Any) -> None:
    paths = ["/o/study-law%00:2026-Q2", "/o/study-law:2026%00Q2", "/outbox/T2603%00", "/gather/study-law%00:2026"]

    assert [either_town.get(path).status_code for path in paths] == [404] * 4
    assert either_town.get(f"/o/{STUDY}").status_code == 200
