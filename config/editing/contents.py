"""What a file says, without its form: contents with one thing in them changed, for comparing with what is read again."""

from __future__ import annotations

from typing import TypeAlias

from config.editing.spelling import Content

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of fields and numbers of list members, ``("people", 3, "posts", 0, "title")``."""


def at(whole: Content, path: Path) -> Content | None:
    """What stands there; None when nothing does."""
    found: Content | None = whole
    for step in path:
        if isinstance(found, dict) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and 0 <= step < len(found):
            found = found[step]
        else:
            return None
    return found


def replaced(whole: Content, path: Path, content: Content) -> Content:
    """The whole with another value at ``path``; a field that was not there is added."""
    if not path:
        return content
    step, *rest = path
    if isinstance(whole, dict) and isinstance(step, str):
        return {**whole, step: replaced(whole.get(step, ""), tuple(rest), content)}
    if isinstance(whole, list) and isinstance(step, int):
        return [replaced(one, tuple(rest), content) if index == step else one for index, one in enumerate(whole)]
    raise KeyError(path)


def without(whole: Content, path: Path) -> Content:
    """The whole without the field or list member at ``path``."""
    *above, last = path
    holder = at(whole, tuple(above))
    if isinstance(holder, dict):
        return replaced(whole, tuple(above), {name: one for name, one in holder.items() if name != last})
    if isinstance(holder, list):
        return replaced(whole, tuple(above), [one for index, one in enumerate(holder) if index != last])
    raise KeyError(path)


def with_member(members: list[Content], index: int, content: Content) -> list[Content]:
    return [*members[:index], content, *members[index:]]


def moved(members: list[Content], index: int, to: int) -> list[Content]:
    """``to`` counts in the list without the member."""
    return with_member([*members[:index], *members[index + 1 :]], to, members[index])
