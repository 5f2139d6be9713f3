"""What ``doctor`` says of the accounts: whether anybody can sign in, whether passwords travel in the clear, who stands idle."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from planning.access import AccountRole, TokenKind
from reports.accounts import AccountLine, account_lines, live_tokens

if TYPE_CHECKING:
    from config.app import App

_SHOWN = 5
_POWERFUL = frozenset({AccountRole.ADMIN.value, AccountRole.LEADER.value})

Told = tuple[Literal["ok", "note", "bad"], str, str]


def account_findings(app: App) -> Iterator[Told]:
    """How grave, what, and what to do."""
    lines = [line for line in account_lines(app.store, now=app.now()) if line.state != "disabled"]
    able = [line for line in lines if line.state != "waiting"]
    if not able and not app.demo:
        yield "note", "还没有人能登录", "运行 suishi account code 取启用码，在网页上设立第一个管理员"
    elif not any(line.role == AccountRole.ADMIN and line.scope is None for line in able) and not app.demo:
        yield "bad", "没有能登录的管理员", "运行 suishi account add 代号 --role admin，或 suishi account renew 代号"
    else:
        yield "ok", f"账号：{len(lines)} 个，能登录的 {len(able)} 个", ""
    yield from _in_the_clear(app)
    yield from _idle(app, lines)
    yield from _known_to_who_left(app, lines)
    yield from _one_factor(app, lines)


def _in_the_clear(app: App) -> Iterator[Told]:
    """等保2.0 7.1.4 c): what is administered from afar must not be listened to."""
    address = urlsplit(app.settings.base_url)
    if address.scheme == "https":
        return
    remedy = "在前面放 nginx 并装证书，base_url 写成 https://…（见 docs/admin.md）"
    if not _is_loopback(app.settings.listen.host):
        yield "bad", f"网页在 {app.settings.listen.host} 上监听，却没有加密：密码会在网上明文传输", remedy
    elif not _is_loopback(address.hostname or ""):
        yield "note", f"消息里的链接是 {app.settings.base_url}，没有加密", remedy


def _idle(app: App, lines: Sequence[AccountLine]) -> Iterator[Told]:
    """等保2.0 访问控制 c): accounts that nobody needs are ended."""
    present = _present(app)
    left = [line for line in lines if line.person not in present]
    unused = [line for line in lines if line.unused and line not in left]
    if left:
        yield "note", f"已离任或不在名单里的人还有账号：{_named(left)}", "suishi account disable 代号"
    if unused:
        yield "note", f"90天没有用过的账号：{_named(unused)}", "不再需要的：suishi account disable 代号"


def _known_to_who_left(app: App, lines: Sequence[AccountLine]) -> Iterator[Told]:
    """A key is shown to the admin who makes it: when he goes, it works on for the other system, and he may still have it."""
    able = {line.person for line in lines} & _present(app)
    keys = [one for one in live_tokens(app.store, now=app.now()) if one.kind is TokenKind.PROGRAM and one.subject in able]
    known = [one.note for one in keys if one.created_by not in able]
    if known:
        some = "、".join(known[:_SHOWN]) + (f" 等 {len(known)} 个" if len(known) > _SHOWN else "")
        yield "note", f"生成的人已离任或停用的接口密钥：{some}", "在网页“接口密钥”里停用，重新生成后交给对方"


def _present(app: App) -> set[str]:
    """Who is in office, by people.yaml."""
    today = app.today()
    return {key for key, person in app.roster.people.items() if person.left_on is None or today < person.left_on}


def _one_factor(app: App, lines: Sequence[AccountLine]) -> Iterator[Told]:
    """ASVS 5.0 6.3.3 asks for a second factor at level two; whether the office does is its own to say."""
    bare = [line for line in lines if line.role in _POWERFUL and line.state != "waiting" and not line.second_factor]
    if app.production and bare:
        yield "note", f"没有开启动态码的管理员和领导：{_named(bare)}", "请本人在“我的账号”里开启"


def _named(lines: Sequence[AccountLine]) -> str:
    named = "、".join(f"{line.name}（{line.person}）" for line in lines[:_SHOWN])
    return named + (f" 等 {len(lines)} 个" if len(lines) > _SHOWN else "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
