"""Every file that comes with the program can be edited field by field, and nothing but the field changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.editing.contents import Path as Way
from config.editing.document import Document
from config.editing.places import places_of
from config.editing.spelling import Content
from tests.config.editing.conftest import SHIPPED, gone_and_come, name_of

SAMPLE = 8  # values of each file, evenly spread

FILES = [path for path in SHIPPED if path.parent.name != "holidays"]  # the local days are a list: no page edits them

shipped = pytest.mark.parametrize("path", FILES, ids=name_of)


def read(path: Path) -> str:
    return path.read_bytes().decode()


def leaves(content: Content, way: Way = ()) -> Iterator[Way]:
    if isinstance(content, str):
        yield way
        return
    for step, member in content.items() if isinstance(content, dict) else enumerate(content):
        yield from leaves(member, (*way, step))


def fields(content: Content, way: Way = ()) -> Iterator[Way]:
    """The fields of mappings that are members of a list: what a page adds and takes away."""
    if isinstance(content, dict):
        for name, member in content.items():
            yield from fields(member, (*way, name))
    elif isinstance(content, list):
        for at, member in enumerate(content):
            if isinstance(member, dict):
                yield from ((*way, at, name) for name in list(member)[1:])
            yield from fields(member, (*way, at))


def spread(ways: Iterator[Way]) -> list[Way]:
    found = [way for way in ways if way]
    return found[:: max(len(found) // SAMPLE, 1)]


def whole_of(path: Path) -> tuple[str, Document, dict[str, Content]]:
    text = read(path)
    document = Document.of(text)
    whole = document.get(())
    assert isinstance(whole, dict)
    return text, document, whole


@shipped
def test_opening_and_writing_unchanged_gives_the_same_bytes(path: Path) -> None:
    assert Document.of(read(path)).text.encode() == path.read_bytes()


@shipped
def test_giving_every_field_the_value_it_has_gives_the_same_bytes(path: Path) -> None:
    text, document, whole = whole_of(path)
    for name, content in whole.items():
        document = document.set((name,), content)

    assert document.text == text


@shipped
def test_another_value_changes_its_own_line_alone(path: Path) -> None:
    text, document, whole = whole_of(path)
    for way in spread(leaves(whole)):
        old = document.get(way)
        gone, come = gone_and_come(text, document.set(way, f"{old}改").text)
        assert (len(gone), len(come)) == (1, 1), way


@shipped
def test_a_field_that_goes_takes_only_its_own_lines(path: Path) -> None:
    text, document, whole = whole_of(path)
    for way in spread(fields(whole)):
        shorter = document.remove(way)
        gone, come = gone_and_come(text, shorter.text)
        assert shorter.get(way) is None
        assert len(come) <= 1  # in brackets, the line without the field
        assert all(str(way[-1]) in line or line.startswith("      ") for line in gone)
        assert [line for line in gone if line.lstrip().startswith("#")] == []


@shipped
def test_a_member_put_in_and_taken_out_again_leaves_the_same_bytes(path: Path) -> None:
    text, document, whole = whole_of(path)
    lists = {name: content for name, content in whole.items() if isinstance(content, list) and isinstance(content[0], dict)}
    for name, content in lists.items():
        for at in {0, len(content) // 2, len(content)}:
            longer = document.insert((name,), at, {"key": "new", "title": "新的", "rule": {"by": "03-31"}})
            assert gone_and_come(text, longer.text)[0] == []
            assert longer.remove((name, at)).text == text


@shipped
def test_both_parsers_of_the_grammar_report_the_same_places(path: Path) -> None:
    import yaml

    text = read(path)

    assert places_of(text, loader=yaml.SafeLoader) == places_of(text)
