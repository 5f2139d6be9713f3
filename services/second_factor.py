"""A second factor: six digits that a phone computes (RFC 6238).

The secret, and the digests of the codes on paper, are derived from the app key, so that whoever has the database or a
backup of it, and not the key, can neither compute the digits nor try out the codes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from base64 import b32encode
from datetime import datetime

import pyotp

RECOVERY_CODES = 8
_STEP = 30  # seconds, RFC 6238 4.1
_EITHER_SIDE = 1  # steps by which a phone's clock may be off


def secret_of(link_key: bytes, account_id: int, serial: int) -> str:
    """Base32, 160 bits; another serial gives another secret."""
    about = f"second-factor.v1|{account_id}|{serial}"
    return b32encode(hmac.new(link_key, about.encode(), hashlib.sha1).digest()).decode("ascii")


def provisioning_uri(secret: str, *, person: str, title: str) -> str:
    """What the phone's program reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name=title)


def step_of(secret: str, digits: str, *, now: datetime, after: int) -> int | None:
    """The time step that the digits are good for, later than ``after``; None when they fit none."""
    made = pyotp.TOTP(secret)
    current = int(now.timestamp()) // _STEP
    plain = _plain(digits)
    for step in range(current - _EITHER_SIDE, current + _EITHER_SIDE + 1):
        if step > after and hmac.compare_digest(made.generate_otp(step).encode(), plain.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Shown once, to be kept on paper."""
    return [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]


def recovery_digest(link_key: bytes, account_id: int, code: str) -> str:
    about = f"recovery.v1|{account_id}|{_plain(code)}"
    return hmac.new(link_key, about.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _plain(typed: str) -> str:
    """Without spaces and dashes; a Chinese keyboard may type full-width digits."""
    narrow = unicodedata.normalize("NFKC", typed).lower()
    return "".join(char for char in narrow if char.isalnum())
