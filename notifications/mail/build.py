"""A mail's bytes. Equal envelopes give equal bytes, so that a second try sends the very same mail."""

from __future__ import annotations

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from notifications.envelope import Envelope

_OURS = frozenset({"from", "to", "subject", "mime-version", "content-type", "content-transfer-encoding"})
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_SEVEN_BIT = SMTP.clone(cte_type="7bit")  # a server need not offer 8BITMIME
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class BadAddressError(ValueError):
    """An address that no mail server can be given. The sentence is Chinese, for the admin."""


def build_mail(envelope: Envelope, *, sender: str) -> bytes:
    """The mail as it goes over the wire: 7-bit, CRLF, folded headers, text and HTML alternatives.

    ``sender`` is an address with or without a name. Raises BadAddressError.
    """
    mail = EmailMessage(policy=_SEVEN_BIT)
    mail["From"] = _address(*parseaddr(sender))
    mail["To"] = _address(envelope.name, envelope.address)
    mail["Subject"] = one_line(envelope.subject)
    # JSON columns come back in an order of the database's own.
    for name in sorted(envelope.headers):
        if name.lower() not in _OURS:
            mail[name] = one_line(envelope.headers[name])
    mail.set_content(envelope.text)
    if envelope.html:
        mail.add_alternative(envelope.html, subtype="html")
        mail.set_boundary(_boundary(envelope))
    return mail.as_bytes()


def plain_address(sender: str) -> str:
    """The bare address of ``名字 <address>``."""
    return parseaddr(sender)[1]


def check_address(address: str) -> str:
    """The address itself. Raises BadAddress when it cannot be one."""
    if _ADDRESS.fullmatch(address) is None:
        raise BadAddressError(f"“{one_line(address)}”不是可用的邮箱地址，请在 people.yaml 中改正。")
    return address


def one_line(words: str) -> str:
    """Without line breaks and other control characters, which would start a header of their own."""
    return _CONTROL.sub(" ", words).strip()


def _address(name: str, address: str) -> Address:
    return Address(display_name=one_line(name), addr_spec=check_address(address))


def _boundary(envelope: Envelope) -> str:
    """The library would draw one at random; this one follows from what it separates."""
    drawn = hashlib.sha256(f"{envelope.ref}\0{envelope.text}\0{envelope.html}".encode()).hexdigest()
    return f"=_{drawn[:32]}"
