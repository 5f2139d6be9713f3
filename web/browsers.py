"""What a browser calls itself, as a person knows it: «Chrome，Windows»."""

from __future__ import annotations

_PROGRAMS = (  # in this order: most call themselves Chrome besides, 企业微信 also MicroMessenger
    ("wxwork", "企业微信"),
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Lark", "飞书"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def browser_name(said: str) -> str:
    """Program and system; what neither is known of stays as it is, cut short."""
    found = [name for name in (_first(said, _PROGRAMS), _first(said, _SYSTEMS)) if name]
    return "，".join(found) or said[:40]


def _first(said: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in known if mark in said), "")
