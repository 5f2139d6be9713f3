"""What a Feishu robot is sent: its JSON body, signature included. Equal envelopes and times give equal bytes.

Form, size and signature: open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.

Markdown goes out as an interactive card with one markdown element, not as a «post»: a post is a list of lists of tags
(text, a, at), so that our words would have to be taken apart and every bold word be lost; a card's element takes them
as they are written. The subject becomes the card's header, which is also what the list of conversations shows.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from notifications.envelope import Envelope
from notifications.http.body import UnfitError, content, in_json

MOST_BYTES = 20 * 1024
"""Of the whole request: «请求体大小不能超过20 KB»."""

_LONGEST_TITLE = 100
"""Characters of a card's header: two lines of a phone."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARKUP = str.maketrans("", "", '<>"&')


def build_body(envelope: Envelope, *, markup: str, secret: str, timestamp: int) -> bytes:
    """The message as JSON. ``markup`` is markdown or text; attachments and HTML do not travel this way.

    With a secret it carries the time stamp (seconds, good for one hour) and its signature. Mentions for which there is
    no room are left out, the last first: the text names its people, and goes all the same. Raises UnfitError.
    """
    text = content(envelope.text, limit=MOST_BYTES).replace("<at", "＜at")  # a duty's own words call nobody
    signed = {"timestamp": str(timestamp), "sign": sign(secret, timestamp)} if secret else {}
    asked = members(envelope.address)
    while len(body := in_json({**_message(envelope, text, asked, markup), **signed})) > MOST_BYTES:
        if not asked:
            raise UnfitError("too-long", f"消息共 {len(body)} 字节，超过飞书机器人的上限 {MOST_BYTES} 字节，没有发送。")
        asked.pop()
    return body


def sign(secret: str, timestamp: int) -> str:
    """Base64 of HMAC-SHA256; the key is the time stamp, a line break and the secret; the message is empty.

    The opposite of DingTalk's, which keys with the secret and counts milliseconds.
    """
    return base64.b64encode(hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def members(addresses: str) -> list[str]:
    """Those to mention, each once, in their order: open ids and user ids, as in ``ou_1a2b,9f8e7d``."""
    return list(dict.fromkeys(filter(None, (one.strip() for one in addresses.split(",")))))


def _message(envelope: Envelope, text: str, asked: list[str], markup: str) -> dict[str, object]:
    # In a card a mention is <at id=…></at>, in a text <at user_id="…"></at>.
    if markup == "text":
        return {"msg_type": "text", "content": {"text": _calling(text, asked, '<at user_id="{}"></at>')}}
    title = " ".join(envelope.subject.split())[:_LONGEST_TITLE] or envelope.ref
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {"template": "blue", "title": {"tag": "plain_text", "content": title}},
            "elements": [{"tag": "markdown", "content": _calling(text, asked, "<at id={}></at>")}],
        },
    }


def _calling(text: str, asked: list[str], form: str) -> str:
    """The text, then those it is for. What cannot be an id is written out: seen by people, read by no machine."""
    called = [form.format(one) if _ID.fullmatch(one) else f"@{one.translate(_MARKUP)}" for one in asked]
    return f"{text.rstrip()}\n\n{' '.join(called)}" if called else text
