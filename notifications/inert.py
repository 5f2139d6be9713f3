"""What people typed, made harmless for instant messengers: it forms nothing, links nothing and mentions nobody."""

from __future__ import annotations

from notifications.letter import Markup

# No escape is common to the three: WeCom knows none, DingTalk half of CommonMark's, Feishu HTML's. The wide twin of a
# character reads the same and means nothing to any of them.
_WIDE = {ord(sign): chr(ord(sign) + 0xFEE0) for sign in "<>&@"}
"""Feishu reads tags in plain text as well, <at user_id="all"> among them; WeCom <@userid>."""
_WIDE_IN_MARKDOWN = _WIDE | {ord(sign): chr(ord(sign) + 0xFEE0) for sign in "*_`~[]\\#|"}


def inert(words: str, markup: Markup) -> str:
    """The words for a place where that markup is read."""
    if markup is Markup.MAIL:
        return words  # the HTML form escapes by itself
    return words.translate(_WIDE_IN_MARKDOWN if markup is Markup.MARKDOWN else _WIDE)
