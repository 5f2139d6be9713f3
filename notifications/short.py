"""The short forms, for instant messengers: plain text, or the small part of markdown that three providers share.

Bold and links are all that WeCom, DingTalk and Feishu show alike; headings, quotes and colours are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notifications import phrases
from notifications.headlines import hint, late, opening, subject
from notifications.inert import inert
from notifications.letter import Detail, Item, Letter, Markup, Tone, Written
from notifications.lines import closings, group_of, in_order, line_of, names_of, title_of, url_of

_LINK_BYTES = 40
"""Room for a staff link's token, a stand-in's included: the stored text holds a shorter word in its place."""


@dataclass(frozen=True, slots=True)
class _Brevity:
    """How much an item says: what can be missed goes first."""

    title: int  # characters
    fact: int  # characters of each fact beside the time limit; 0: only the time limit


_BREVITIES = (_Brevity(60, 120), _Brevity(60, 0), _Brevity(20, 0), _Brevity(8, 0))

_Entry = tuple[int, ...]
"""Places of the items that one line or paragraph tells: one, or in a group all of one occurrence."""


def parts(letter: Letter) -> list[tuple[int, ...]]:
    """The items in as many portions as the form needs; each item is in exactly one."""
    most = letter.form.most_bytes
    entries = _entries(letter)
    if most is None:
        return [tuple(place for entry in entries for place in entry)]
    room = most - max(64, most // 20)  # what is worded again on a later day may be a little longer
    found: list[list[_Entry]] = [[]]
    for entry in entries:
        if found[-1] and _size(_text(letter, [*found[-1], entry], _BREVITIES[0], more=0), letter) > room:
            found.append([])
        found[-1].append(entry)
    return [tuple(sorted(place for entry in portion for place in entry)) for portion in found]


def write_short(letter: Letter) -> Written:
    """Word the letter within its bytes: shorter and shorter, and at last with fewer items."""
    entries = _entries(letter)
    text, told = _fitting(letter, entries)
    leading = [_leading(letter, entry) for entry in entries]
    shown = tuple(sorted(place for entry in told for place in entry))
    return Written(subject=subject(leading, letter), text=text, html="", shown=shown)


def _fitting(letter: Letter, entries: list[_Entry]) -> tuple[str, list[_Entry]]:
    most = letter.form.most_bytes
    text = _text(letter, entries, _BREVITIES[0], more=0)
    if most is None or _size(text, letter) <= most:
        return text, entries
    for brevity in _BREVITIES[1:]:
        text = _text(letter, entries, brevity, more=0)
        if _size(text, letter) <= most:
            return text, entries
    for count in range(len(entries) - 1, 0, -1):
        text = _text(letter, entries[:count], _BREVITIES[-1], more=len(entries) - count)
        if _size(text, letter) <= most:
            return text, entries[:count]
    return text, entries[:1]  # a limit that holds no item at all: one is told all the same


def _size(text: str, letter: Letter) -> int:
    links = sum(_LINK_BYTES - len(item.link) for item in letter.items if item.link and f"/t/{item.link}" in text)
    return len(text.encode()) + max(links, 0)


def _text(letter: Letter, entries: Sequence[_Entry], brevity: _Brevity, *, more: int) -> str:
    pen = _Pen(letter.form.markup)
    body = _group_body if letter.form.group else _personal_body
    paragraphs = [_head(letter, entries, pen), *body(letter, entries, brevity, pen)]
    if more:
        paragraphs.append([f"另有{more}项，请登录查看：{letter.base_url}"])
    paragraphs.append(_foot(letter, pen))
    return "\n\n".join("\n".join(paragraph) for paragraph in paragraphs)


@dataclass(frozen=True, slots=True)
class _Pen:
    markup: Markup

    def words(self, typed: str) -> str:
        return inert(typed, self.markup)

    def bold(self, typed: str) -> str:
        words = self.words(typed)
        return f"**{words}**" if self.markup is Markup.MARKDOWN else words

    def link(self, url: str, *, acts: bool = True) -> str:
        if self.markup is Markup.MARKDOWN:
            return f"[{'打开办理' if acts else '查看经过（须登录）'}]({url})"
        return f"{'办理链接' if acts else '查看经过（须登录）'}：{url}"


def _head(letter: Letter, entries: Sequence[_Entry], pen: _Pen) -> list[str]:
    items = [_leading(letter, entry) for entry in entries]
    name = phrases.plain(letter.name)
    greeting = f"{name}：" if letter.form.group else f"{name}同志："
    part = "" if letter.part is None else f"（第{letter.part[0]}条，共{letter.part[1]}条）"
    said = [pen.bold(f"【{phrases.plain(letter.title)}】"), pen.words(f"{greeting}{opening(items, letter)}{part}")]
    return [*said, *([late(letter)] if letter.late else [])]


def _foot(letter: Letter, pen: _Pen) -> list[str]:
    notes = () if letter.form.group else closings(letter)
    said = [*map(pen.words, notes), hint(letter), pen.words(phrases.plain(letter.office)), f"编号：{letter.ref}"]
    if letter.replaces:
        said.append(f"如已收到编号{letter.replaces}的提醒，请忽略本次提醒。")
    return [words for words in said if words]


def _personal_body(letter: Letter, entries: Sequence[_Entry], brevity: _Brevity, pen: _Pen) -> list[list[str]]:
    paragraphs = []
    for number, (place,) in enumerate(entries, start=1):
        line = line_of(letter.items[place], letter, place=number)
        mark = f"〔{line.label}〕" if line.label else ""
        counted = f"{number}. " if len(entries) > 1 else ""
        said = [pen.bold(f"{counted}{line.lamp}{mark}{phrases.clipped(line.title, brevity.title)}")]
        for label, words in line.facts:
            if label in {"编号", "时限"}:
                said.append(pen.words(f"{label}：{words}"))
            elif brevity.fact:
                said.append(pen.words(f"{label}：{phrases.clipped(words, brevity.fact)}"))
        paragraphs.append([*said, *([pen.link(line.url, acts=line.acts)] if line.url else [])])
    return paragraphs


def _group_body(letter: Letter, entries: Sequence[_Entry], brevity: _Brevity, pen: _Pen) -> list[list[str]]:
    """Under the names of those who act, one line for each occurrence."""
    of_names: dict[str, list[_Entry]] = {}
    for entry in entries:
        of_names.setdefault(_addressed(letter, entry), []).append(entry)
    paragraphs = []
    for names, theirs in of_names.items():
        said = [pen.bold(f"{names}：")]
        for number, entry in enumerate(theirs, start=1):
            said.append(pen.words(f"{number}. {_group_line(letter, entry, brevity)}"))
            url = url_of(_leading(letter, entry), letter)
            said += [pen.link(url)] if url else []
        paragraphs.append(said)
    return paragraphs


def _group_line(letter: Letter, entry: _Entry, brevity: _Brevity) -> str:
    item = _leading(letter, entry)
    label = phrases.label(item)
    mark = f"〔{label}〕" if label else ""
    told = f"{phrases.lamp(item, letter.today)}{mark}{phrases.clipped(title_of(item, letter), brevity.title)}"
    told = f"{told}，{phrases.asked(item, letter.today)}"
    change = phrases.changed(item, letter.today)
    asked = phrases.plain(item.say) if letter.detail == Detail.FULL and item.tone not in {Tone.MOVED, Tone.CANCELLED} else ""
    asked = phrases.clipped(asked, brevity.fact) if brevity.fact else ""
    return "；".join(words for words in (told, change, *_helpers(letter, entry), asked) if words)


def _helpers(letter: Letter, entry: _Entry) -> list[str]:
    """What is asked of the others whom the line is for."""
    items = [letter.items[place] for place in entry]
    if items[0].tone is Tone.CANCELLED:
        return []
    if not any(_acts(item) for item in items):
        owners = items[0].owners if letter.detail == Detail.FULL else ()
        return [f"办理人{names_of(owners)}"] if owners else []
    watching = "请{}同志督促" if phrases.overdue(items[0], letter.today) else "请{}同志关注"
    asked: tuple[tuple[str, Callable[[Item], bool]], ...] = (
        ("请{}配合", lambda item: item.partner),
        ("办结后请{}验收", lambda item: item.verifier),
        (watching, lambda item: item.oversees),
    )
    found = []
    for words, fits in asked:
        names = _persons([item for item in items if fits(item)])
        if names:
            found.append(words.format(names))
    return found


def _entries(letter: Letter) -> list[_Entry]:
    """In the order in which they are told; in a group, those of equal names stand together."""
    places = in_order(letter)
    if not letter.form.group:
        return [(place,) for place in places]
    of_number: dict[str, list[int]] = {}
    for place in places:
        item = letter.items[place]
        of_number.setdefault(item.number or f"\0{place}", []).append(place)
    entries = [tuple(sorted(some)) for some in of_number.values()]
    first: dict[str, int] = {}
    for entry in entries:
        names = _addressed(letter, entry)
        first[names] = min(first.get(names, entry[0]), entry[0])  # people in the order in which they were given
    return sorted(entries, key=lambda entry: (first[_addressed(letter, entry)], group_of(_leading(letter, entry), letter)))


def _leading(letter: Letter, entry: _Entry) -> Item:
    """The item that speaks for all of the entry: of one who acts, when there is one."""
    items = [letter.items[place] for place in entry]
    return next((item for item in items if _acts(item)), items[0])


def _addressed(letter: Letter, entry: _Entry) -> str:
    items = [letter.items[place] for place in entry]
    return _persons([item for item in items if _acts(item)] or items) or "各位同志"


def _acts(item: Item) -> bool:
    return not (item.oversees or item.partner or item.verifier)


def _persons(items: Sequence[Item]) -> str:
    return "、".join(dict.fromkeys(phrases.plain(item.person) for item in items if item.person))
