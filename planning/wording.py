"""How days are written in Chinese sentences, and how typed text is made plain before it is read."""

from __future__ import annotations

import unicodedata
from datetime import date

WEEKDAYS = "一二三四五六日"
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))


def normalise(text: str) -> str:
    """Full-width digits, letters and punctuation become half-width, every dash a hyphen; the ends are trimmed."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def weekday_name(day: date) -> str:
    return "周" + WEEKDAYS[day.weekday()]


def day_name(day: date, *, with_year: bool = False) -> str:
    """3月5日， or 2026年3月5日."""
    plain = f"{day.month}月{day.day}日"
    return f"{day.year}年{plain}" if with_year else plain
