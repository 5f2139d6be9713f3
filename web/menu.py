"""The menu: what the visitor may open, in one order for everybody; only one's own items stand first for staff."""

from __future__ import annotations

from datetime import date

from planning.access import AccountRole, Action, Reach, Visitor, reach_of

_MINE = ("/me", "我的事项", Action.RECORD)
_MENU = (
    ("/", "总览", Action.SEE_FIGURES),
    ("/list?when={month}", "完成台账", Action.SEE_ROWS),
    ("/year", "年历", Action.SEE_FIGURES),
    ("/today", "今日", Action.SEE_UPKEEP),
    ("/outbox", "发件箱", Action.SEE_MESSAGES),
    ("/log", "办结日志", Action.SEE_LOG),
    ("/manage", "管理", Action.EDIT_FILES),
)


def menu_for(visitor: Visitor | None, as_of: date) -> list[tuple[str, str]]:
    """Addresses and names; nothing for somebody who has not signed in."""
    if visitor is None:
        return []
    month = f"{as_of:%Y-%m}"
    # Who works on items comes for his own; who leads or runs the office comes for the whole.
    place = 0 if visitor.role is AccountRole.STAFF else 1
    wanted = (*_MENU[:place], _MINE, *_MENU[place:])
    return [(href.format(month=month), name) for href, name, action in wanted if reach_of(visitor, action) is not Reach.NONE]
