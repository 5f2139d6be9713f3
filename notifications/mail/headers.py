"""The library's own way of writing headers, without its doing again what it did for the mail before.

It makes a class for each header that it meets, parses the value into a tree and folds that: most of what building a
mail costs. But for a few, the headers of a mail are those of the mail before.
"""

from __future__ import annotations

from email.headerregistry import BaseHeader, HeaderRegistry
from email.policy import SMTP, Policy
from functools import lru_cache

_REMEMBERED = 256
"""Headers kept, the ones used last: what all mails share, and those of the last thirty."""


class _Header(BaseHeader):
    """Folds itself once. All headers of our mails are folded by the one policy below."""

    _folded: str | None = None

    def fold(self, *, policy: Policy) -> str:
        if self._folded is None:
            self._folded = super().fold(policy=policy)
        return self._folded


class _Headers(HeaderRegistry):
    """The classes and the headers it made, by name and value."""

    def __init__(self) -> None:
        super().__init__(base_class=_Header)
        self._class_of = lru_cache(_REMEMBERED)(super().__getitem__)
        self._made = lru_cache(_REMEMBERED)(super().__call__)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        return self._class_of(name)

    def __call__(self, name: str, value: object) -> BaseHeader:
        return self._made(name, value)


SEVEN_BIT = SMTP.clone(cte_type="7bit", header_factory=_Headers())
"""A server need not offer 8BITMIME."""
