"""The first admin: a code from the console, good for half an hour and once; no default account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from models.access import accounts
from models.store import Store
from models.upkeep import facts
from planning.access import AccountRole
from services.accounts import renew_activation
from services.errors import Refused
from services.passwords import NewPassword
from services.set_up import is_set_up, new_set_up_code, set_up
from tests.services.access.conftest import Town

WANTED = NewPassword("Qing-Shan-92", "dengbao2")


@pytest.fixture
def bare(store: Store) -> Town:
    """A town where nobody has an account yet."""
    return Town(store)


def first(town: Any, code: str, person: str = "zhangwei", name: str = "张伟", wanted: NewPassword = WANTED) -> int:
    return set_up(town.store, code, person=person, name=name, wanted=wanted, now=town.now)


def test_the_code_makes_the_first_admin(bare: Town) -> None:
    assert not is_set_up(bare.store)
    account_id = first(bare, new_set_up_code(bare.store, now=bare.now))
    assert is_set_up(bare.store)
    row = bare.account("zhangwei")
    assert (row.id, row.role, row.scope, row.created_by) == (account_id, "admin", None, "console")
    assert row.signed_in_at == bare.now
    assert bare.sign_in("zhangwei").person == "zhangwei"


def test_without_a_code_nobody_sets_anything_up(bare: Town) -> None:
    for code in ("", "k7dm-9fqa-x2pt", "\x00"):
        assert bare.refused(first, bare, code).code == "set_up_code"
    new_set_up_code(bare.store, now=bare.now)
    assert bare.refused(first, bare, "").code == "set_up_code"
    assert not is_set_up(bare.store)


def test_the_code_is_good_for_half_an_hour(bare: Town) -> None:
    code = new_set_up_code(bare.store, now=bare.now)
    bare.later(minutes=30)
    assert bare.refused(first, bare, code).code == "set_up_code"
    bare.later(minutes=-1)
    first(bare, code)


def test_a_new_code_ends_the_one_before(bare: Town) -> None:
    old, new = (new_set_up_code(bare.store, now=bare.now) for _ in range(2))
    assert bare.refused(first, bare, old).code == "set_up_code"
    first(bare, new.upper())


def test_the_database_does_not_know_the_code(bare: Town) -> None:
    code = new_set_up_code(bare.store, now=bare.now)
    with bare.store.read() as db:
        assert code not in repr(db.execute(select(facts)).all())


def test_a_weak_password_leaves_the_code_good(bare: Town) -> None:
    code = new_set_up_code(bare.store, now=bare.now)
    assert bare.refused(first, bare, code, wanted=NewPassword("12345678", "dengbao2")).code.startswith("password_")
    first(bare, code)


def test_a_stranger_without_the_code_costs_no_hash(bare: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> str:
        raise AssertionError

    monkeypatch.setattr("services.set_up.hash_password", never)
    assert bare.refused(first, bare, "k7dm-9fqa-x2pt").code == "set_up_code"


def test_once_somebody_can_sign_in_there_is_no_set_up(town: Any) -> None:
    assert new_set_up_code(town.store, now=town.now) == ""
    assert town.refused(first, town, "k7dm-9fqa-x2pt").code == "set_up_done"


def test_a_code_that_was_not_used_ends_when_somebody_can_sign_in(bare: Town) -> None:
    code = new_set_up_code(bare.store, now=bare.now)
    bare.add("wangmin")
    assert bare.refused(first, bare, code).code == "set_up_done"


def test_many_with_one_code_make_one_admin(bare: Town) -> None:
    code = new_set_up_code(bare.store, now=bare.now)

    def try_it(number: int) -> str:
        try:
            first(bare, code, f"person-{number}", "某人")
        except Refused as refusal:
            return refusal.code
        return "set up"

    with ThreadPoolExecutor(6) as people:
        answers = sorted(people.map(try_it, range(6)))
    assert answers == ["set up"] + ["set_up_done"] * 5
    with bare.store.read() as db:
        assert len(db.execute(select(accounts)).all()) == 1


def test_the_only_admin_who_lost_everything_begins_again(bare: Town) -> None:
    bare.add("zhangwei", AccountRole.ADMIN)
    bare.use_phone("zhangwei")
    serial = bare.account("zhangwei").last_serial
    renew_activation(bare.store, "zhangwei", now=bare.now)  # and the code that this gave is lost as well
    with bare.store.write() as db:
        db.execute(update(accounts).values(disabled_at=bare.now))
    first(bare, new_set_up_code(bare.store, now=bare.now))
    row = bare.account("zhangwei")
    assert (row.disabled_at, row.second_factor, row.last_serial) == (None, 0, serial)
    assert bare.sign_in("zhangwei").person == "zhangwei"
