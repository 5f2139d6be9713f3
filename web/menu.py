"""The menu: what the visitor may open, in one order for everybody."""

from __future__ import annotations

from datetime import date

from planning.access import Action, Reach, Visitor, reach_of

_MENU = (
    ("/", "总览", Action.SEE_FIGURES),
    ("/list?when={month}", "完成台账", Action.SEE_ROWS),
    ("/year", "年历", Action.SEE_FIGURES),
    ("/today", "今日", Action.SEE_UPKEEP),
    ("/outbox", "发件箱", Action.SEE_MESSAGES),
    ("/log", "办结日志", Action.SEE_LOG),
    ("/accounts", "账号", Action.ACCOUNTS),
)


def menu_for(visitor: Visitor | None, as_of: date) -> list[tuple[str, str]]:
    """Addresses and names; nothing for somebody who has not signed in."""
    if visitor is None:
        return []
    month = f"{as_of:%Y-%m}"
    return [(href.format(month=month), name) for href, name, action in _MENU if reach_of(visitor, action) is not Reach.NONE]
