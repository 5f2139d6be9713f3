"""A mail's bytes. Equal envelopes give equal bytes, so that a second try sends the very same mail."""

from __future__ import annotations

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from functools import lru_cache

from notifications.envelope import Attachment, Envelope
from notifications.mail.headers import SEVEN_BIT

_OURS = frozenset({"from", "to", "subject", "mime-version", "content-type", "content-transfer-encoding"})
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HALVES = re.compile(r"[\ud800-\udfff]")  # of characters: no encoding has them


class BadAddressError(ValueError):
    """An address that no mail server can be given. The sentence is Chinese, for the admin."""


def build_mail(envelope: Envelope, *, sender: str) -> bytes:
    """The mail as it goes over the wire: 7-bit, CRLF, folded headers, text and HTML alternatives, files behind them.

    ``sender`` is an address with or without a name. Raises BadAddressError.
    """
    mail = EmailMessage(policy=SEVEN_BIT)
    mail["From"] = _from(sender)
    mail["To"] = _address(envelope.name, envelope.address)
    mail["Subject"] = one_line(envelope.subject)
    # JSON columns come back in an order of the database's own.
    for name in sorted(envelope.headers):
        if name.lower() not in _OURS:
            mail[name] = one_line(envelope.headers[name])
    mail.set_content(envelope.text)
    if envelope.html:
        mail.add_alternative(envelope.html, subtype="html")
    for attached in envelope.attachments:
        _attach(mail, attached)
    for depth, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(_boundary(envelope, depth))
        if depth:
            del part["MIME-Version"]  # RFC 2045 4: of the whole mail, not of its parts
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
    return _HALVES.sub("", _CONTROL.sub(" ", words)).strip()


@lru_cache(maxsize=16)
def _from(sender: str) -> str:
    return _address(*parseaddr(sender))


def _address(name: str, address: str) -> str:
    return str(Address(display_name=one_line(name), addr_spec=check_address(address)))


def _attach(mail: EmailMessage, attached: Attachment) -> None:
    """Behind the text as a file with its own name (RFC 2231), whatever the reader's program can make of it."""
    family, _, subtype = attached.media_type.partition("/")
    if family != "text":
        raise ValueError(f"{attached.media_type} is no kind of text")
    mail.add_attachment(
        attached.text,
        subtype=subtype,
        filename=one_line(attached.name),
        cte="base64",  # the library would try every way and take the longest
        params={name: attached.parameters[name] for name in sorted(attached.parameters)},
    )


def _boundary(envelope: Envelope, depth: int) -> str:
    """The library would draw one at random; this one follows from what it separates."""
    told = (envelope.ref, str(depth), envelope.text, envelope.html, *(attached.text for attached in envelope.attachments))
    drawn = hashlib.sha256("\0".join(told).encode()).hexdigest()
    return f"=_{drawn[:32]}"
