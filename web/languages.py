"""Chinese first, English as a switch. The Chinese words in the templates are themselves the keys.

A template is translated once, as source, when it is first loaded in English: each run of words with the values inside it
(``共 <b>{{ total }}</b> 项``) has one entry in english.po, so that a sentence may put its values in another order. Words
that come from Python (a state, a menu entry) are looked up when they are printed: see web/catalogue.py. What has no entry,
and what people typed, stays as it is; what a form sends back is never looked up at all.

``python -m web.languages`` prints the entries that are missing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from starlette.requests import Request

from web.catalogue import HAS_CHINESE, Catalogue, catalogue

Language = Literal["zh", "en"]
LANGUAGES: Mapping[Language, str] = {"zh": "中文", "en": "English"}
COOKIE = "lang"

_HERE = Path(__file__).parent
TEMPLATES = _HERE / "templates"
CATALOGUE = _HERE / "english.po"

_TAG = r"<(?!/?b[\s>])(?:\{\{.*?\}\}|\{%.*?%\}|[^<>{]|\{(?![{%]))*>"
_SEPARATOR = re.compile(rf"(\{{#.*?#\}}|\{{%.*?%\}}|{_TAG})", re.DOTALL)
"""What ends a run of words: a comment, a statement, any tag but <b>."""

_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ATTRIBUTE = re.compile(r'(?<=[\s"])(title|placeholder|aria-label|data-name|data-say-[a-z]+|alt|content)="([^"]*)"')
_LITERAL = re.compile(rf"(?<![!=]= )'([^'\n]*{HAS_CHINESE.pattern}[^'\n]*)'")
"""A word that is said, not one that something is compared with."""

_AS_TYPED = "as_typed"
_TYPED_IN = ("textarea", "pre")
_KEPT_WORDS = 4096


class AsTyped(str):
    """A text that english_word leaves alone."""

    __slots__ = ()


def as_typed(value: object) -> object:
    return AsTyped(value) if type(value) is str else value


@cache
def english() -> Catalogue:
    """Read once, when somebody first asks for English."""
    from babel.messages.pofile import read_po  # nobody who reads Chinese pays for it

    with CATALOGUE.open("rb") as file:
        read = read_po(file)
    return catalogue((one.context, str(one.id), str(one.string)) for one in read if one.id and one.string)


def english_source(source: str) -> str:
    """A template's source with everything translated that has an entry."""
    known = english().runs
    return _translated(source, lambda run: known.get(run, run))


def english_word(value: object) -> object:
    """What an expression gives, as it is printed: only plain text is looked up, never what is marked safe or as typed."""
    if type(value) is not str or not HAS_CHINESE.search(value):
        return value
    return _looked_up(value)


def spoken(request: Request, chinese: str) -> str:
    """For what Python puts into a page as it is: a word in the language of whoever asked."""
    return _looked_up(chinese) if language_of(request) == "en" else chinese


@lru_cache(_KEPT_WORDS)
def _looked_up(chinese: str) -> str:
    return english().word(chinese) or chinese


def runs(source: str) -> Iterator[str]:
    """Every run of Chinese words in a template's source, as english.po has to name it."""
    found: list[str] = []

    def keep(run: str) -> str:
        found.append(run)
        return run

    _translated(source, keep)
    yield from found


def _translated(source: str, say: Callable[[str], str]) -> str:
    made, typed_in = [], False
    for place, part in enumerate(_SEPARATOR.split(source)):
        if place % 2:
            made.append(_separator(part, say))
            typed_in = _is_typed_in(part, typed_in)
        else:
            made.append(_values_as_typed(part) if typed_in else _words(part, say))
    return "".join(made)


def _is_typed_in(separator: str, before: bool) -> bool:
    """Whether what follows is what somebody typed, or a text as it was sent."""
    if any(separator.startswith(f"<{tag}") for tag in _TYPED_IN):
        return True
    return before and not any(separator.startswith(f"</{tag}") for tag in _TYPED_IN)


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
    made, end = [], 0
    for found in _ATTRIBUTE.finditer(part):
        made += [_values_as_typed(part[end : found.start()]), f'{found[1]}="{_words(found[2], say)}"']
        end = found.end()
    return "".join([*made, _values_as_typed(part[end:])])


def _values_as_typed(part: str) -> str:
    """Addresses and what a form sends back mean something to us in Chinese."""
    return _EXPRESSION.sub(lambda found: f"{{{{ ({found[1].strip()})|{_AS_TYPED} }}}}", part)


def _literals(part: str, say: Callable[[str], str]) -> str:
    return _LITERAL.sub(lambda found: f"'{_quoted(say(found[1]))}'", part)


def _quoted(text: str) -> str:
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def language_of(request: Request) -> Language:
    """What this browser asked for; Chinese when it asked for nothing."""
    return "en" if request.cookies.get(COOKIE) == "en" else "zh"


def missing() -> list[str]:
    """Runs of the templates that have no entry."""
    known = english().runs
    found = (run for path in sorted(TEMPLATES.glob("*.html")) for run in runs(path.read_text(encoding="utf-8")))
    return list(dict.fromkeys(run for run in found if run not in known))


if __name__ == "__main__":
    sys.stdout.write("".join(f"{run}\n" for run in missing()))
