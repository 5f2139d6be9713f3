"""Coming in: one answer for whatever is wrong, five tries, a quarter of an hour, and the admin hears of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.access import accounts
from models.upkeep import facts
from services import passwords, sign_in, tries
from services.accounts import disable, unlock
from services.errors import Refused
from services.passwords import MOST_WAITING


def test_the_right_password_opens_the_door_by_key_or_by_name(town: Any) -> None:
    assert town.sign_in("wangmin").person == "wangmin"
    assert town.sign_in(" 王敏 ").person == "wangmin"
    assert town.account("wangmin").signed_in_at == town.now
    assert not town.sign_in("wangmin").must_change


def test_two_of_one_name_come_in_by_their_keys(town: Any) -> None:
    town.add("wangmin2")
    with town.store.write() as db:
        db.execute(update(accounts).where(accounts.c.person == "wangmin2").values(name="王敏"))
    assert town.refused(town.sign_in, "王敏").code == "sign_in"
    assert town.sign_in("wangmin2").person == "wangmin2"


def test_a_key_counts_before_a_name_that_looks_like_it(town: Any) -> None:
    with town.store.write() as db:
        db.execute(update(accounts).where(accounts.c.person == "chenxia").values(name="wangmin"))
    assert town.sign_in("wangmin").person == "wangmin"


@pytest.mark.parametrize("who", ["", "nobody", "wangmin\x00", "Wangmin", "wang%", "' OR 1=1 --", "王" * 10_000, "\ud800"])
def test_whoever_has_no_account_is_told_what_a_wrong_password_is_told(town: Any, who: str) -> None:
    wrong = town.refused(town.sign_in, "wangmin", "wrong")
    assert town.refused(town.sign_in, who, "wrong").sentence == wrong.sentence
    assert town.refused(town.sign_in, who, "").sentence == wrong.sentence


def test_every_reason_has_one_sentence_and_a_code_for_the_log(town: Any) -> None:
    town.add("waiting", password="")
    town.add("gone")
    town.add("ended")
    disable(town.store, "ended", now=town.now)
    for _ in range(5):
        town.refused(town.sign_in, "chenxia", "wrong")
    refusals = [
        town.refused(town.sign_in, "nobody"),
        town.refused(town.sign_in, "wangmin", "wrong"),
        town.refused(town.sign_in, "waiting", ""),
        town.refused(town.sign_in, "chenxia"),
        town.refused(town.sign_in, "ended"),
        town.refused(town.sign_in, "gone", in_office=lambda person: person != "gone"),
    ]
    assert [one.code for one in refusals] == ["sign_in", "sign_in", "sign_in", "locked", "disabled", "left"]
    assert len({one.sentence for one in refusals}) == 1


def test_each_refusal_hashes_once_and_writes_once(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes time is the same whether there is such an account, whether it is locked, or not."""
    hashed: list[str] = []
    written: list[str] = []
    check, transact = passwords.check_password, type(town.store).transact

    def checking(password: str, stored: str) -> Any:
        hashed.append(stored)
        return check(password, stored)

    def counting(store: Any, work: Any) -> Any:
        with store.read() as db:
            before = _digest(db)
        done = transact(store, work)
        with store.read() as db:
            written.append("written" if _digest(db) != before else "only read")
        return done

    def _digest(db: Any) -> Any:
        return db.execute(select(accounts.c.fails)).all(), db.execute(select(facts)).all()

    monkeypatch.setattr(sign_in, "check_password", checking)
    monkeypatch.setattr(type(town.store), "transact", counting)
    for _ in range(5):
        town.refused(town.sign_in, "chenxia", "wrong")
    hashed.clear()
    written.clear()
    for who in ("wangmin", "nobody", "chenxia"):  # a wrong password, no account, a locked one
        town.later(seconds=1)
        town.refused(town.sign_in, who, "wrong")
    assert len(hashed) == 3
    assert written == ["written"] * 3


def test_five_wrong_tries_lock_the_account_for_a_quarter_of_an_hour(town: Any) -> None:
    for _ in range(4):
        assert town.refused(town.sign_in, "wangmin", "wrong").code == "sign_in"
    assert town.problem("wangmin") is None
    assert town.refused(town.sign_in, "wangmin", "wrong").code == "sign_in"
    assert town.refused(town.sign_in, "wangmin").code == "locked"
    town.later(minutes=14, seconds=59)
    assert town.refused(town.sign_in, "wangmin").code == "locked"
    town.later(seconds=1)
    assert town.sign_in("wangmin").person == "wangmin"


def test_what_is_tried_while_locked_prolongs_nothing(town: Any) -> None:
    for _ in range(5):
        town.refused(town.sign_in, "wangmin", "wrong")
    for _ in range(14):
        town.later(minutes=1)
        assert town.refused(town.sign_in, "wangmin", "wrong").code == "locked"
    town.later(minutes=1)
    town.sign_in("wangmin")


def test_after_a_lock_there_are_five_tries_again(town: Any) -> None:
    for _ in range(5):
        town.refused(town.sign_in, "wangmin", "wrong")
    town.later(minutes=15)
    for _ in range(4):
        assert town.refused(town.sign_in, "wangmin", "wrong").code == "sign_in"
    assert town.account("wangmin").locked_until is None
    town.refused(town.sign_in, "wangmin", "wrong")
    assert town.refused(town.sign_in, "wangmin").code == "locked"


def test_a_right_password_forgets_the_wrong_ones(town: Any) -> None:
    for _ in range(3):
        for _ in range(4):
            town.refused(town.sign_in, "wangmin", "wrong")
        town.sign_in("wangmin")
    assert (town.account("wangmin").fails, town.account("wangmin").locked_until) == (0, None)


def test_one_persons_lock_is_not_anothers_and_name_and_key_share_one(town: Any) -> None:
    for who in ("wangmin", "王敏", "wangmin", "王敏", " wangmin"):
        town.refused(town.sign_in, who, "wrong")
    assert town.refused(town.sign_in, "王敏").code == "locked"
    assert town.sign_in("chenxia").person == "chenxia"


def test_the_admin_hears_of_a_lock_and_of_its_end(town: Any) -> None:
    for _ in range(5):
        town.refused(town.sign_in, "wangmin", "wrong")
    problem = town.problem("wangmin")
    assert (problem.kind, problem.closed_at) == ("access", None)
    assert problem.text == "王敏的账号连续5次密码错误，暂停登录15分钟。不是本人操作的话，请查看安全日志。"
    town.later(minutes=20)
    town.sign_in("wangmin")
    assert town.problem("wangmin").closed_at == town.now


def test_the_admin_unlocks_and_the_problem_ends(town: Any) -> None:
    for _ in range(5):
        town.refused(town.sign_in, "wangmin", "wrong")
    unlock(town.store, "wangmin", now=town.later(minutes=1))
    assert town.problem("wangmin").closed_at == town.now
    assert town.sign_in("wangmin").person == "wangmin"


def test_a_lock_on_an_account_that_lets_nobody_in_troubles_nobody(town: Any) -> None:
    town.add("waiting", password="")
    disable(town.store, "wangmin", now=town.now)
    for who in ("waiting", "wangmin"):
        for _ in range(6):
            town.refused(town.sign_in, who, "wrong")
        assert town.problem(who) is None


def test_many_guesses_at_once_are_no_more_than_five(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many at once as the door lets wait; the right one is guess number eleven."""
    looked_at: list[str] = []
    check = sign_in.check_password

    def checking(password: str, stored: str) -> Any:
        if stored:
            looked_at.append(password)
        return check(password, stored)

    monkeypatch.setattr(sign_in, "check_password", checking)

    def guess(number: int) -> str:
        try:
            return str(town.sign_in("wangmin", f"guess-{number}").person)
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(MOST_WAITING) as strangers:
        answers = list(strangers.map(guess, range(40)))
    assert set(answers) <= {"sign_in", "locked", "busy"}
    assert len(looked_at) == 5
    assert town.account("wangmin").fails == 5
    assert town.refused(town.sign_in, "wangmin").code == "locked"


def test_a_flood_waits_outside_and_counts_for_nothing(town: Any) -> None:
    for _ in range(MOST_WAITING):
        assert passwords._WAITING.acquire(blocking=False)
    try:
        refusal = town.refused(town.sign_in, "wangmin", "wrong")
    finally:
        for _ in range(MOST_WAITING):
            passwords._WAITING.release()
    assert (refusal.code, refusal.sentence) == ("busy", "正在登录的人太多，请过几秒再试。")
    assert town.account("wangmin").fails == 0
    assert town.sign_in("wangmin").person == "wangmin"


def test_a_password_that_was_changed_during_the_try_lets_nobody_in(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    check = sign_in.check_password

    def meanwhile(password: str, stored: str) -> Any:
        with town.store.write() as db:
            db.execute(update(accounts).where(accounts.c.person == "wangmin").values(password_hash="another"))
        return check(password, stored)

    monkeypatch.setattr(sign_in, "check_password", meanwhile)
    assert town.refused(town.sign_in, "wangmin").code == "sign_in"


def test_an_account_that_was_ended_during_the_try_lets_nobody_in(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    check = sign_in.check_password

    def meanwhile(password: str, stored: str) -> Any:
        disable(town.store, "wangmin", now=town.now)
        return check(password, stored)

    monkeypatch.setattr(sign_in, "check_password", meanwhile)
    assert town.refused(town.sign_in, "wangmin").code == "sign_in"


def test_an_old_password_must_be_changed_where_the_rules_say_so(town: Any) -> None:
    town.later(days=90)
    assert not town.sign_in("wangmin").must_change
    town.later(seconds=1)
    assert town.sign_in("wangmin").must_change
    offered = sign_in.Offered("wangmin", "Qing-Shan-92")
    assert not sign_in.sign_in(town.store, offered, link_key=b"k" * 32, rules="asvs", now=town.now).must_change


def test_a_hash_with_weaker_parameters_is_made_anew_by_its_owner(town: Any) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("Qing-Shan-92")
    with town.store.write() as db:
        db.execute(update(accounts).where(accounts.c.person == "wangmin").values(password_hash=weak))
    town.sign_in("wangmin")
    assert town.account("wangmin").password_hash != weak
    town.sign_in("wangmin")


def test_strangers_leave_one_row_however_often_they_try(town: Any) -> None:
    for number in range(20):
        town.refused(town.sign_in, f"stranger-{number}", "x")
    with town.store.read() as db:
        assert db.execute(select(func.count()).select_from(facts)).scalar_one() == 1


def test_the_tries_before_a_change_of_password_count_as_well(town: Any) -> None:
    account = town.account("wangmin").id
    for _ in range(5):
        assert town.refused(tries.prove, town.store, account, "wrong", now=town.now).code == "wrong_password"
    assert town.refused(tries.prove, town.store, account, "Qing-Shan-92", now=town.now).code == "locked"
    assert town.refused(town.sign_in, "wangmin").code == "locked"
    assert town.problem("wangmin").closed_at is None
