"""The words of a message: one subject, one text, one HTML form, from the same lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from notifications import phrases
from notifications.letter import Detail, Item, Letter, Tone, Written

MOST_ITEMS = 30
"""Lines of a digest; a longer one would not be read, and IM channels cut it."""

_MOST_TITLE = 40
"""Characters of a title in a subject: what phones show."""

_NUMERALS = "一二三四"
_HIDDEN = "工作事项（内容请打开链接查看）"


@dataclass(frozen=True, slots=True)
class Line:
    """One item as it is printed."""

    title: str
    label: str
    tone: str  # overdue | today | later | cancelled: for the colour, beside the words
    facts: tuple[tuple[str, str], ...]  # 时限 -> 3月6日(周五),还剩3个工作日
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    heading: str  # 一、已逾期(2项); empty when the message has one item only
    lines: tuple[Line, ...]


def write_letter(letter: Letter) -> Written:
    """Word the letter. Its items are put in order: overdue, due today, later, cancelled; each by date."""
    items = sorted(letter.items, key=lambda item: (_place(item, letter), item.due_on, item.title))
    shown = items[:MOST_ITEMS]
    view = {
        "letter": letter,
        "opening": _opening(items, letter),
        "late": _late(letter),
        "groups": tuple(_groups(shown, letter)),
        "more": len(items) - len(shown),
        "single": len(items) == 1,
    }
    return Written(
        subject=f"【{phrases.plain(letter.title)}】{_subject(items, letter)}",
        text=_template("message.txt.j2").render(view),
        html=_template("message.html.j2").render(view),
    )


_TONES = ("overdue", "today", "later", "cancelled")
_HEADINGS = ("已逾期", "今日到期", "临近", "已取消")


def _place(item: Item, letter: Letter) -> int:
    if item.tone is Tone.CANCELLED:
        return 3
    if phrases.overdue(item, letter.today):
        return 0
    return 1 if item.due_on == letter.today else 2


def _groups(items: list[Item], letter: Letter) -> Iterator[Group]:
    numerals = iter(_NUMERALS)
    for place, heading in enumerate(_HEADINGS):
        lines = tuple(_line(item, letter) for item in items if _place(item, letter) == place)
        if lines:
            yield Group("" if len(items) == 1 else f"{next(numerals)}、{heading}（{len(lines)}项）", lines)


def _line(item: Item, letter: Letter) -> Line:
    return Line(
        title=_HIDDEN if letter.detail == Detail.NUMBER else phrases.plain(item.title),
        label=phrases.label(item),
        tone=_TONES[_place(item, letter)],
        facts=tuple(_facts(item, letter)),
        url=f"{letter.base_url}/t/{item.link}" if item.link else "",
    )


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
        labels = {Tone.MOVED: "说明", Tone.CANCELLED: "说明", Tone.HANDED_OVER: "移交原因"}
        yield labels.get(item.tone, "本次请办"), phrases.plain(item.say)
    if item.owners:
        yield "办理人", "、".join(item.owners)
    note = _part(item)
    if note:
        yield "备注", note


def _part(item: Item) -> str:
    """Why the reader has the item when it is not simply his."""
    notes = []
    if item.stands_in_for:
        notes.append(f"您正在代理{item.stands_in_for}的工作")
    if item.tone is Tone.HANDED_OVER:
        notes.append(f"由{item.from_name}移交您办理" if item.from_name else "移交您办理")
    if item.partner:
        notes.append("请配合办理")
    if item.verifier:
        notes.append("办结后请您验收")
    return "，".join(notes)


def _opening(items: list[Item], letter: Letter) -> str:
    tones = {item.tone for item in items}
    if tones <= {Tone.CANCELLED}:
        return "以下事项无需再办，请知悉。"
    if tones <= {Tone.PRESS, Tone.SUPERVISE}:
        return "以下事项已逾期，请督促办理。"
    if tones <= {Tone.INFORM, Tone.PRESS, Tone.SUPERVISE}:
        return "以下事项请您关注。"
    if all(phrases.overdue(item, letter.today) for item in items):
        return "以下事项已过时限，请抓紧办理；已经办完的，请登记办结情况。"
    return "以下事项请按时限办理。"


def _late(letter: Letter) -> str:
    if letter.late is None:
        return ""
    stopped, back = letter.late
    return f"系统于{phrases.moment(stopped)}至{phrases.moment(back)}停止服务，以下为补发。"


def _subject(items: list[Item], letter: Letter) -> str:
    if len(items) == 1 and letter.detail != Detail.NUMBER:
        return _single_subject(items[0], letter)
    counts = [0, 0, 0, 0]
    for item in items:
        counts[_place(item, letter)] += 1
    overdue, today, later, cancelled = counts
    named = (("今日到期", today), ("逾期", overdue), ("临近", later), ("取消", cancelled))
    return "、".join(f"{word}{count}项" for word, count in named if count)


def _single_subject(item: Item, letter: Letter) -> str:
    title = phrases.plain(item.title)
    title = title if len(title) <= _MOST_TITLE else f"{title[: _MOST_TITLE - 1]}…"
    on = phrases.day(item.due_on, letter.today)
    sure = "，暂定" if item.provisional else ""
    label = phrases.label(item)
    head = f"〔{label}〕{title}" if label and item.tone is not Tone.CANCELLED else title
    if item.tone is Tone.CANCELLED:
        return f"{head}：已取消，无需办理"
    if item.tone is Tone.MOVED and item.told_on is not None:
        return f"{head}：时限由{phrases.day(item.told_on, letter.today)}改为{on}{'（暂定）' if item.provisional else ''}"
    if item.awaiting_notice:
        return f"{head}：请查找通知并登记日期（预计{on}{sure}）"
    if item.standing and not phrases.overdue(item, letter.today):
        return f"{head}：请于{on}前复核{'（暂定）' if item.provisional else ''}"
    return f"{head}：{phrases.left(item, letter.today)}（{on}截止{sure}）"


@lru_cache(maxsize=4)
def _template(name: str) -> Template:
    return _environment().get_template(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),  # noqa: S701 - only the plain text is left alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
