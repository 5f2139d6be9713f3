"""Chinese first, English as a switch. The Chinese words in the templates are themselves the keys.

A template is translated once, as source, when it is first loaded in English: each run of words with the values inside it
(``共 <b>{{ total }}</b> 项``) has one entry in english.po, so that a sentence may put its values in another order. Words
that come from Python (a state, a menu entry) are looked up when they are printed; a ``{}`` in such an entry stands for
whatever is there. What has no entry, and what people typed, stays as it is.

``python -m web.languages`` prints the entries that are missing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from starlette.requests import Request

Language = Literal["zh", "en"]
LANGUAGES: Mapping[Language, str] = {"zh": "中文", "en": "English"}
COOKIE = "lang"

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "templates"
CATALOGUE = _HERE / "english.po"

_CHINESE = "[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]"
HAS_CHINESE = re.compile(_CHINESE)

_TAG = r"<(?!/?b[\s>])(?:\{\{.*?\}\}|\{%.*?%\}|[^<>{]|\{(?![{%]))*>"
_SEPARATOR = re.compile(rf"(\{{#.*?#\}}|\{{%.*?%\}}|{_TAG})", re.DOTALL)
"""What ends a run of words: a comment, a statement, any tag but <b>."""

_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ATTRIBUTE = re.compile(r'(?<=[\s"])(title|placeholder|aria-label|data-name|alt|content)="([^"]*)"')
_LITERAL = re.compile(rf"'([^'\n]*{_CHINESE}[^'\n]*)'")
_HOLE = "{}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``entries`` by their Chinese; ``patterns`` are those with holes, longest first: the most particular one wins."""

    entries: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]

    def word(self, chinese: str) -> str | None:
        """None when there is no entry."""
        known = self.entries.get(chinese)
        if known is not None:
            return known
        for pattern, english in self.patterns:
            found = pattern.fullmatch(chinese)
            if found is not None:
                return _filled(english, [self.word(part) or part for part in found.groups()])
        return None


@cache
def english() -> Catalogue:
    """Read once, when somebody first asks for English."""
    from babel.messages.pofile import read_po  # nobody who reads Chinese pays for it

    with CATALOGUE.open("rb") as file:
        read = read_po(file)
    entries = {str(one.id): str(one.string) for one in read if one.id and one.string}
    holed = sorted((one for one in entries if _HOLE in one and "{{" not in one), key=len, reverse=True)
    return Catalogue(entries, tuple((_as_pattern(one), entries[one]) for one in holed))


def english_source(source: str) -> str:
    """A template's source with everything translated that has an entry."""
    return _translated(source, lambda run: english().word(run) or run)


def english_word(value: object) -> object:
    """What an expression gives, as it is printed: only plain text is looked up, never what is marked safe."""
    if type(value) is not str or not HAS_CHINESE.search(value):
        return value
    return english().word(value) or value


def runs(source: str) -> Iterator[str]:
    """Every run of Chinese words in a template's source, as english.po has to name it."""
    found: list[str] = []

    def keep(run: str) -> str:
        found.append(run)
        return run

    _translated(source, keep)
    yield from found


def _translated(source: str, say: Callable[[str], str]) -> str:
    parts = _SEPARATOR.split(source)
    return "".join(_separator(part, say) if place % 2 else _words(part, say) for place, part in enumerate(parts))


def _words(part: str, say: Callable[[str], str]) -> str:
    """A run between two separators, its surrounding space left alone."""
    outside = _EXPRESSION.sub("", part)
    if not HAS_CHINESE.search(outside):
        return _literals(part, say)  # nothing but values: their literals are words of their own
    run = part.strip()
    start = part.index(run)
    return part[:start] + say(run) + part[start + len(run) :]


def _separator(part: str, say: Callable[[str], str]) -> str:
    if part.startswith("{#"):
        return part
    if part.startswith("{%"):
        return _literals(part, say)

    def attribute(found: re.Match[str]) -> str:
        value = found[2]
        return f'{found[1]}="{_words(value, say)}"'

    return _ATTRIBUTE.sub(attribute, part)


def _literals(part: str, say: Callable[[str], str]) -> str:
    return _LITERAL.sub(lambda found: f"'{_quoted(say(found[1]))}'", part)


def _quoted(text: str) -> str:
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def _as_pattern(chinese: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in chinese.split(_HOLE)), re.DOTALL)


def _filled(english_text: str, values: list[str]) -> str:
    """Holes in their order, or by number where English wants another: {1} of {0}."""
    return english_text.format(*values)


def language_of(request: Request) -> Language:
    """What this browser asked for; Chinese when it asked for nothing."""
    return "en" if request.cookies.get(COOKIE) == "en" else "zh"


def missing() -> list[str]:
    """Runs of the templates that have no entry."""
    known = english().entries
    found = (run for path in sorted(TEMPLATES.glob("*.html")) for run in runs(path.read_text(encoding="utf-8")))
    return list(dict.fromkeys(run for run in found if run not in known))


if __name__ == "__main__":
    sys.stdout.write("".join(f"{run}\n" for run in missing()))
