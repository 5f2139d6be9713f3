"""Passwords: what is taken under either rule book, what anybody would try, and how it is kept."""

from __future__ import annotations

import random
import string
import threading
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import example, given
from hypothesis import strategies as st

from services import passwords
from services.errors import Refused
from services.guessable import is_guessable
from services.passwords import NewPassword, PasswordRules, check_password, hash_password, is_too_old, refuse_weak

NOW = datetime(2026, 4, 8, tzinfo=UTC)
OFFICE = ("曹回镇人民政府", "工作提醒", "caohui", "sifasuo", "曹回镇", "司法所", "ab")


def why_not(password: str, rules: PasswordRules = "dengbao2", *, past: tuple[str, ...] = ()) -> str:
    """The code of the refusal; empty when it is taken."""
    try:
        refuse_weak(NewPassword(password, rules, OFFICE), about=["wangmin", "王敏"], past=past)
    except Refused as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Qing-Shan-92", ""),
        ("yellow-river-7", ""),
        ("UPPER4lower", ""),
        ("密码学Xa9密码学", ""),
        ("Short-7", "password_length"),
        ("x" * 129, "password_length"),
        ("onlylowercase", "password_classes"),
        ("lowerand4711", "password_classes"),
        ("Wangmin-4711", "password_guessable"),
        ("x王敏Xy47-11", "password_guessable"),
    ],
)
def test_dengbao2_asks_for_length_and_three_of_four_kinds(password: str, code: str) -> None:
    assert why_not(password) == code


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("onlylowercase", ""),
        ("一匹白马过大江南北山", ""),
        ("correct horse battery staple", ""),
        ("x7" * 64, "password_guessable"),
        ("ninechars", "password_length"),
        ("x" * 129, "password_length"),
        ("mywangminsecret", "password_guessable"),
    ],
)
def test_asvs_asks_for_length_alone(password: str, code: str) -> None:
    assert why_not(password, "asvs") == code


@pytest.mark.parametrize(
    "password",
    [
        "Password1!",
        "P@ssw0rd2026",
        "Pa$$w0rd!",
        "Qwerty-123",
        "Abc123456",
        "Admin@2026",
        "Aa123456!",
        "1Qaz2wsx#",
        "Zaq1@wsx",
        "Caohui@2026",
        "Sifasuo-123",
        "CaohuiSifasuo#1",
        "Woaini1314",
        "Woaini520!",
        "Iloveyou-1",
        "Michael1!",
        "Shadow@123",
        "Mustang-99",
        "A1b2c3d4!",
        "Trustno1!",
        "!!!AAAaaa111",
        "2026-04-08Aa",
        "Asdfghjkl;1A",
        "曹回镇人民政府Aa1",
        "aA1!aA1!aA1!",
    ],
)
def test_what_anybody_would_try_is_not_taken(password: str) -> None:
    assert why_not(password) == "password_guessable"


@pytest.mark.parametrize("password", ["qwertyuiop", "password123", "1234567890", "iloveyou123", "1q2w3e4r5t", "manchester"])
def test_what_anybody_would_try_is_not_taken_for_its_length_either(password: str) -> None:
    assert why_not(password, "asvs") == "password_guessable"


@pytest.mark.parametrize(
    "password", ["Abacus-Linde-4", "K7dm-9fqa-X2pt", "Shadow-Rain-Tree-5", "2026年我们一起Shang山", "Mont-Blanc-4810"]
)
def test_a_common_word_beside_uncommon_ones_is_no_harm(password: str) -> None:
    assert why_not(password) == ""


def test_the_last_passwords_are_not_taken_again_under_dengbao2() -> None:
    past = tuple(PasswordHasher(1, 8, 1).hash(f"Hong-Ye-{number}7x") for number in range(6))
    assert why_not("Hong-Ye-07x", past=past) == "password_used"
    assert why_not("Hong-Ye-47x", past=past) == "password_used"
    assert why_not("Hong-Ye-57x", past=past) == ""
    assert why_not("Hong-Ye-07x", "asvs", past=past) == ""


def test_a_password_is_kept_as_argon2id_with_the_parameters_that_were_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    kept = hash_password("Qing-Shan-92")
    found = extract_parameters(kept)
    assert (kept[:10], found.memory_cost, found.time_cost, found.parallelism) == ("$argon2id$", 19_456, 2, 1)
    assert (found.salt_len, found.hash_len) == (16, 32)
    assert hash_password("Qing-Shan-92") != kept
    assert check_password("Qing-Shan-92", kept) == passwords.Checked(fits=True)
    assert not check_password("Qing-Shan-93", kept).fits


def test_nobodys_hash_costs_what_anybodys_costs_and_fits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert extract_parameters(passwords._NOBODY) == extract_parameters(hash_password("x"))
    for password in ("", "nobody", "Qing-Shan-92"):
        assert not check_password(password, "").fits
    assert not check_password("x", "no hash at all").fits


def test_no_more_than_two_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 19 MiB: ten who sign in together wait for each other."""
    inside, most, lock, go = 0, 0, threading.Lock(), threading.Event()

    class Slow:
        def verify(self, _stored: str, _password: str) -> bool:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
                if inside == 2:
                    go.set()
            go.wait(10)
            with lock:
                inside -= 1
            return True

        def check_needs_rehash(self, _stored: str) -> bool:
            return False

    monkeypatch.setattr(passwords, "_hasher", Slow)
    threads = [threading.Thread(target=check_password, args=("x", "y")) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == 2


def test_ninety_days_under_dengbao2_and_for_ever_under_asvs() -> None:
    for days, old in ((89, False), (90, False), (91, True)):
        assert is_too_old(NOW - timedelta(days=days), rules="dengbao2", now=NOW) is old
        assert not is_too_old(NOW - timedelta(days=days), rules="asvs", now=NOW)
    assert not is_too_old(None, rules="dengbao2", now=NOW)


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=140)


@given(PRINTABLE)
def test_what_is_taken_meets_every_rule_and_what_is_not_has_a_reason(password: str) -> None:
    code = why_not(password)
    kinds = [
        any(char in string.ascii_lowercase for char in password),
        any(char in string.ascii_uppercase for char in password),
        any(char in string.digits for char in password),
        any(not (char.isascii() and char.isalnum()) for char in password),
    ]
    if code == "":
        assert 8 <= len(password) <= 128
        assert sum(kinds) >= 3
        assert "wangmin" not in password.lower()
        assert not is_guessable(password, OFFICE)
    else:
        assert code in {"password_length", "password_classes", "password_guessable"}


def test_a_random_password_is_hardly_ever_called_guessable() -> None:
    """Random letters hold a run or a year now and then; twelve of them mostly leave enough beside it."""
    draw = random.Random(7)
    passwords = ["".join(draw.choices(string.ascii_letters + string.digits + "-_.", k=12)) for _ in range(5_000)]
    assert sum(is_guessable(password, OFFICE) for password in passwords) <= 2


@given(PRINTABLE)
def test_a_hash_fits_its_own_password_and_no_other(password: str) -> None:
    kept = hash_password(password)
    assert check_password(password, kept).fits
    assert not check_password(password + "x", kept).fits
    assert not check_password(password[:-1], kept).fits or password == ""


@example("001000001", ["000"])  # the word tears 0000 apart
@given(st.text("abAB01-", max_size=30), st.lists(st.text("abAB01-", max_size=8), max_size=4))
def test_more_words_of_the_office_never_make_a_password_better(password: str, words: list[str]) -> None:
    assert not is_guessable(password, ()) or is_guessable(password, words)
