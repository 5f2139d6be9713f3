"""Any people.yaml that people might write, in any layout, with any change a page can make of it.

What is read afterwards is exactly what was asked, also by another YAML library; no line outside the person or unit
that was changed is another, and no comment is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from config.editing import people
from config.editing.document import Document
from planning.roster import Destination, Person, Post, StandIn, Unit

Plain = Any  # text, lists and dicts of text

KEYS = ("lisi", "zhangsan", "wangwu", "zhaoliu")
UNITS = ("zhen", "dongcun")
ODD = ["a: b", "x #y", "{unit}", "[x", "a, b", "- a", "'", '"', "\\", "null", "no", "12:30", "党委副书记、镇长", "张 三"]
WORDS = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=8)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@dataclass
class Layout:
    """Chance writes a file the way many hands do: quotes, brackets, indents, blank lines and comments at will."""

    random: Random
    count: int = 0
    lines: list[str] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(
        default_factory=dict
    )  # key of a unit or person -> its first line, and behind its last

    def chance(self, once_in: int = 3) -> bool:
        return self.random.randrange(once_in) == 0

    def comment(self) -> str:
        self.count += 1
        return f"# 说明{self.count}。"

    def line(self, text: str, indent: int) -> None:
        if self.chance(6):
            self.lines.append("")
        if self.chance(6):
            self.lines.append(" " * indent + self.comment())
        self.lines.append(" " * indent + text + (" " * self.random.randint(1, 6) + self.comment() if self.chance(5) else ""))

    def word(self, text: str, *, flow: bool) -> str:
        quote = self.random.choice(["", "'", '"'])
        safe = text.replace("-", "").replace("@", "").replace(".", "").isalnum() and text.isascii() and text[0].isalpha()
        if not quote and safe and text not in {"null", "no", "y", "n"}:
            return text
        if quote == "'" or (not quote and flow):
            return "'" + text.replace("'", "''") + "'"
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def brackets(self, content: Plain) -> str:
        blank = self.random.choice(["", " "])
        if isinstance(content, str):
            return self.word(content, flow=True)
        if isinstance(content, list):
            return "[" + blank + f",{blank}".join(self.brackets(one) for one in content) + blank + "]"
        return "{" + blank + f",{blank} ".join(f"{name}: {self.brackets(one)}" for name, one in content.items()) + blank + "}"

    def named(self, name: str, content: Plain, indent: int, dash: str = "") -> None:
        head = f"{dash}{name}:{' ' * self.random.randint(1, 3)}"
        before = indent - len(dash)
        if isinstance(content, str):
            self.line(head + self.word(content, flow=False), before)
        elif self.chance() or not content:
            self.line(head + self.brackets(content), before)
            for one in content:
                self.span(one, len(self.lines) - 1)
        else:
            self.line(head.rstrip(), before)
            self.members(content, indent + self.random.choice([0, 2, 4]))

    def members(self, content: list[Plain], indent: int) -> None:
        for one in content:
            if isinstance(one, str) or self.chance():
                self.line(f"- {self.brackets(one)}", indent)
                self.span(one, len(self.lines) - 1)
                continue
            dash = "-" + " " * self.random.randint(1, 3)
            (name, value), *rest = one.items()
            self.named(name, value, indent + len(dash), dash)
            first = len(self.lines) - 1
            for name, value in rest:
                self.named(name, value, indent + len(dash))
            self.span(one, first)

    def span(self, one: Plain, first: int) -> None:
        if isinstance(one, dict) and "key" in one:
            self.spans[one["key"]] = (first, len(self.lines))


def person_rows() -> st.SearchStrategy[dict[str, Plain]]:
    post = st.fixed_dictionaries(
        {"unit": st.sampled_from(UNITS), "title": WORDS}, optional={"roles": st.lists(WORDS, min_size=1, max_size=3, unique=True)}
    )
    destination = st.fixed_dictionaries({"channel": st.sampled_from(["mail", "outbox"]), "address": WORDS})
    stand_in = st.fixed_dictionaries({"person": st.just("lisi"), "since": st.just("2026-07-01"), "until": st.just("2026-07-15")})
    return st.fixed_dictionaries(
        {"name": WORDS, "posts": st.lists(post, min_size=1, max_size=3)},
        optional={
            "destinations": st.lists(destination, max_size=2),
            "stand_ins": st.lists(stand_in, min_size=1, max_size=1),
            "left_on": DAYS.map(date.isoformat),
        },
    )


@dataclass(frozen=True)
class File:
    text: str
    said: Plain
    spans: dict[str, tuple[int, int]]

    def in_brackets(self, one: str, other: str) -> bool:
        """Whether the whole list stands on one line, so that every change of it is a change of that line."""
        return self.spans[one] == self.spans[other]


@st.composite
def written(draw: Callable[..., Any]) -> File:
    """A file's text, what it says, and where."""
    units = [{"key": key, "name": draw(WORDS), "kind": "town"} for key in UNITS]
    rows = [{"key": key, **draw(person_rows())} for key in KEYS]
    layout = Layout(Random(draw(st.integers(0, 2**32))))
    layout.named("units", units, 0)
    layout.named("people", rows, 0)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(layout.lines) + draw(st.sampled_from(["", newline, newline * 2]))
    return File(text, {"units": units, "people": rows}, layout.spans)


@dataclass(frozen=True)
class Wish:
    """A change for the file, and the same change for what it says."""

    name: str
    make: Callable[[str], str]
    say: Callable[[Plain], None]
    key: str


def person_of(said: Plain, key: str) -> dict[str, Plain]:
    return next(one for one in said["people"] if one["key"] == key)


def _behind(said: Plain, key: str) -> int:
    return 1 + next(at for at, one in enumerate(said["people"]) if one["key"] == key)


@st.composite
def wishes(draw: Callable[..., Any]) -> Wish:
    key, word = draw(st.sampled_from(KEYS)), draw(WORDS)
    posts = draw(
        st.lists(st.builds(Post, st.sampled_from(UNITS), WORDS, st.lists(WORDS, max_size=2).map(tuple)), min_size=1, max_size=3)
    )
    addresses = draw(st.lists(st.builds(Destination, st.sampled_from(["mail", "outbox"]), WORDS), max_size=3))
    day = draw(st.none() | DAYS)
    post_rows = [{"unit": one.unit, "title": one.title, **({"roles": list(one.roles)} if one.roles else {})} for one in posts]
    address_rows = [{"channel": one.channel, "address": one.address} for one in addresses]

    def field_of(name: str, value: Plain) -> Callable[[Plain], None]:
        def say(said: Plain) -> None:
            row = person_of(said, key)
            row.pop(name, None)
            if value:
                row[name] = value

        return say

    def add_stand_in(said: Plain) -> None:
        row = {"person": "wangwu", "since": "2027-01-04", "until": "2027-01-05"}
        person_of(said, key).setdefault("stand_ins", []).append(row)

    def move(said: Plain) -> None:
        rows = said["people"]
        rows.insert(0, rows.pop(next(at for at, one in enumerate(rows) if one["key"] == key)))

    stand_in = StandIn("wangwu", date(2027, 1, 4), date(2027, 1, 5))
    newcomer, unit = Person("new", word, tuple(posts)), Unit("xincun", word, "village")
    wish = draw(st.integers(0, 7))
    return [
        Wish("name", lambda text: people.rename_person(text, key, word), field_of("name", word), key),
        Wish("posts", lambda text: people.set_posts(text, key, posts), field_of("posts", post_rows), key),
        Wish(
            "addresses", lambda text: people.set_destinations(text, key, addresses), field_of("destinations", address_rows), key
        ),
        Wish("left", lambda text: people.set_left_on(text, key, day), field_of("left_on", day and day.isoformat()), key),
        Wish("stand-in", lambda text: people.add_stand_in(text, key, stand_in), add_stand_in, key),
        Wish("move", lambda text: people.move_person(text, key, after=None), move, key),
        Wish(
            "newcomer",
            lambda text: people.add_person(text, newcomer, after="lisi"),
            lambda said: said["people"].insert(_behind(said, "lisi"), {"key": "new", "name": word, "posts": post_rows}),
            "new",
        ),
        Wish(
            "unit",
            lambda text: people.add_unit(text, unit),
            lambda said: said["units"].append({"key": "xincun", "name": word, "kind": "village"}),
            "xincun",
        ),
    ][wish]


def another_reader(text: str) -> Plain:
    return YAML(typ="base", pure=True).load(text)


@settings(max_examples=100, deadline=None)
@given(file=written(), wish=wishes())
def test_what_is_read_is_what_was_asked_and_no_other_line_is_touched(file: File, wish: Wish) -> None:
    document = Document.of(file.text)
    assert document.text == file.text
    assert document.get(()) == file.said

    new = wish.make(file.text)
    wish.say(file.said)

    assert Document.of(new).get(()) == file.said
    assert another_reader(new) == file.said
    before, after = file.text.splitlines(), new.splitlines()
    if wish.key in file.spans and wish.name != "move":
        first, behind = file.spans[wish.key]
        assert after[:first] == before[:first]
        assert after[len(after) - len(before) + behind :] == before[behind:]
    elif not file.in_brackets(*(UNITS if wish.name == "unit" else KEYS[:2])):
        kept = sorted(line for line in before if line.strip())
        assert [line for line in kept if line not in after] == []
        assert wish.name != "move" or kept == sorted(line for line in after if line.strip())


@settings(max_examples=30, deadline=None)
@given(file=written(), several=st.lists(wishes(), min_size=2, max_size=5, unique_by=lambda wish: wish.name))
def test_several_changes_one_after_the_other_are_all_there(file: File, several: list[Wish]) -> None:
    text = file.text
    for wish in several:
        text = wish.make(text)
        wish.say(file.said)

    assert another_reader(text) == Document.of(text).get(()) == file.said
