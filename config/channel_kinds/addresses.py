"""What may stand as a person's address on a channel that is not mail: whom a robot mentions, whose WeCom it is."""

from __future__ import annotations

import re

GROUP_TYPES = frozenset({"wecom-robot", "dingtalk", "feishu"})
"""Robots of a group: there the address only mentions the person, and may be left out."""

_MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_HINTS = {
    "wecom-robot": "写企业微信的账号（userid）或 11 位手机号；不提醒到人就删去 address",
    "wecom-app": "写这个人在企业微信通讯录里的账号（userid），一行只写一个人",
    "dingtalk": "写钉钉绑定的 11 位手机号，或账号（userid）；不提醒到人就删去 address",
    "feishu": "写飞书的 open_id（ou_ 开头）或 user_id；不提醒到人就删去 address",
}


def refuse_address(kind: str, address: str) -> str | None:
    """What to write instead, when the address cannot stand for one person; None when it can.

    Several members in one address (``a|b``, ``a,b``) or all of them (``@all``) are refused: what is one person's
    must not be told to others.
    """
    hint = _HINTS.get(kind)
    if hint is None:
        return None
    one_person = _MEMBER.fullmatch(address) and address.lower() != "all"
    return None if one_person else hint
