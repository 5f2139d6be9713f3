"""From what stands in a file to what shall stand there, by changing only the members that differ."""

from __future__ import annotations

from collections.abc import Sequence

from config.editing.contents import Path
from config.editing.matching import partners
from config.editing.places import ListPlace, MappingPlace
from config.editing.spelling import Content
from config.editing.tree import Tree


def merged(tree: Tree, path: Path, wished: Content, order: Sequence[str] = ()) -> Tree:
    """The tree with ``wished`` at ``path``. Raises TooOdd where some step is not possible."""
    place = tree.find(path)
    if place is None:
        return _added(tree, path, wished, order)
    if place.content == wished:
        return tree
    if isinstance(place, ListPlace) and isinstance(wished, list) and place.items and wished:
        return _list(tree, path, wished)
    if isinstance(place, MappingPlace) and isinstance(wished, dict) and any(place.find(name) is not None for name in wished):
        return _mapping(tree, path, wished)
    return tree.write(path, wished)


def _added(tree: Tree, path: Path, wished: Content, order: Sequence[str]) -> Tree:
    *above, name = path
    holder = tree.find(tuple(above))
    if isinstance(holder, MappingPlace) and not holder.fields and isinstance(name, str):
        return tree.write(tuple(above), {name: wished})
    return tree.add_field(path, wished, order)


def _mapping(tree: Tree, path: Path, wished: dict[str, Content]) -> Tree:
    for name, content in wished.items():
        tree = merged(tree, (*path, name), content, tuple(wished))
    standing = tree.get(path)
    for name in standing if isinstance(standing, dict) else ():
        if name not in wished:
            tree = tree.drop((*path, name))
    return tree


def _list(tree: Tree, path: Path, wished: list[Content]) -> Tree:
    sources = partners(tree.members(path), wished)
    standing: list[int | None] = list(range(len(tree.members(path))))
    gone = sorted(set(standing) - set(sources), key=standing.index, reverse=True)
    if len(gone) == len(standing):  # emptied on the way, the list would lose its form
        return tree.write(path, wished)
    for index in gone:
        tree = tree.drop((*path, standing.index(index)))
        standing.remove(index)
    for at, (source, content) in enumerate(zip(sources, wished, strict=True)):
        if source is None:
            tree = tree.put(path, at, content)
            standing.insert(at, None)
            continue
        now = standing.index(source)
        if now != at:
            tree = tree.shift(path, now, at)
            standing.insert(at, standing.pop(now))
        tree = merged(tree, (*path, at), content)
    return tree
