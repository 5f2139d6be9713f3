"""What a webhook is sent: our own JSON, version 1, and the headers that let its receiver trust it.

The body is one JSON object in UTF-8, keys sorted, no spaces; equal messages give equal bytes:

    {
      "version": 1,
      "ref": "T2603-000142",                   # the message's number; a second copy has the same
      "to": {"address": "…", "name": "王敏"},   # of a group: the members to mention, separated by commas, and its name
      "subject": "…",
      "text": "…",                             # plain text or markdown, as the channel is set
      "html": "",                              # empty when the channel has none
      "attachments": [{"name": "办理项.ics", "media_type": "text/calendar", "parameters": {"method": "PUBLISH"},
                       "text": "BEGIN:VCALENDAR…"}]
    }

The headers:

    Content-Type: application/json; charset=utf-8
    Idempotency-Key: T2603-000142              # what was taken under this key once needs no second taking
    X-Suishi-Signature: t=1767225600,v1=<hex>  # only with a secret

``v1`` is the HMAC-SHA256, keyed with the secret, of the bytes ``t``, a full stop and the body. The receiver computes
it anew over the bytes as they came, compares in constant time, and refuses a ``t`` (seconds since 1970) more than five
minutes away from its own clock. A field may be added within version 1; none is taken away or changes its meaning.
"""

from __future__ import annotations

import hashlib
import hmac

from notifications.envelope import Envelope
from notifications.http.body import JSON_HEADERS, in_json

VERSION = 1


def build_body(envelope: Envelope) -> bytes:
    """Raises UnfitError when something in it cannot be written in UTF-8."""
    message = {
        "version": VERSION,
        "ref": envelope.ref,
        "to": {"address": envelope.address, "name": envelope.name},
        "subject": envelope.subject,
        "text": envelope.text,
        "html": envelope.html,
        "attachments": [
            {"name": one.name, "media_type": one.media_type, "parameters": dict(one.parameters), "text": one.text}
            for one in envelope.attachments
        ],
    }
    return in_json(message)


def build_headers(envelope: Envelope, body: bytes, *, secret: str, timestamp: int) -> dict[str, str]:
    """``timestamp`` in seconds since 1970, taken at this very try."""
    headers = {**JSON_HEADERS, "Idempotency-Key": envelope.ref}
    if secret:
        headers["X-Suishi-Signature"] = f"t={timestamp},v1={sign(secret, timestamp, body)}"
    return headers


def sign(secret: str, timestamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
