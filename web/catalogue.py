"""english.po as it is asked: an entry by its Chinese, or a sentence in whose holes is whatever the sentence is about.

Three sets of entries, told apart by their context: without one, the words of the templates; ``said``, what Python says and
a page prints; ``part``, pieces of such sentences, known only inside a hole. So the town's own words meet few entries.

Holes of the Chinese: ``{}`` is anything, looked up in its turn; ``{?}`` the same, or nothing; ``{=}`` anything, left as it
was typed; ``{n}`` a number; ``{m}`` a month (3月); ``{d}`` a day (3月5日, 2026年3月5日); ``{w}`` a weekday (周四); ``{,}``
several things with 、 ， or ； between them, each looked up. The English has them in their order or by number, and one of two
words by the number: ``{0} {0:item|items}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

_CHINESE = "[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]"
HAS_CHINESE = re.compile(_CHINESE)

SAID, PART = "said", "part"

_FILLS = {
    "": "(.+?)",
    "?": "(.*?)",
    "=": "(.+?)",
    ",": "(.+?)",
    "n": r"(\d[\d.]*)",
    "m": r"(\d{1,2}月)",
    "w": "(周[一二三四五六日])",
    "d": r"((?:\d{4}年)?\d{1,2}月\d{1,2}日)",
}
_HOLE = re.compile(rf"\{{([{''.join(_FILLS)}]?)\}}")
_OPEN = {"", "?", "=", ","}
"""Holes that end where the text after them begins."""

_BETWEEN = re.compile("[、，；]")
_SENTENCE = re.compile("[^。]+。")
_DEPTH = 6
"""Holes in holes in holes: deeper is no sentence of ours."""


class _Value(str):
    """What stands in a hole. ``{0:item|items}`` asks it for one word or the other."""

    __slots__ = ()

    def __format__(self, words: str) -> str:
        return plural(self, *words.split("|")) if words else str(self)


class _Pattern(NamedTuple):
    longest: str  # of the parts between the holes: a sentence without it is not looked at more closely
    expression: re.Pattern[str]
    holes: tuple[str, ...]
    english: str


def plural(number: object, one: str, many: str) -> str:
    return one if str(number) == "1" else many


class _Entries:
    """Those of one context: whole ones, and those with holes, the most particular first."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.whole = {chinese: english for chinese, english in entries.items() if not _HOLE.search(chinese)}
        holed = [(_HOLE.split(chinese), english) for chinese, english in entries.items() if chinese not in self.whole]
        holed.sort(key=lambda pair: sum(map(len, pair[0][::2])), reverse=True)
        self.patterns = [_pattern(parts, english) for parts, english in holed]

    def find(self, chinese: str, say: Callable[[str], str]) -> str | None:
        known = self.whole.get(chinese)
        if known is not None:
            return known
        for pattern in self.patterns:
            if pattern.longest in chinese and (found := pattern.expression.fullmatch(chinese)):
                values = zip(pattern.holes, found.groups(), strict=True)
                return pattern.english.format(*(_Value(_filled(hole, value, say)) for hole, value in values))
        return None


@dataclass(frozen=True, slots=True)
class Catalogue:
    runs: Mapping[str, str]  # of the templates
    said: _Entries
    parts: _Entries

    def word(self, chinese: str) -> str | None:
        """None when there is no entry. Several sentences are looked up one by one; where one is unknown, as a whole."""
        sentences = _SENTENCE.findall(chinese)
        if len(sentences) > 1 and sum(map(len, sentences)) == len(chinese):
            found = [self.said.find(sentence, self._part) for sentence in sentences]
            if None not in found:
                return " ".join(filter(None, found))
        return self.said.find(chinese, self._part)

    def _part(self, chinese: str, depth: int = 0) -> str:
        """What stands in a hole; as it is when there is no entry."""
        if depth > _DEPTH or not HAS_CHINESE.search(chinese):
            return chinese

        def deeper(inside: str) -> str:
            return self._part(inside, depth + 1)

        found = self.parts.find(chinese, deeper)
        return found or self.said.find(chinese, deeper) or chinese


def catalogue(messages: Iterable[tuple[str | None, str, str]]) -> Catalogue:
    """From contexts, Chinese and English."""
    by_context: dict[str | None, dict[str, str]] = {None: {}, SAID: {}, PART: {}}
    for context, chinese, english in messages:
        by_context[context][chinese] = english
    return Catalogue(by_context[None], _Entries(by_context[SAID]), _Entries(by_context[PART]))


def _pattern(parts: list[str], english: str) -> _Pattern:
    """Each piece of text is looked for once, from the left, and never again further on: whatever somebody typed, it is quick."""
    texts, holes = parts[::2], parts[1::2]
    places = [re.escape(texts[0])]
    for hole, text in zip(holes, texts[1:], strict=True):
        fill = _FILLS[hole] + re.escape(text)
        if hole in _OPEN:
            places.append(fill)
        else:
            places[-1] += fill
    first, *others = places
    before_last = "".join(f"(?>{place})" for place in others[:-1])
    return _Pattern(max(texts, key=len), re.compile(first + before_last + "".join(others[-1:]), re.DOTALL), tuple(holes), english)


def _filled(hole: str, value: str, say: Callable[[str], str]) -> str:
    if hole == "=":
        return value
    return ", ".join(map(say, _BETWEEN.split(value))) if hole == "," else say(value)
