"""A second factor: six digits that a phone computes (RFC 6238).

The secret is derived from the app key, so that the database and its backups hold nothing to compute them with.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
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
    plain = digits.replace(" ", "")
    for step in range(current - _EITHER_SIDE, current + _EITHER_SIDE + 1):
        if step > after and hmac.compare_digest(made.generate_otp(step).encode(), plain.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Shown once, to be kept on paper."""
    return [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> str:
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()
