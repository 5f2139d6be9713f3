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

_ROOMS = {
    "/manage": (
        "/people",
        "/units",
        "/duties",
        "/new",
        "/items/new",
        "/holidays",
        "/settings",
        "/accounts",
        "/programs",
        "/coming",
        "/security",
        "/feedback/list",
        "/replan",
    ),
}
"""Pages that are reached from an entry though their addresses do not begin with its own."""


def menu_for(visitor: Visitor | None, as_of: date, *, path: str) -> list[tuple[str, str, bool]]:
    """Addresses, names, and whether the page at ``path`` belongs there; nothing for somebody who has not signed in."""
    if visitor is None:
        return []
    month = f"{as_of:%Y-%m}"
    # Who works on items comes for his own; who leads or runs the office comes for the whole.
    place = 0 if visitor.role is AccountRole.STAFF else 1
    wanted = (*_MENU[:place], _MINE, *_MENU[place:])
    return [
        (href.format(month=month), name, _belongs(path, href.partition("?")[0]))
        for href, name, action in wanted
        if reach_of(visitor, action) is not Reach.NONE
    ]


def _belongs(path: str, entry: str) -> bool:
    below = () if entry == "/" else (entry,)  # everything begins with the start page's address
    return path == entry or any(path == at or path.startswith(f"{at}/") for at in (*below, *_ROOMS.get(entry, ())))
