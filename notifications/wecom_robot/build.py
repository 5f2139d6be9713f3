"""The JSON of a group robot's message: developer.work.weixin.qq.com/document/path/91770 (also 99110)."""

from __future__ import annotations

import re

from notifications.envelope import Envelope
from notifications.http.body import content, in_json
from notifications.wecom_app.build import is_userid

LIMITS: dict[str, int] = {"text": 2048, "markdown": 4096}
"""Bytes of the content. WeCom cuts a longer text and refuses a longer markdown (40058)."""

_MOBILE = re.compile(r"1\d{10}")


def build_message(envelope: Envelope, *, form: str) -> bytes:
    """The body of webhook/send. ``envelope.address`` holds the members to mention, separated by commas.

    Whoever cannot be mentioned stands in the text by name, and the message goes all the same: a word that is neither a
    mobile nor an account, a mobile in markdown (which knows accounts only), and mentions beyond the limit of bytes.
    Raises UnfitError.
    """
    userids, mobiles = members(envelope.address)
    words = content(envelope.text, limit=LIMITS[form])
    if form == "markdown":
        return in_json({"msgtype": "markdown", "markdown": {"content": _with_mentions(words, userids)}})
    text: dict[str, str | list[str]] = {"content": words}
    if userids:
        text["mentioned_list"] = userids
    if mobiles:
        text["mentioned_mobile_list"] = mobiles
    return in_json({"msgtype": "text", "text": text})


def members(address: str) -> tuple[list[str], list[str]]:
    """Accounts and mobiles, each once, in their order. ``@all`` is neither: nobody's address may call the whole group."""
    named = list(dict.fromkeys(word.strip() for word in address.split(",")))
    mobiles = [word for word in named if _MOBILE.fullmatch(word)]
    return [word for word in named if word not in mobiles and is_userid(word)], mobiles


def _with_mentions(words: str, userids: list[str]) -> str:
    room = LIMITS["markdown"] - len(words.encode())
    line = ""
    for userid in userids:
        mention = f"<@{userid}>"
        if len(line) + len(mention) + 1 <= room:  # accounts are ASCII; one more for the line break
            line += mention
    return f"{words}\n{line}" if line else words
