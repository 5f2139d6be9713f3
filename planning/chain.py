"""How one entry of the completion log is bound to the one before: pure, and short enough to be written again elsewhere.

``hash = sha256("suishi-log-v1" NUL previous-hash canonical-JSON-of-all-columns)``. Canonical JSON: keys sorted, no blanks,
UTF-8, texts in NFC, no floating-point numbers. The chain shows edits, insertions, deletions and swaps. It does not
show a cut tail: only an anchor kept elsewhere (a mail, a printed report) does.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import datetime

from planning.instants import utc_text

PREFIX = b"suishi-log-v1\0"
GENESIS = "0" * 64
"""The previous hash of entry 1."""

CODE_LENGTH = 16
"""Hex digits of a hash that people see: 64 bits, enough to recognise an entry and short enough to type."""

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]


def canonical(value: object) -> str:
    """The one text of a JSON value. Raises TypeError for what has no single text: floats, dates, sets."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def entry_hash(*, seq: int, at: datetime, actor: str, via: str, kind: str, subject: str, payload: str, prev_hash: str) -> str:
    """The hash of one entry. ``payload`` is its canonical text, hashed as it is kept."""
    columns = {
        "seq": seq,
        "at": utc_text(at),
        "actor": actor,
        "via": via,
        "kind": kind,
        "subject": subject,
        "payload": payload,
    }
    return hashlib.sha256(PREFIX + prev_hash.encode() + canonical(columns).encode()).hexdigest()


def short_code(full_hash: str) -> str:
    """``3f2a-91c0-…``: what mails and printed pages carry."""
    head = full_hash[:CODE_LENGTH]
    return "-".join(head[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def _plain(value: object) -> Plain:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {unicodedata.normalize("NFC", str(key)): _plain(one) for key, one in value.items()}
    raise TypeError(f"no canonical text for {type(value).__name__}: {value!r}")
