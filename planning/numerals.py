"""Chinese numerals in days and counts become digits: 十二 is 12, 二十 is 20, 二〇二六 is 2026."""

from __future__ import annotations

import re

NUMERALS = "〇○零一二两三四五六七八九十"
"""The characters of a numeral up to ninety-nine, for a class in a pattern."""

_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0", "两": "2"}
_TENS = re.compile(r"([一二三四五六七八九])?十([一二三四五六七八九])?")


def in_digits(text: str) -> str:
    """The text with its numerals up to ninety-nine, and years written sign by sign, in digits; the rest stays."""
    tens = _TENS.sub(lambda found: f"{_DIGITS[found[1] or '一']}{_DIGITS[found[2] or '零']}", text)
    return "".join(_DIGITS.get(char, char) for char in tens)
