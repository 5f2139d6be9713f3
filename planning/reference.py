"""The name by which people and commands call an occurrence: ``study-law:2026-Q1``."""

from __future__ import annotations


def reference(duty_key: str, period: str) -> str:
    return f"{duty_key}:{period}"


def split_reference(ref: str) -> tuple[str, str]:
    """The duty's key and the period; full-width colons are taken as well.

    Raises ValueError when there is no colon, or something that nobody sees: PostgreSQL takes no NUL.
    """
    key, colon, period = ref.strip().replace("\N{FULLWIDTH COLON}", ":").partition(":")
    if not (key and colon and period and key.isprintable() and period.isprintable()):
        shown = "".join(char if char.isprintable() else "·" for char in ref.strip())
        raise ValueError(f"«{shown}»不是办理项编号，应当像 study-law:2026-Q1 这样写：事项编号、冒号、周期")
    return key, period
