"""Where a forwarded order comes from: the body in brackets at its head, the one it names first, or the one that signed."""

from __future__ import annotations

import re

from planning.order_lines import BODY_ENDS, BODY_SIGN, signing_body

_BODY = rf"{BODY_SIGN}{{1,24}}?(?:[{BODY_ENDS}]|专班|人大|纪委监委)"
_HEAD = re.compile(
    r"[\s>@]{0,4}(?:转发?:?)?(?:【([^【】\n]{1,40})】|\[([^\[\]\n]{1,40})\]|〔([^〔〕\n]{1,40})〕|「([^「」\n]{1,40})」)"
)
_HEADS = 3  # 【转发】【县司法局】
# What a bracket says beside the body: 【县司法局通知】, 【转发：县司法局】.
_AROUND = re.compile(
    r"^(?:转发?|来自|接)[:自]?|(?:工作|法治)?(?:紧急|重要|温馨|再次)?(?:通知|提醒|提示|转发|来函|消息|工作群|发布)$"
)
_NAMED_FIRST = re.compile(
    rf"(?:[刚现今]?接到?|收到|根据|按照|依据|遵照|据|按|转发?:?|应)?({_BODY})(?:的)?(?:最新|有关|相关|紧急|工作|电话|统一|最近){{0,2}}"
    r"(?:通知|要求|安排|部署|来电|电话|来函|指示|转来|交办)"
)
_SPEAKS = re.compile(
    rf"((?:全?国|中央|中共|最高|省|市|州|县|区|镇|乡|{BODY_SIGN}{{1,8}}?[省市州县区镇乡]){BODY_SIGN}{{0,20}}?[{BODY_ENDS}]):(?!现将)"
)
_TITLED = re.compile(rf"({_BODY})关于.{{2,80}}?的(?:紧急|补充|预备)?(?:通知|函|提示|方案|公告|通报|意见)")
_ADDRESSED = re.compile(r"各|全[镇县区市体]|所有|你|贵|本|我|有关|相关|上级")
_FIRST_LINES, _FIRST_CHARS = 3, 200


def source_of(plain: str) -> str:
    """The body that gave the order; empty when the text does not say it clearly."""
    bracketed, place = _bracketed(plain)
    named = bracketed or _leading(plain, place)
    if named:
        return named
    signed = signing_body(plain)
    return signed if _ADDRESSED.match(signed) is None else ""


def _bracketed(plain: str) -> tuple[str, int]:
    """The body within brackets at the head, and where the heads end."""
    place = 0
    for _ in range(_HEADS):
        head = _HEAD.match(plain, place)
        if head is None:
            break
        place = head.end()
        inside = _AROUND.sub("", next(part for part in head.groups() if part is not None))
        if _is_body(inside):
            return inside, place
    return "", place


def _is_body(words: str) -> bool:
    return re.fullmatch(_BODY, words) is not None and _ADDRESSED.match(words) is None


def _leading(plain: str, place: int) -> str:
    """接县司法局通知, 根据县委依法治县办要求, 县普法办: at the head of one of the first lines."""
    head = plain[place : place + _FIRST_CHARS].lstrip("\n")
    for line in head.split("\n")[:_FIRST_LINES]:
        found = _NAMED_FIRST.match(line) or _TITLED.match(line) or _SPEAKS.match(line)
        if found is not None and _ADDRESSED.match(found[1]) is None:
            return found[1]
    return ""
