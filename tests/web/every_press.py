"""What only a press of a button shows: refused forms with what was typed, codes that are shown once, thanks.

tests/web/test_every_press.py looks at each as test_every_page.py looks at pages, and fails for a template that neither sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyotp
from playwright.sync_api import Page

from tests.web.busy_town import NOW, PASSWORD
from tests.web.every_page import Look

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Press:
    """A form of a page, what is typed into it, and the template that answers."""

    page: Look
    form: str  # how the form's action ends
    typed: Fields | Callable[[Page], Fields]
    template: str
    status: int = 200
    cookies_lost: bool = False  # between opening the page and pressing
    then: Press | None = field(default=None, repr=False)  # on the page that answered

    @property
    def name(self) -> str:
        return f"{self.template} after {self.page.name}"

    @property
    def last(self) -> Press:
        return self if self.then is None else self.then.last


def _at(path: str, who: str = "admin", first: str = "") -> Look:
    return Look("", path, who, first)


def _digits(page: Page) -> Fields:
    """What the program on the phone shows for the secret of the page."""
    secret = page.locator("p.code").inner_text()
    return {"digits": pyotp.TOTP(secret).at(NOW), "password": PASSWORD}


_STAFF = _at("/s/{open_part}", "nobody", "/t/{open_link}")
_ITEM = _at("/me/items/{open}")
_SIGN_IN = _at("/sign-in", "nobody")
_CONFIRM = {"step": "confirm"}
_ORDER = {"text": "请司法所王敏于2026年11月6日前报送普法工作总结。", "step": "read"}
_UNIT = {"name": "应急办", "key": "yingji", "kind": "office", "parent": "caohui", "step": "preview"}
_WORDS = {"note": "写了很久的办理情况"}

PRESSES = (
    Press(_SIGN_IN, "/sign-in", {"who": "zhangwei", "password": "wrong"}, "sign_in.html", 403),
    Press(_at("/activate", "nobody"), "/activate", {"who": "sunlei", "activation": "0"}, "activate.html", 403),
    Press(_STAFF, "/done", {**_WORDS, "done_on": "2030-01-01"}, "staff.html", 409),
    Press(_STAFF, "/done", {**_WORDS, "code": "of another page"}, "staff.html", 403),
    Press(_STAFF, "/done", _WORDS, "staff_unsaved.html", 410, cookies_lost=True),
    Press(_ITEM, "/extend", {"to": "2026-01-01", "reason": "会议改期"}, "staff.html", 409),
    Press(
        _ITEM,
        "/done",
        _WORDS,
        "sign_in.html",
        401,
        cookies_lost=True,
        then=Press(_ITEM, "/sign-in", {"who": "zhangwei", "password": PASSWORD}, "resume.html"),
    ),
    Press(_at("/feedback", "nobody"), "/feedback", {"text": "签到的二维码太小。"}, "feedback.html"),
    Press(_at("/feedback", "nobody"), "/feedback", {"text": " ", "name": "李四"}, "feedback.html", 409),
    Press(_at("/feedback/list"), "/answer", {"answer": " "}, "feedback_list.html", 409),
    Press(_at("/in/{wall}", "nobody"), "/sign", {"person": "", "name": ""}, "sign_in_form.html", 409),
    Press(_at("/in/{wall}", "nobody"), "/sign", {"person": "chenxia"}, "signed_in.html"),
    Press(_at("/me/feeds"), "/me/feeds", {}, "feeds.html"),
    Press(_at("/programs"), "/programs", {"note": "平台", "person": "zhangwei"}, "programs.html"),
    Press(_at("/accounts"), "/accounts", {"person": "malin", "role": "staff"}, "accounts.html"),
    Press(_at("/me/password"), "/me/password", {"old": "wrong"}, "own_password.html", 403),
    Press(_at("/today"), "/today/channel", {"channel": "outbox", "address": "zw@caohui.example"}, "today.html"),
    Press(_at("/items/new"), "/items/new", {"text": "好的", "step": "read"}, "new_item.html", 409),
    Press(_at("/items/new"), "/items/new", _ORDER, "new_item_seen.html"),
    Press(
        _at("/items/new"),
        "/items/new",
        _ORDER,
        "new_item_seen.html",
        then=Press(_at("/items/new"), "/items/new", _CONFIRM, "new_item_done.html"),
    ),
    Press(_at("/new/unit"), "/new/unit", {**_UNIT, "key": "不是代号"}, "new_unit.html", 409),
    Press(_at("/new/unit"), "/new/unit", _UNIT, "change_preview.html"),
    Press(
        _at("/new/unit"),
        "/new/unit",
        _UNIT,
        "change_preview.html",
        then=Press(_at("/new/unit"), "/new/unit", _CONFIRM, "change_done.html"),
    ),
    Press(_at("/people/malin"), "/hand-over", {"to": "zhangwei", "reason": "离任移交"}, "handed_over.html"),
    Press(_at("/me/second-factor"), "/me/second-factor", _digits, "own_recovery.html"),
)
