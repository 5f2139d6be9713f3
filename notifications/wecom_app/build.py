"""The JSON of an application message: developer.work.weixin.qq.com/document/path/90236."""

from __future__ import annotations

import re

from notifications.envelope import Envelope
from notifications.http.body import content, in_json

LIMIT = 2048
"""Bytes of a text's or a markdown's content; a longer text would be cut by the provider."""

LONGEST_CHECK = 14_400
"""Seconds for which the provider takes no second message with the same JSON: at most four hours."""

_USERID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_@.-]{0,63}")


class BadMemberError(ValueError):
    """An address that is no member's account. The sentence is Chinese, for the admin."""


def is_userid(word: str) -> bool:
    """1 to 64 of letters, digits and ``_-@.``, the first a letter or digit (document/path/90195)."""
    return _USERID.fullmatch(word) is not None


def check_userid(address: str) -> str:
    """The account itself. ``@all`` and lists are refused: one call is for one person. Raises BadMemberError."""
    if not is_userid(address):
        raise BadMemberError(f"“{address}”不是可用的企业微信账号（userid），请在 people.yaml 中改正。")
    return address


def build_message(envelope: Envelope, *, agent_id: int, form: str, duplicate_check_seconds: int) -> bytes:
    """The body of message/send. Raises BadMemberError and UnfitError."""
    return in_json(
        {
            "touser": check_userid(envelope.address),
            "msgtype": form,
            "agentid": agent_id,
            form: {"content": content(envelope.text, limit=LIMIT)},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": min(max(duplicate_check_seconds, 1), LONGEST_CHECK),
        }
    )
