"""One item as it is printed, the same in every form: its title, its mark, its facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from notifications import phrases
from notifications.letter import Detail, Item, Letter, SheetForm, Tone

HEADINGS = ("已逾期", "今日到期", "临近", "延期待批", "待验收销号", "已取消")
_TONES = ("overdue", "today", "later", "later", "later", "cancelled")

_SAID = {
    Tone.MOVED: "说明",
    Tone.CANCELLED: "说明",
    Tone.HANDED_OVER: "移交原因",
    Tone.EXTENSION_ASKED: "申请",
    Tone.EXTENSION_DECIDED: "批复",
    Tone.SIGN_OFF: "办结情况",
    Tone.SIGN_OFF_LATE: "办结情况",
    Tone.SENT_BACK: "退回原因",
}
"""What a step's own sentence is, where it is no request."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    lamp: str  # 【黄灯】
    label: str
    tone: str  # overdue | today | later | cancelled: for the colour, beside the words
    facts: tuple[tuple[str, str], ...]  # 时限 -> 3月6日(周五),还剩3个工作日
    url: str
    acts: bool  # behind the address he acts; else he only reads


def in_order(letter: Letter) -> list[int]:
    """The places of the items as they are told, by ``HEADINGS``; each by date.

    Those of a date stand as the letter has them, which is the order of the office's files.
    """
    items = letter.items
    return sorted(range(len(items)), key=lambda place: (group_of(items[place], letter), items[place].due_on))


def group_of(item: Item, letter: Letter) -> int:
    """The place in ``HEADINGS``."""
    if item.tone is Tone.CANCELLED:
        return 5
    if item.awaits_sign_off:
        return 4
    if item.awaiting_approval:
        return 3
    if phrases.overdue(item, letter.today):
        return 0
    return 1 if item.due_on == letter.today else 2


def line_of(item: Item, letter: Letter, *, place: int) -> Line:
    """``place`` counts the message's items from 1: a sheet's number ends with it."""
    return Line(
        title=title_of(item, letter),
        lamp=phrases.lamp(item, letter.today),
        label=phrases.label(item),
        tone=_TONES[group_of(item, letter)],
        facts=tuple(_sheet_facts(item, item.sheet, letter, place) if item.sheet is not None else _facts(item, letter)),
        url=url_of(item, letter),
        acts=bool(item.link),
    )


def title_of(item: Item, letter: Letter) -> str:
    if letter.detail != Detail.NUMBER:
        return phrases.plain(item.title)
    return "工作事项（内容请打开链接查看）" if item.link else f"办理项{phrases.plain(item.number)}"


def url_of(item: Item, letter: Letter) -> str:
    """Where the reader acts; for who only oversees, the item's page, which asks him to sign in."""
    if item.link:
        return f"{letter.base_url}/t/{item.link}"
    only_reads = item.oversees and item.tone is not Tone.CANCELLED and letter.form.links and not letter.form.group
    return f"{letter.base_url}/o/{quote(item.number, safe=':')}" if only_reads and item.number else ""


def _facts(item: Item, letter: Letter) -> Iterator[tuple[str, str]]:
    yield "时限", phrases.asked(item, letter.today)
    change = phrases.changed(item, letter.today)
    if change:
        yield "变更", change
    if letter.detail != Detail.FULL:
        return
    if item.explanation and item.tone is not Tone.CANCELLED:
        yield "说明", phrases.plain(item.explanation)
    told_twice = item.tone is Tone.MOVED and change != ""  # a moved day's own sentence says what the change says
    if item.say and not told_twice:
        yield _SAID.get(item.tone, "本次请办"), phrases.plain(item.say)
    if item.owners:
        yield "办理人", names_of(item.owners)
    note = _part(item)
    if note:
        yield "备注", note


def _part(item: Item) -> str:
    """Why the reader has the item when it is not simply his."""
    notes = []
    if item.stands_in_for:
        notes.append(f"您正在代理{phrases.plain(item.stands_in_for)}的工作")
    if item.tone is Tone.HANDED_OVER:
        notes.append(f"由{phrases.plain(item.from_name)}移交您办理" if item.from_name else "移交您办理")
    if item.partner:
        notes.append("请配合办理")
    if item.verifier and not item.awaits_sign_off:
        notes.append("办结后请您验收")
    return "，".join(notes)


def _sheet_facts(item: Item, sheet: SheetForm, letter: Letter, place: int) -> Iterator[tuple[str, str]]:
    """The rows of a 催办单: number, who answers, the limit and how often it was pressed for, then the office's words."""
    number = f"{letter.ref}-{place}"
    named = letter.detail == Detail.FULL  # else no names travel
    yield "编号", number
    if item.unit and letter.detail != Detail.NUMBER:
        yield "责任单位", phrases.plain(item.unit)
    if item.owners and named:
        yield "责任人", names_of(item.owners)
    yield "时限", phrases.asked(item, letter.today)
    yield "催办", f"第{sheet.count}次"
    values = {
        "事项": "该事项" if letter.detail == Detail.NUMBER else phrases.plain(item.title),
        "时限": phrases.deadline(item, letter.today),
        "逾期天数": str(max(-item.workdays_left, 0)),
        "责任单位": phrases.plain(item.unit) if item.unit and letter.detail != Detail.NUMBER else "责任单位",
        "责任人": names_of(item.owners) if item.owners and named else "承办人",
        "编号": number,
        "次数": str(sheet.count),
    }
    alone = len(letter.items) == 1
    said = (
        ("事由", sheet.opening if alone else ""),
        ("要求", sheet.demand),
        ("说明", "" if _of_all(sheet, letter) else sheet.closing),
    )
    for label, words in said:
        if words:
            yield label, _filled(phrases.plain(words), values)


def closings(letter: Letter) -> tuple[str, ...]:
    """What the sheets of a digest say at their end, each sentence once for all; those with placeholders stay where they are."""
    said = (phrases.plain(item.sheet.closing) for item in letter.items if item.sheet and _of_all(item.sheet, letter))
    return tuple(dict.fromkeys(filter(None, said)))


def _of_all(sheet: SheetForm, letter: Letter) -> bool:
    return len(letter.items) > 1 and _PLACEHOLDER.search(sheet.closing) is None


def _filled(words: str, values: Mapping[str, str]) -> str:
    """In one pass: what a title holds in braces is not filled again."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), words)


def names_of(owners: Sequence[str]) -> str:
    return "、".join(phrases.plain(name) for name in owners)
