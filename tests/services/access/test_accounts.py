"""Accounts: opened, activated once, renewed, ended; nobody but the owner knows a password, and somebody can always run it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from models.access import accounts
from planning.access import AccountRole
from reports.accounts import account_line, account_lines
from services.accounts import (
    activate,
    change_password,
    code_digest,
    disable,
    enable,
    new_code,
    open_account,
    renew_activation,
    set_rights,
    unlock,
)
from services.errors import Refused
from services.passwords import NewPassword
from services.sessions import digest_of, find_session, open_session

WANTED = NewPassword("Lan-Tian-47", "dengbao2")
ADMIN, STAFF, OFFICE = AccountRole.ADMIN, AccountRole.STAFF, AccountRole.OFFICE


def opened(town: Any, person: str = "sunlei", name: str = "孙磊") -> str:
    return open_account(town.store, person=person, name=name, role=STAFF, scope=None, by="zhangwei", now=town.now)


def test_an_account_is_opened_with_a_code_and_without_a_password(town: Any) -> None:
    code = opened(town)
    row = town.account("sunlei")
    assert (row.password_hash, row.role, row.created_by) == ("", "staff", "zhangwei")
    assert code not in repr(row)
    assert town.refused(town.sign_in, "sunlei", "").code == "sign_in"


def test_who_has_an_account_gets_no_second_one(town: Any) -> None:
    refusal = town.refused(opened, town, "wangmin", "王敏")
    assert (refusal.code, refusal.sentence) == ("account_exists", "王敏已经有账号。忘了密码的话，请重新生成激活码。")


def test_two_who_open_the_same_account_at_once_open_one(town: Any) -> None:
    def try_it(_: int) -> str:
        try:
            return opened(town)
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(6) as admins:
        answers = list(admins.map(try_it, range(6)))
    assert answers.count("account_exists") == 5
    with town.store.read() as db:
        assert len(db.execute(select(accounts).where(accounts.c.person == "sunlei")).all()) == 1


def test_the_code_sets_the_password_once(town: Any) -> None:
    code = opened(town)
    owner = activate(town.store, "sunlei", code, WANTED, now=town.now)
    assert (owner.person, owner.account_id) == ("sunlei", town.account("sunlei").id)
    assert town.account("sunlei").signed_in_at == town.now
    assert town.sign_in("sunlei", "Lan-Tian-47").account_id == owner.account_id
    again = NewPassword("Bai-Yun-63x", "dengbao2")
    assert town.refused(activate, town.store, "sunlei", code, again, now=town.now).code == "activation_code"
    town.sign_in("sunlei", "Lan-Tian-47")


def test_the_code_may_be_typed_as_it_comes(town: Any) -> None:
    code = opened(town)
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in code.upper().replace("-", " "))
    assert activate(town.store, "孙磊", f" {wide} ", WANTED, now=town.now).person == "sunlei"


def test_whatever_does_not_fit_has_one_answer(town: Any) -> None:
    code = opened(town)
    ended = opened(town, "malin", "马琳")
    disable(town.store, "malin", now=town.now)
    old = town.now + timedelta(days=7)
    refusals = [
        town.refused(activate, town.store, "nobody", code, WANTED, now=town.now),
        town.refused(activate, town.store, "sunlei", new_code(), WANTED, now=town.now),
        town.refused(activate, town.store, "sunlei", "", WANTED, now=town.now),
        town.refused(activate, town.store, "wangmin", "", WANTED, now=town.now),
        town.refused(activate, town.store, "wangmin", code, WANTED, now=town.now),
        town.refused(activate, town.store, "malin", ended, WANTED, now=town.now),
        town.refused(activate, town.store, "sunlei\x00", code, WANTED, now=town.now),
        town.refused(activate, town.store, "sunlei", code, WANTED, in_office=lambda _: False, now=town.now),
        town.refused(activate, town.store, "sunlei", code, WANTED, now=old),
    ]
    assert {(one.code, one.sentence) for one in refusals} == {
        ("activation_code", "账号或激活码不对，或者激活码已过期。请核对；仍不行请管理员重新生成。")
    }
    assert activate(town.store, "sunlei", code, WANTED, now=old - timedelta(seconds=1)).person == "sunlei"


def test_two_who_use_one_code_at_once_set_one_password(town: Any) -> None:
    code = opened(town)

    def use(number: int) -> str:
        try:
            return activate(town.store, "sunlei", code, NewPassword(f"Lan-Tian-4{number}", "dengbao2"), now=town.now).person
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as people:
        answers = sorted(people.map(use, range(4)))
    assert answers == ["activation_code"] * 3 + ["sunlei"]


def test_a_weak_password_leaves_the_code_good(town: Any) -> None:
    code = opened(town)
    assert town.refused(activate, town.store, "sunlei", code, NewPassword("12345678", "dengbao2"), now=town.now).code
    activate(town.store, "sunlei", code, WANTED, now=town.now)


def test_a_forgotten_password_is_taken_back_with_every_browser(town: Any) -> None:
    account = town.account("wangmin").id
    token = open_session(town.store, account, browser="", now=town.now)
    code = renew_activation(town.store, "wangmin", now=town.now).code
    assert find_session(town.store, token, now=town.now) is None
    assert town.refused(town.sign_in, "wangmin").code == "sign_in"
    # The old one is remembered: it may not come back as the new one.
    assert town.refused(activate, town.store, "wangmin", code, NewPassword("Qing-Shan-92", "dengbao2"), now=town.now).code == (
        "password_used"
    )
    activate(town.store, "wangmin", code, WANTED, now=town.now)
    town.sign_in("wangmin", "Lan-Tian-47")


def test_a_new_code_ends_the_one_before_and_any_lock(town: Any) -> None:
    for _ in range(5):
        town.refused(town.sign_in, "wangmin", "wrong")
    first = renew_activation(town.store, "wangmin", now=town.now).code
    second = renew_activation(town.store, "wangmin", now=town.now).code
    assert town.problem("wangmin").closed_at == town.now
    assert town.refused(activate, town.store, "wangmin", first, WANTED, now=town.now).code == "activation_code"
    activate(town.store, "wangmin", second, WANTED, now=town.now)
    town.sign_in("wangmin", "Lan-Tian-47")


def test_a_password_is_changed_by_who_knows_the_old_one(town: Any) -> None:
    account = town.account("wangmin").id
    change = (town.store, account)
    town.later(days=3)
    assert town.refused(change_password, *change, "wrong", WANTED, now=town.now).code == "wrong_password"
    same = NewPassword("Qing-Shan-92", "asvs")
    assert town.refused(change_password, *change, "Qing-Shan-92", same, now=town.now).code == "password_used"
    change_password(*change, "Qing-Shan-92", WANTED, now=town.now)
    assert town.account("wangmin").password_at == town.now
    town.sign_in("wangmin", "Lan-Tian-47")
    assert town.refused(town.sign_in, "wangmin").code == "sign_in"


def test_the_last_five_passwords_are_not_taken_again(town: Any) -> None:
    account = town.account("wangmin").id
    old = "Qing-Shan-92"
    for number in range(4):
        new = f"Hong-Ye-{number}7x"
        change_password(town.store, account, old, NewPassword(new, "dengbao2"), now=town.now)
        old = new
    back = NewPassword("Qing-Shan-92", "dengbao2")
    assert town.refused(change_password, town.store, account, old, back, now=town.now).code == "password_used"
    change_password(town.store, account, old, NewPassword("Hong-Ye-57x", "dengbao2"), now=town.now)
    change_password(town.store, account, "Hong-Ye-57x", back, now=town.now)  # the sixth before counts no more
    assert len(town.account("wangmin").past_hashes) == 5


def test_a_changed_password_ends_every_other_browser(town: Any) -> None:
    account = town.account("wangmin").id
    mine, other = (open_session(town.store, account, browser="", now=town.now) for _ in range(2))
    change_password(town.store, account, "Qing-Shan-92", WANTED, keep=digest_of(mine), now=town.now)
    assert find_session(town.store, mine, now=town.now) is not None
    assert find_session(town.store, other, now=town.now) is None


def test_two_changes_at_once_are_one(town: Any) -> None:
    account = town.account("wangmin").id

    def change(number: int) -> str:
        try:
            change_password(town.store, account, "Qing-Shan-92", NewPassword(f"Hong-Ye-{number}7x", "dengbao2"), now=town.now)
        except Refused as refusal:
            return refusal.code
        return "changed"

    with ThreadPoolExecutor(4) as browsers:
        answers = list(browsers.map(change, range(4)))
    assert answers.count("changed") == 1
    assert set(answers) <= {"changed", "edited_meanwhile", "wrong_password"}


def test_other_rights_end_the_browsers_and_are_in_force_at_the_next_sign_in(town: Any) -> None:
    account = town.account("wangmin").id
    token = open_session(town.store, account, browser="", now=town.now)
    set_rights(town.store, "wangmin", role=OFFICE, scope="sifasuo", now=town.now)
    assert find_session(town.store, token, now=town.now) is None
    found = find_session(town.store, open_session(town.store, account, browser="", now=town.now), now=town.now)
    assert found is not None
    assert (found.role, found.scope) == (OFFICE, "sifasuo")


def test_an_ended_account_lets_nobody_in_until_it_is_given_back(town: Any) -> None:
    account = town.account("wangmin").id
    token = open_session(town.store, account, browser="", now=town.now)
    disable(town.store, "wangmin", now=town.now)
    town.later(days=1)
    disable(town.store, "wangmin", now=town.now)
    assert town.account("wangmin").disabled_at == town.now - timedelta(days=1)
    assert find_session(town.store, token, now=town.now) is None
    assert town.refused(town.sign_in, "wangmin").code == "disabled"
    enable(town.store, "wangmin")
    assert find_session(town.store, token, now=town.now) is None
    assert town.sign_in("wangmin").person == "wangmin"


@pytest.mark.parametrize("change", ["staff", "scope", "disable"])
def test_the_last_admin_stays(town: Any, change: str) -> None:
    def take_away() -> None:
        if change == "disable":
            disable(town.store, "zhangwei", now=town.now)
        else:
            role, scope = (STAFF, None) if change == "staff" else (ADMIN, "sifasuo")
            set_rights(town.store, "zhangwei", role=role, scope=scope, now=town.now)

    assert town.refused(take_away).code == "last_admin"
    town.add("chenxia2", ADMIN, password="")
    assert town.refused(take_away).code == "last_admin"  # who has no password yet cannot put anything right
    set_rights(town.store, "chenxia", role=ADMIN, scope="sifasuo", now=town.now)
    assert town.refused(take_away).code == "last_admin"  # an admin of one unit runs nothing
    town.add("gone", ADMIN)
    with pytest.raises(Refused, match="最后一个能登录的管理员"):
        disable(town.store, "zhangwei", in_office=lambda person: person != "gone", now=town.now)
    take_away()
    assert town.account("zhangwei").role == ("staff" if change == "staff" else "admin")


def test_an_ordinary_account_can_be_ended_whoever_else_there_is(town: Any) -> None:
    with town.store.write() as db:
        db.execute(update(accounts).where(accounts.c.person == "zhangwei").values(password_hash=""))
    disable(town.store, "wangmin", now=town.now)
    set_rights(town.store, "chenxia", role=STAFF, scope=None, now=town.now)


@pytest.mark.parametrize("by_ending", [True, False])
def test_two_admins_who_end_each_other_at_once_leave_one(town: Any, by_ending: bool) -> None:
    def end(person: str) -> str:
        try:
            if by_ending:
                disable(town.store, person, now=town.now)
            else:
                set_rights(town.store, person, role=STAFF, scope=None, now=town.now)
        except Refused as refusal:
            return refusal.code
        return "ended"

    for _ in range(3):
        set_rights(town.store, "zhangwei", role=ADMIN, scope=None, now=town.now)
        set_rights(town.store, "chenxia", role=ADMIN, scope=None, now=town.now)
        with ThreadPoolExecutor(2) as both:
            answers = sorted(both.map(end, ("zhangwei", "chenxia")))
        assert answers == ["ended", "last_admin"]
        for person in ("zhangwei", "chenxia"):
            enable(town.store, person)


@pytest.mark.parametrize("act", [renew_activation, unlock, disable])
def test_somebody_without_an_account_cannot_be_changed(town: Any, act: Any) -> None:
    for who in ("nobody", "a\x00b", "\ud800"):
        assert town.refused(act, town.store, who, now=town.now).code == "unknown_account"
    assert town.refused(enable, town.store, "nobody").code == "unknown_account"


def test_codes_are_long_and_read_without_mistakes() -> None:
    codes = [new_code() for _ in range(500)]
    assert len(set(codes)) == 500
    assert all(len(code.replace("-", "")) == 12 for code in codes)
    assert not set("".join(codes)) & set("01ilo")
    assert code_digest("K7DM 9FQA x2pt") == code_digest("k7dm-9fqa-x2pt")


def test_the_list_tells_where_each_account_stands(town: Any) -> None:
    town.add("waiting", password="")
    town.add("ended")
    disable(town.store, "ended", now=town.now)
    for _ in range(5):
        town.refused(town.sign_in, "chenxia", "wrong")
    states = {line.person: line.state for line in account_lines(town.store, now=town.now)}
    assert states == {
        "zhangwei": "active",
        "chenxia": "locked",
        "wangmin": "active",
        "waiting": "waiting",
        "ended": "disabled",
    }
    assert list(states) == ["zhangwei", "chenxia", "wangmin", "waiting", "ended"]
    assert account_line(town.store, "nobody", now=town.now) is None


def test_an_account_that_nobody_uses_for_ninety_days_is_marked(town: Any) -> None:
    town.later(days=30)
    town.sign_in("wangmin")
    town.later(days=61)
    marked = {line.person for line in account_lines(town.store, now=town.now) if line.unused}
    assert marked == {"zhangwei", "chenxia"}
    disable(town.store, "chenxia", now=town.now)
    assert {line.person for line in account_lines(town.store, now=town.now) if line.unused} == {"zhangwei"}
