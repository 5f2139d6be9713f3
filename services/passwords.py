"""Passwords: what is taken, how it is kept. Argon2id with OWASP's parameters for a small machine.

Two rule books cannot both be met: ASVS 5.0 (6.2.5, 6.2.10) forbids rules of composition and forced changes, 等保2.0 asks
for both. ``dengbao2`` is the office's default; ``asvs`` asks for length alone. The word list holds for both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.errors import Refused

PasswordRules = Literal["dengbao2", "asvs"]

LONGEST = 128
_SHORTEST = {"dengbao2": 8, "asvs": 10}
_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^A-Za-z0-9]"))
_CLASSES_WANTED = 3
LASTS = timedelta(days=90)
"""等保2.0 7.1.4 a): to be changed regularly."""

REMEMBERED = 5
"""How many earlier passwords are not taken again."""

_COMMON = re.compile(
    r"(p[a@]ssw[o0]rd|qwer|asdf|zxcv|1q2w|abc123|admin|root|letmein|welcome|iloveyou|woaini|mima|caohui|dianjiang|fazhi|sifa|"
    r"chongqing|suishi|1234|2345|3456|4567|5678|6789|7890|0987|8765|6543|4321|1111|0000|6666|8888|9999|5201314|1314520)"
)
"""What guessing programs try first, with what this office is called; a password may not rest on one of these."""

_REST_AFTER_COMMON = 8
"""Characters beside such a part that make it a good password all the same."""

# Each hash takes 19 MiB and 50 ms: two at a time, so that many who sign in at nine o'clock do not stop the pages.
_AT_ONCE = BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Checked:
    """``fresh`` is a new hash when the parameters have become stronger since the password was set."""

    fits: bool
    fresh: str = ""


def hash_password(password: str) -> str:
    with _AT_ONCE:
        return _hasher().hash(password)


def check_password(password: str, stored: str) -> Checked:
    """Compare, in the same time whether there is such an account or not: an empty ``stored`` is compared with a dummy."""
    with _AT_ONCE:
        try:
            _hasher().verify(stored or _dummy(), password)
        except (VerificationError, InvalidHashError):
            return Checked(fits=False)
    if not stored:
        return Checked(fits=False)
    return Checked(fits=True, fresh=hash_password(password) if _hasher().check_needs_rehash(stored) else "")


def refuse_weak(password: str, *, rules: PasswordRules, about: Sequence[str], past: Sequence[str]) -> None:
    """Raise Refused unless the password may be set. ``about``: the person's names; ``past``: the newest old hashes."""
    shortest = _SHORTEST[rules]
    if not shortest <= len(password) <= LONGEST:
        raise Refused(f"密码须为{shortest}至{LONGEST}个字符，现在是{len(password)}个。", code="password_length")
    if rules == "dengbao2" and sum(bool(kind.search(password)) for kind in _CLASSES) < _CLASSES_WANTED:
        raise Refused("密码须含小写字母、大写字母、数字、符号中的三种。", code="password_classes")
    low = password.lower()
    own = [word.lower() for word in about if len(word) > 1]
    if any(word in low for word in own):
        raise Refused("密码里不能有自己的姓名或账号。", code="password_guessable")
    if len(_COMMON.sub("", low)) < min(_REST_AFTER_COMMON, len(low)) and _COMMON.search(low):
        raise Refused("这个密码太容易猜到。请换成不含连续数字和常见词的。", code="password_guessable")
    if len(set(low)) < shortest // 2:
        raise Refused("密码里重复的字符太多，请换一个。", code="password_guessable")
    if rules == "dengbao2" and any(check_password(password, old).fits for old in past[:REMEMBERED]):
        raise Refused(f"不能用最近{REMEMBERED}次用过的密码。", code="password_used")


def is_too_old(password_at: datetime | None, *, rules: PasswordRules, now: datetime) -> bool:
    return rules == "dengbao2" and password_at is not None and now - password_at > LASTS


@cache
def _hasher() -> PasswordHasher:
    """OWASP's second choice for argon2id: 19 MiB, two passes, one lane."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _dummy() -> str:
    return _hasher().hash("nobody")
