"""The security log's objects as people say them: ``hand_over limei wangmin 0/40`` is 移交 李梅 给 王敏 0/40.

The log itself keeps codes and keys, for programs and for the day on which a name has changed.
"""

from __future__ import annotations

from config.office import Office
from config.security_log import SecurityEvent
from web import words

EVERYWHERE = "*"
"""An account for all units."""

_FILES = {
    "new person": "添加人员",
    "person": "修改人员",
    "new unit": "添加单位",
    "unit": "修改单位",
    "new duty": "添加事项",
    "duty": "修改事项",
    "new item": "交办临时事项",
    "settings": "修改设置",
    "holidays": "导入放假安排",
    "local day": "修改本地的放假和上班",
    "replan": "按文件重新编排",
    "hand_over": "离任移交",
}
_RUNS = {
    "clock": "确认服务器时间",
    "release": "放行积压的消息",
    "release_hold": "放行积压的消息",
    "accept_clock": "确认服务器时间",
    "backup": "备份",
    "resend": "重发消息",
    "channel": "发测试消息",
    "test_channel": "发测试消息",
}
_TOKENS = {
    "make person_feed": "生成个人日历的订阅地址",
    "make unit_feed": "生成单位日历的订阅地址",
    "make program": "生成接口密钥",
    "revoke feed": "停用订阅地址",
    "revoke": "停用接口密钥，编号",
}
_FACTOR = {"on": "开启", "off": "关闭"}
_BY_EVENT = {"files": _FILES, "run": _RUNS, "token": _TOKENS, "second_factor": _FACTOR}


def in_words(office: Office, event: SecurityEvent) -> tuple[str, ...]:
    """The words of one object, each of which a page may translate. Empty for what is an address or none at all."""
    if event.event == "account":
        return _account(office, event.about)
    if event.event == "sign_out":
        _, _, count = event.about.partition("others: ")
        return ("其他浏览器", count) if count else ()
    known = _BY_EVENT.get(event.event, {})
    parts = event.about.split()
    for length in (2, 1):
        doing = known.get(" ".join(parts[:length]))
        if doing is not None:
            return (doing, *(_named(office, part) for part in parts[length:]))
    return ()


def _account(office: Office, about: str) -> tuple[str, ...]:
    """``open wangmin staff *``: 开设 王敏 工作人员 全部单位."""
    change, *rest = about.split() or [""]
    if change not in words.ACCOUNT_CHANGES or not rest:
        return ()
    key, *rights = rest
    said = [words.ACCOUNT_CHANGES[change], _named(office, key)]
    if rights:
        role, scope = rights[0], "".join(rights[1:2])
        whole = scope in {"", EVERYWHERE}
        said += [words.ACCOUNT_ROLES.get(role, role), "全部单位" if whole else _named(office, scope)]
    return tuple(said)


def _named(office: Office, key: str) -> str:
    """The name behind a key of the files as they are today; the key itself once nothing bears it."""
    roster = office.roster
    found = roster.people.get(key) or roster.units.get(key)
    if found is not None:
        return found.name
    return next((duty.title for duty in office.calendar.duties if duty.key == key), key)
