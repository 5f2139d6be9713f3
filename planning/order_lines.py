"""Lines of a forwarded text that are no part of the order: who wrote when, lines drawn, the foot of a letter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

BODY_ENDS = "局委办院厅部会府组心所队镇乡县区市科股室处站道"
"""Characters in which the name of a body ends; 中心 and 街道 by their last."""
BODY_SIGN = r"[一-龥A-Za-z0-9()]"

_DATE = r"[0-9〇○零一二三四五六七八九]{4}[年.\-/][0-9一二三四五六七八九十]{1,3}[月.\-/][0-9一二三四五六七八九十]{1,3}日?"
_DATED = re.compile(_DATE)
_SIGNED = re.compile(rf"({BODY_SIGN}{{2,30}}?(?:[{BODY_ENDS}]|专班))(?P<date>{_DATE})?")
_OF_A_PLACE = re.compile(r"(?:中共|[一-龥]{1,8}?[省市州县区镇乡])")
# 参加法治培训会 ends like a body, and is none.
_ASKS = re.compile(r"[请将把于在到]|参加|召开|举行|报送|完成|[今明后]天|周")
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
_NOISE = re.compile(
    r"[-=_*.·~ ]{3,80}|(?:以下是)?转发.{0,8}|.{0,12}(?:聊天记录|群公告|撤回了.{0,8})"
    # 张伟 2026/11/24 09:12 is the head of a message; 11月26日15:00 on a line may be when to come.
    rf"|[^,。:;\n]{{0,20}}?(?:[0-9]{{2,4}}[-/.])?[0-9]{{1,2}}[-/.][0-9]{{1,2}} ?{_CLOCK}"
    r"|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2} ?[0-9]{1,2}(?::[0-9]{2}){2}[一-龥]{2,4}"
)
_SENDER = re.compile(r"(?m)^[>「]{1,3}(?:[一-龥A-Za-z0-9 ]{1,16}:)?")


class Foot(NamedTuple):
    """The foot of a letter: who signed it, and which lines it takes."""

    body: str
    lines: frozenset[int]


def without_noise(plain: str) -> str:
    """The text with line feeds, as many as there were characters, in place of what is no part of the order."""
    lines = _SENDER.sub(lambda found: "\n" * len(found[0]), plain).split("\n")
    foot = _foot(lines)
    return "\n".join(
        "\n" * len(line) if number in foot.lines or _NOISE.fullmatch(line) else line for number, line in enumerate(lines)
    )


def signing_body(plain: str) -> str:
    """The body alone below a letter, with its date beside it, below it or missing; empty when there is none."""
    return _foot(plain.split("\n")).body


def _foot(lines: Sequence[str]) -> Foot:
    written = [number for number, line in enumerate(lines) if line]
    foot: set[int] = set()
    dated = len(written) > 1 and _DATED.fullmatch(lines[written[-1]]) is not None
    if dated:
        foot.add(written.pop())
    found = _SIGNED.fullmatch(lines[written[-1]]) if len(written) > 1 else None
    if found is None or _ASKS.search(found[1]) or not (dated or found["date"] or _OF_A_PLACE.match(found[1])):
        return Foot("", frozenset(foot))
    foot.add(written[-1])
    return Foot(found[1], frozenset(foot))
