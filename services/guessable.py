"""Passwords that anybody would try: the most frequent of known breaches, names, runs on the keyboard, years, the office.

The words are the lists that zxcvbn carries, counted from published breaches, censuses and Wikipedia. ASVS 5.0 6.2.4 asks
for the 3,000 most frequent passwords that the rules would take; of that list fewer than 1,200 are long enough, and all of
them are here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

_LISTS = ("passwords", "male_names", "female_names", "surnames", "english_wikipedia")
_MOST = 10_000  # of each: what is rarer is no first guess
_LONG = 10  # characters: of the passwords every one so long

_LEFT = 6
"""Letters and digits beside what anybody would try that make it a good password all the same."""

_SHORTEST_WORD = 3  # a unit's key of two letters is found in many a good password

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz", "q1w2e3r4t5y6", "1q2w3e4r5t6y")
_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "qazwsxedc")
_RUN = 3
_DATED = re.compile(r"(19|20)\d\d([-./]?(0?[1-9]|1[0-2])([-./]?[0-3]?\d)?)?|1314|520")  # days, years, «for ever», «I love you»
_EXTENDED = re.compile(r"[\W_]*\d{1,4}[\W_]*$")  # what is put behind a word when a longer one is asked for
_NO_WORD = re.compile(r"[\W_]+")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_HERE = frozenset({"woaini", "aini", "woaiwojia", "wodemima", "mima", "nihao", "buzhidao", "woshishui", "zhongguo", "taobao"})
"""What the lists from elsewhere lack."""

_LEET = str.maketrans("01345@$!", "oleasasi")


def is_guessable(password: str, words: Sequence[str]) -> bool:
    """``words`` are what the office is called: a stranger would build on them."""
    low = password.lower()
    if any(core in _common() or core in _HERE for core in _cores(low)):
        return True
    # A word that falls away may tear a run apart which would have fallen away as a whole: each counts by itself.
    return _leaves_little(low, ()) or _leaves_little(low, words)


def _leaves_little(low: str, words: Sequence[str]) -> bool:
    """Whether hardly anything remains beside words, days and runs, when some of these are there."""
    rest = low
    for word in sorted({word.lower() for word in words if len(word) >= _SHORTEST_WORD}, key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = _without_runs(_DATED.sub("", rest))
    return rest != low and sum(char.isalnum() for char in rest) < _LEFT


def _cores(low: str) -> Iterator[str]:
    """The password, and what is left of it without the digits and signs around it, also as if 0 were o and @ were a."""
    plain = _NO_WORD.sub("", low)
    stripped = _stripped(low)
    yield from (low, plain, stripped, stripped.translate(_LEET), _stripped(low.translate(_LEET)))
    yield from (_EXTENDED.sub("", low), _EXTENDED.sub("", plain))


def _stripped(text: str) -> str:
    return _AROUND.sub("", text)


def _without_runs(text: str) -> str:
    """Three or more neighbours on the keyboard, in the alphabet or in counting, and three of the same, fall away."""
    kept = [True] * len(text)
    for start in range(len(text) - _RUN + 1):
        if text[start : start + _RUN] in _runs() or len(set(text[start : start + _RUN])) == 1:
            kept[start : start + _RUN] = [False] * _RUN
    return "".join(char for char, stays in zip(text, kept, strict=True) if stays)


@cache
def _runs() -> frozenset[str]:
    both_ways = [way for row in (*_ROWS, *_COLUMNS) for way in (row, row[::-1])]
    return frozenset(row[start : start + _RUN] for row in both_ways for start in range(len(row) - _RUN + 1))


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # 0.8 MB: only when somebody sets a password

    frequent = {word for name in _LISTS for word in FREQUENCY_LISTS[name][:_MOST]}
    return frozenset(frequent.union(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= _LONG))
