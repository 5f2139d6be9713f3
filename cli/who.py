"""People, as they are called on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from cli.surroundings import Wrong
from planning.roster import Person


def known_person(wanted: str, people: Mapping[str, Person]) -> str:
    """The key of somebody called by key or by name. Raises Wrong, naming who comes near."""
    if wanted in people:
        return wanted
    named = [key for key, person in people.items() if person.name == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        raise Wrong(f"有 {len(named)} 个人叫{wanted}：请写代号 {'、'.join(named)}")
    raise Wrong(f"人员名单里没有«{wanted}»：请写 people.yaml 里的代号或姓名")
