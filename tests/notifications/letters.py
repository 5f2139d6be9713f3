"""Letters for tests: one usual item and one usual letter, to be changed where a test says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from notifications.letter import Form, Item, Letter, Markup, SheetForm, Tone

TODAY = date(2026, 3, 4)
SHEET = SheetForm(
    lamp="橙",
    heading="督办单",
    opening="{事项}经催办仍未办结，现予督办。",
    demand="请{责任单位}督促{责任人}，说明原因。",
    closing="已逾期{逾期天数}个工作日，本单是第{次数}次。",
    count=2,
)


def item(title: str = "法治专题学习", *, due: str = "2026-03-06", left: int = 2, **changes: Any) -> Item:
    usual = Item(title, Tone.REMIND, date.fromisoformat(due), left, number=f"duty:{title}", link="{link:1}")
    return replace(usual, **changes)


def overdue(title: str = "行政检查计划报备", **changes: Any) -> Item:
    return item(title, due="2026-03-03", left=-1, **changes)


def letter(*items: Item, markup: Markup = Markup.MARKDOWN, most: int | None = 2048, **changes: Any) -> Letter:
    usual = Letter(
        ref="T2603-000142",
        title="法治建设工作提醒",
        office="曹回镇人民政府",
        base_url="https://suishi.caohui.example",
        name="王敏",
        today=TODAY,
        items=items,
        form=Form(markup, most),
    )
    return replace(usual, **changes)


def group(*items: Item, markup: Markup = Markup.MARKDOWN, most: int | None = 2048, **changes: Any) -> Letter:
    unlinked = tuple(replace(one, link="") for one in items)
    form = Form(markup, most, links=False, group=True)
    return letter(*unlinked, markup=markup, most=most, **{"name": "法治办工作群", "form": form, **changes})
