"""Old office PCs: what we serve is understood by Chromium 86, the oldest kernel that government browsers still carry.

Style sheets hold nothing but what stands in the lists here. Whoever wants something new looks up since when it is
understood (caniuse.com, MDN), and adds it if that was before the autumn of 2020.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from web.shell import STATIC

SHEETS = sorted(STATIC.glob("*.css"))
VENDORED = (STATIC / "VENDORED.md").read_text("utf-8")
OWN_SCRIPTS = sorted(path for path in STATIC.glob("*.js") if f"`{path.name}`" not in VENDORED)
TEMPLATES = sorted((STATIC.parent / "templates").glob("*.html"))

AT_RULES = {"media", "page", "font-face", "keyframes", "supports"}
FUNCTIONS = {
    "attr",
    "calc",
    "clamp",
    "cubic-bezier",
    "hsl",
    "lang",
    "linear-gradient",
    "max",
    "min",
    "minmax",
    "nth-child",
    "not",
}
FUNCTIONS |= {"nth-last-child", "nth-of-type", "repeat", "rgb", "rgba", "rotate", "scale", "translate", "var"}
PSEUDOS = {"active", "after", "before", "checked", "disabled", "empty", "first-child", "first-of-type", "focus"}
PSEUDOS |= {"focus-visible", "focus-within", "hover", "invalid", "lang", "last-child", "last-of-type", "link", "marker", "not"}
PSEUDOS |= {"nth-child", "nth-last-child", "nth-of-type", "only-child", "placeholder", "placeholder-shown", "required"}
PSEUDOS |= {"root", "selection", "target", "visited"}
UNITS = {"", "%", "ch", "deg", "em", "fr", "mm", "ms", "pt", "px", "rem", "s", "vh", "vw"}

TOO_NEW_PROPERTIES = {
    "accent-color": 93,
    "animation-timeline": 115,
    "aspect-ratio": 88,
    "container": 105,
    "container-type": 105,
    "field-sizing": 123,
    "hyphenate-character": 106,
    "inset": 87,
    "inset-block": 87,
    "inset-inline": 87,
    "margin-block": 87,
    "margin-inline": 87,
    "padding-block": 87,
    "padding-inline": 87,
    "print-color-adjust": 136,
    "rotate": 104,
    "scale": 104,
    "scrollbar-color": 121,
    "scrollbar-gutter": 94,
    "scrollbar-width": 121,
    "text-wrap": 114,
    "translate": 104,
    "view-transition-name": 111,
}
TOO_NEW_SCRIPT = {
    "top-level await (89)": r"^await\b",
    "private methods (84, but not in every kernel of then)": r"#\w+\s*\(",
    "static blocks (94)": r"\bstatic\s*\{",
    "Object.hasOwn (93)": r"\.hasOwn\(",
    "at (92)": r"\.at\(",
    "findLast (97)": r"\.findLast",
    "groupBy (117)": r"\.groupBy\(",
    "toSorted and its like (110)": r"\.to(Sorted|Reversed|Spliced)\(",
    "structuredClone (98)": r"\bstructuredClone\(",
    "withResolvers (119)": r"\.withResolvers\(",
    "randomUUID (92)": r"\.randomUUID\(",
    "view transitions (111)": r"startViewTransition",
}
TOO_NEW_MARKUP = {"popover (114)": r"\spopover[\s=>]", "inert (102)": r"\sinert[\s=>]", "<search> (118)": r"<search[\s>]"}


def bare(css: str) -> str:
    """Without comments and texts."""
    return re.sub(r"/\*.*?\*/|\"[^\"]*\"|'[^']*'", "", css, flags=re.DOTALL)


def too_new(css: str) -> list[str]:
    css = bare(css)
    return [*nested(css), *in_rules(css), *in_selectors(css), *in_declarations(css)]


def in_rules(css: str) -> Iterator[str]:
    yield from (f"@{rule}" for rule in re.findall(r"@([\w-]+)", css) if rule not in AT_RULES)
    yield from (f"{function}()" for function in re.findall(r"([\w-]+)\(", css) if function not in FUNCTIONS)
    # The range notation is of Chrome 104.
    yield from (f"@media{asked}" for asked in re.findall(r"@media([^{]*)", css) if re.search(r"[<>]", asked))


def in_selectors(css: str) -> Iterator[str]:
    for selector in re.findall(r"(?:^|[{};])\s*([^{};@]+)\{", css):
        yield from (f":{pseudo}" for pseudo in re.findall(r"::?([\w-]+)", selector) if pseudo not in PSEUDOS)
        if re.search(r":not\([^)]*,", selector):  # a list in it is of Chrome 88
            yield ":not(…, …)"


def in_declarations(css: str) -> Iterator[str]:
    for name, value in re.findall(r"[{;]\s*([\w-]+)\s*:([^;{}]*)", css):
        if name in TOO_NEW_PROPERTIES:
            yield f"{name} (Chrome {TOO_NEW_PROPERTIES[name]})"
        yield from (f"unit {unit}" for unit in re.findall(r"(?<![\w#.-])-?\d*\.?\d+([a-z%]*)\b", value) if unit not in UNITS)


def nested(css: str) -> Iterator[str]:
    """A rule inside a rule (Chrome 112); rules inside @media are old."""
    open_rules: list[str] = []
    for head, brace in re.findall(r"([^{}]*)([{}])", css):
        if brace == "}":
            open_rules.pop()
            continue
        if any(not outer.startswith("@") for outer in open_rules):
            yield f"nesting: {head.strip()}"
        open_rules.append(re.split(r"[;}]", head)[-1].strip())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_holds_nothing_newer_than_chrome_86(sheet: Path) -> None:
    assert too_new(sheet.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "css",
    [
        "a:has(b){color:red}",
        "a{color:oklch(50% 0 0)}",
        "a{color:color-mix(in srgb,red,blue)}",
        "a{color:red;& b{color:blue}}",
        "a{b{color:blue}}",
        "@container (width>1px){a{color:red}}",
        "@layer base{a{color:red}}",
        "@media (width<=600px){a{color:red}}",
        "a:is(b,c){color:red}",
        "a:where(b){color:red}",
        "a:not(b,c){color:red}",
        "a{inset:0}",
        "a{aspect-ratio:1}",
        "a{height:100dvh}",
        "a{width:10cqw}",
        "@media print{a{accent-color:red}}",
    ],
)
def test_newer_syntax_is_noticed(css: str) -> None:
    assert too_new(css) != []


def test_a_flexible_gap_and_a_media_query_are_old_enough() -> None:
    css = "a{display:flex;gap:4px}@media (max-width:640px){a:not(:checked)~b{width:calc(100% - 4px)}}"
    assert too_new(css) == []


@pytest.mark.parametrize("script", OWN_SCRIPTS, ids=lambda path: path.name)
def test_a_script_of_ours_holds_nothing_newer(script: Path) -> None:
    text = script.read_text("utf-8")
    assert [what for what, sign in TOO_NEW_SCRIPT.items() if re.search(sign, text, re.MULTILINE)] == []


def test_no_page_uses_newer_elements() -> None:
    for template in TEMPLATES:
        text = template.read_text("utf-8")
        assert [what for what, sign in TOO_NEW_MARKUP.items() if re.search(sign, text)] == [], template.name


def test_the_files_of_others_are_the_ones_that_are_named() -> None:
    named = dict(re.findall(r"^\| `([^`]+)` \|.*?`([0-9a-f]{64})`", VENDORED, re.MULTILINE))
    assert "htmx.min.js" in named
    for name, digest in named.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
