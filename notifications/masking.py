"""Words of a provider or a library, made fit for the record: short, on one line, without secrets."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

LONGEST = 500
"""Characters of an attempt's detail; the column holds no more."""

_SHORTEST_SECRET = 3
"""Masking a shorter word would punch holes into ordinary text."""

_LONG_ENOUGH_TO_BE_A_KEY = 8
"""A shorter part of an address is a word of its path."""


def fit(words: str, *, secrets: Iterable[str] = ()) -> str:
    """At most 500 characters on one line; each secret becomes ***, also in base64 and as an address writes it."""
    plain = " ".join(words.split())
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            in_base64 = base64.b64encode(secret.encode()).decode()  # as SMTP AUTH sends it
            for form in (secret, in_base64, quote(secret, safe=""), quote(secret)):
                plain = plain.replace(form, "***")
    return plain[:LONGEST]


def keys_in(url: str) -> tuple[str, ...]:
    """What in an address may be a key, longest first: its whole, and each long part that is no host's name.

    Parts are those between the signs of an address; a part with a full stop is a host or a file. Also as unquoted.
    """
    parts = [part for part in re.split(r"[/?&;=@:]+", url.partition("://")[2]) if len(part) >= _LONG_ENOUGH_TO_BE_A_KEY]
    keys = {url, *(form for part in parts if "." not in part and part != "localhost" for form in (part, unquote(part)))}
    password = re.match(r"[^/@]*?:([^/@]+)@", url.partition("://")[2])
    if password is not None:
        keys |= {password[1], unquote(password[1])}
    return tuple(sorted(keys, key=len, reverse=True))
