"""What a DingTalk robot is sent: the signed address and the JSON body. Equal envelopes give equal bodies.

Form, size and signature: open.dingtalk.com/document/group/custom-robot-access and …/robots/customize-robot-security-settings.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from urllib.parse import quote, urlencode

from notifications.envelope import Envelope
from notifications.http.body import UnfitError, content, in_json

MOST_BYTES = 20_000
"""Of the whole request; beyond it the answer is «message too long, exceed 20000 bytes»."""

_LONGEST_TITLE = 100
"""Characters; it shows in the list of conversations only."""

_MOBILE = re.compile(r"1\d{10}")
_BREAK_WITHIN_A_PARAGRAPH = re.compile(r"(?<=\S)[ \t]*\n(?=[^\n])")


def build_body(envelope: Envelope, *, markup: str) -> bytes:
    """The message as JSON. ``markup`` is markdown or text; attachments and HTML do not travel this way.

    Mentions for which there is no room are left out, the last first: the text names its people, and goes all the same.
    Raises UnfitError.
    """
    text = content(envelope.text, limit=MOST_BYTES)
    asked = members(envelope.address)
    while len(body := in_json(_message(envelope, text, asked, markup))) > MOST_BYTES:
        if not asked:
            raise UnfitError("too-long", f"消息共 {len(body)} 字节，超过钉钉机器人的上限 {MOST_BYTES} 字节，没有发送。")
        asked.pop()
    return body


def address(base_url: str, token: str, *, secret: str, timestamp_ms: int) -> str:
    """The robot's address; with a secret it carries the time stamp (milliseconds, good for one hour) and its signature."""
    asked = {"access_token": token}
    if secret:
        asked |= {"timestamp": str(timestamp_ms), "sign": sign(secret, timestamp_ms)}
    return f"{base_url.rstrip('/')}/robot/send?{urlencode(asked, quote_via=quote, safe='')}"


def sign(secret: str, timestamp_ms: int) -> str:
    """Base64 of HMAC-SHA256; the key is the secret, the message is the time stamp, a line break and the secret.

    It is quoted once, with the rest of the address: base64 of 32 bytes always ends in «=», so a second quoting always
    makes it wrong.
    """
    drawn = hmac.new(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(drawn).decode()


def members(addresses: str) -> list[str]:
    """Those to mention, each once, in their order: mobile numbers and user ids, as in ``13800000000,manager42``."""
    return list(dict.fromkeys(filter(None, (one.strip() for one in addresses.split(",")))))


def broken_lines(text: str) -> str:
    """With two spaces before a line break inside a paragraph: DingTalk's markdown joins the lines without them."""
    return _BREAK_WITHIN_A_PARAGRAPH.sub("  \n", text)


def _message(envelope: Envelope, text: str, asked: list[str], markup: str) -> dict[str, object]:
    mobiles = [one for one in asked if _MOBILE.fullmatch(one)]
    at = {"atMobiles": mobiles, "atUserIds": [one for one in asked if one not in mobiles], "isAtAll": False}
    if markup == "markdown":
        title = " ".join(envelope.subject.split())[:_LONGEST_TITLE] or envelope.ref  # an empty one is refused
        return {"msgtype": "markdown", "markdown": {"title": title, "text": _calling(broken_lines(text), asked)}, "at": at}
    return {"msgtype": "text", "text": {"content": _calling(text, asked)}, "at": at}


def _calling(text: str, asked: list[str]) -> str:
    """DingTalk highlights only those whose number or id also stands in the text."""
    missing = [f"@{one}" for one in asked if not re.search(rf"@{re.escape(one)}(?!\w)", text)]
    return f"{text.rstrip()}\n\n{' '.join(missing)}" if missing else text
