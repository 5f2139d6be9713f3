"""A field of a form whose value in the file may be a text, a mapping or a list: shown as one text, and read back."""

from __future__ import annotations

from config.editing.document import Document
from config.editing.refusals import EditRefused
from config.editing.spelling import Content, Value, inline, item_lines
from config.problems import shown

_BRACKETS = ("{", "[")
_DASH = "-"
_NAME = "typed"


def as_typed(content: Content | None) -> str:
    """3月底 as it stands, a mapping in braces (``{by: 03-31}``), a list of mappings with a line for each (``- {at: T-7}``)."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list) and any(isinstance(one, dict) for one in content):
        return "\n".join(line for one in content for line in item_lines(one, block=False))
    return inline(content)


def from_typed(text: str, *, what: str) -> Value:
    """What was typed, as the file shall hold it. ``what`` names the field in the sentence. Raises EditRefused (field_faulty).

    What begins with a bracket or a dash is YAML; everything else is text, whatever it looks like.
    """
    plain = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if plain.startswith(_BRACKETS):
        document = f"{_NAME}: {plain}\n".replace("\n", "\n  ")
    elif plain.startswith(_DASH):
        document = f"{_NAME}:\n{plain}\n"
    else:
        return plain
    try:
        found = Document.of(document).get((_NAME,))
    except EditRefused:
        found = None
    if found is None or isinstance(found, str):
        raise EditRefused(f"{what} {shown(plain)} 的括号、逗号或短横没有写对：请对照旁边的写法改正。", code="field_faulty")
    return found
