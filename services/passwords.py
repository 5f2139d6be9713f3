"""Passwords: what is taken, how it is kept. Argon2id with OWASP's parameters for a small machine.

Two rule books cannot both be met: ASVS 5.0 (6.2.5, 6.2.10) forbids rules of composition and forced changes, 等保2.0 asks
for both. ``dengbao2`` is the office's default; ``asvs`` asks for length alone. The word list holds for both.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.errors import Refused
from services.guessable import is_guessable

PasswordRules = Literal["dengbao2", "asvs"]

LONGEST = 128
_SHORTEST = {"dengbao2": 8, "asvs": 10}
_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^A-Za-z0-9]"))
_CLASSES_WANTED = 3
LASTS = timedelta(days=90)
"""等保2.0 7.1.4 a): to be changed regularly."""

REMEMBERED = 5
"""How many earlier passwords are not taken again, the present one included."""

_TIME_COST, _MEMORY_COST, _LANES = 2, 19_456, 1
"""OWASP's second choice for argon2id: two passes over 19 MiB, one lane."""

# Each hash takes 19 MiB and 50 ms: two at a time, so that many who sign in at nine o'clock do not stop the pages.
_AT_ONCE = BoundedSemaphore(2)

MOST_WAITING = 12
"""Of the forty threads that answer requests no more than so many ever hash or wait to: a flood must not take them all."""
_WAITING = BoundedSemaphore(MOST_WAITING)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What somebody wants to set, and the rules of the office."""

    password: str
    rules: PasswordRules
    words: tuple[str, ...] = ()  # what this office is called: a stranger would try it first


@dataclass(frozen=True, slots=True)
class Checked:
    """``fresh`` is a new hash when the parameters have become stronger since the password was set."""

    fits: bool
    fresh: str = ""


@contextmanager
def at_work() -> Iterator[None]:
    """Around everything that hashes for somebody at the door. Raises Refused, busy: nothing was counted or changed."""
    if not _WAITING.acquire(blocking=False):
        raise Refused("正在登录的人太多，请过几秒再试。", code="busy")
    try:
        yield
    finally:
        _WAITING.release()


def hash_password(password: str) -> str:
    with _AT_ONCE:
        return _hasher().hash(password)


def check_password(password: str, stored: str) -> Checked:
    """Compare, in the same time whether there is such an account or not: an empty ``stored`` is compared with nobody's."""
    with _AT_ONCE:
        try:
            _hasher().verify(stored or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return Checked(fits=False)
    if not stored:
        return Checked(fits=False)
    return Checked(fits=True, fresh=hash_password(password) if _hasher().check_needs_rehash(stored) else "")


def refuse_weak(wanted: NewPassword, *, about: Sequence[str], past: Sequence[str]) -> None:
    """Raise Refused unless the password may be set. ``about``: the person's names; ``past``: the newest hashes."""
    password, shortest = wanted.password, _SHORTEST[wanted.rules]
    if not shortest <= len(password) <= LONGEST:
        raise Refused(f"密码须为{shortest}至{LONGEST}个字符，现在是{len(password)}个。", code="password_length")
    if wanted.rules == "dengbao2" and sum(bool(kind.search(password)) for kind in _CLASSES) < _CLASSES_WANTED:
        raise Refused("密码须含小写字母、大写字母、数字、符号中的三种。", code="password_classes")
    low = password.lower()
    if any(word.lower() in low for word in about if len(word) > 1):
        raise Refused("密码里不能有自己的姓名或账号。", code="password_guessable")
    if is_guessable(password, wanted.words):
        raise Refused("这个密码太容易猜到。请换成不含单位名、连续数字、年份和常见词的。", code="password_guessable")
    if len(set(low)) < shortest // 2:
        raise Refused("密码里重复的字符太多，请换一个。", code="password_guessable")
    if wanted.rules == "dengbao2" and any(check_password(password, old).fits for old in past[:REMEMBERED]):
        raise Refused(f"不能用最近{REMEMBERED}次用过的密码。", code="password_used")


def is_too_old(password_at: datetime | None, *, rules: PasswordRules, now: datetime) -> bool:
    return rules == "dengbao2" and password_at is not None and now - password_at > LASTS


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=_TIME_COST, memory_cost=_MEMORY_COST, parallelism=_LANES)


def _hash_of_nobody() -> str:
    """A hash in form that no password has: comparing with it takes as long as with a real one, from the first time on."""
    salt, made = (b64encode(bytes(length)).decode("ascii").rstrip("=") for length in (16, 32))
    return f"$argon2id$v=19$m={_MEMORY_COST},t={_TIME_COST},p={_LANES}${salt}${made}"


_NOBODY = _hash_of_nobody()
