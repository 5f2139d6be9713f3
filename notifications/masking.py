"""Words of a provider or a library, made fit for the record: short, on one line, without secrets."""

from __future__ import annotations

import base64
from collections.abc import Iterable

LONGEST = 500
"""Characters of an attempt's detail; the column holds no more."""

_SHORTEST_SECRET = 3
"""Masking a shorter word would punch holes into ordinary text."""


def fit(words: str, *, secrets: Iterable[str] = ()) -> str:
    """At most 500 characters on one line; each secret, also in base64 as SMTP AUTH sends it, becomes ***."""
    plain = " ".join(words.split())
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            for form in (secret, base64.b64encode(secret.encode()).decode()):
                plain = plain.replace(form, "***")
    return plain[:LONGEST]
