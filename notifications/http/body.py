"""A message's bytes for a provider that takes JSON. Equal values give equal bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

JSON_HEADERS: Mapping[str, str] = {"Content-Type": "application/json; charset=utf-8"}

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class UnfitError(ValueError):
    """A message that this provider can never be given. The sentence is Chinese, for the admin."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def in_json(value: Mapping[str, Any]) -> bytes:
    """UTF-8, compact, names in order, Chinese as it is: WeCom refuses escapes (40033). Raises UnfitError."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise _broken() from error


def content(text: str, *, limit: int) -> str:
    """The text as it may be sent, without control characters, at most ``limit`` bytes of UTF-8. Raises UnfitError.

    A provider cuts what is too long, or refuses it; both are found out here, before anything leaves.
    """
    clean = _CONTROL.sub(" ", text).strip("\n")
    if not clean.strip():
        raise UnfitError("empty", "消息没有正文，没有发送。")
    try:
        size = len(clean.encode())
    except UnicodeEncodeError as error:
        raise _broken() from error
    if size > limit:
        raise UnfitError("too-long", f"消息有 {size} 字节，超过该渠道的上限 {limit} 字节，没有发送。")
    return clean


def _broken() -> UnfitError:
    """Half a surrogate pair: a character that was cut in the middle."""
    return UnfitError("build", "消息中有无法编码的字符，没有发送，请检查事项名称和说明。")
