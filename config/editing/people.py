"""Changes of people.yaml: each takes the file's text and answers with the new one.

What is written is judged by the reader of the file afterwards (config.editing.checking); here is refused only what
cannot be carried out: somebody who is not there, a key that is there already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date

from config.editing.document import Document
from config.editing.refusals import EditRefused
from config.editing.spelling import Value
from config.problems import did_you_mean, shown
from planning.roster import Destination, Person, Post, StandIn, Unit
from planning.written import read_date

_UNIT_FIELDS = ("key", "name", "kind", "parent", "head", "contact")
_PERSON_FIELDS = ("key", "name", "posts", "destinations", "stand_ins", "left_on")
_UNITS, _PEOPLE = "units", "people"


# -- people ------------------------------------------------------------------------------------------


def add_person(text: str, person: Person, *, after: str | None = None) -> str:
    """Write somebody new below the person ``after``, at the end without one: the file's order is the official one."""
    document = Document.of(text)
    _refuse_known(document, _PEOPLE, person.key)
    row: dict[str, Value] = {"key": person.key, "name": person.name, "posts": _posts(person.posts)}
    if person.destinations:
        row["destinations"] = _destinations(person.destinations)
    if person.stand_ins:
        row["stand_ins"] = [_stand_in(one) for one in person.stand_ins]
    if person.left_on is not None:
        row["left_on"] = person.left_on
    return document.insert((_PEOPLE,), _place_after(document, _PEOPLE, after), row).text


def rename_person(text: str, key: str, name: str) -> str:
    return _set_person(text, key, "name", name.strip())


def set_posts(text: str, key: str, posts: Sequence[Post]) -> str:
    """The first post is the main one."""
    return _set_person(text, key, "posts", _posts(posts))


def set_destinations(text: str, key: str, destinations: Sequence[Destination]) -> str:
    """In the order in which they are tried. None: nothing reaches the person (check_draft warns of it)."""
    return _set_person(text, key, "destinations", _destinations(destinations))


def set_left_on(text: str, key: str, day: date | None) -> str:
    """The first day no longer in office; None: the person stays."""
    return _set_person(text, key, "left_on", day)


def add_stand_in(text: str, key: str, stand_in: StandIn) -> str:
    document = Document.of(text)
    path = (_PEOPLE, _place(document, _PEOPLE, key), "stand_ins")
    if document.members(path):
        return document.append(path, _stand_in(stand_in)).text
    return document.set(path, [_stand_in(stand_in)], order=_PERSON_FIELDS).text


def end_stand_in(text: str, key: str, *, since: date, last_day: date) -> str:
    """Let the stand-in that began on ``since`` end early, with ``last_day``; one that would not have begun is taken out."""
    document = Document.of(text)
    at = _place(document, _PEOPLE, key)
    index, until = _found_stand_in(document, at, since)
    if until is not None and last_day > until:
        raise EditRefused(f"代理写的是到 {until}，提前结束要写更早的日子；要延长，请另加一段代理。", code="stand_in_dates")
    if last_day >= since:
        return document.set((_PEOPLE, at, "stand_ins", index, "until"), last_day).text
    path = (_PEOPLE, at, "stand_ins")
    return document.remove(path if len(document.members(path)) == 1 else (*path, index)).text


def move_person(text: str, key: str, *, after: str | None) -> str:
    """Put somebody below the person ``after`` in the official order, or first of all."""
    document = Document.of(text)
    at = _place(document, _PEOPLE, key)
    to = 0 if after is None else _place(document, _PEOPLE, after) + 1
    return document.move((_PEOPLE,), at, to - 1 if to > at else to).text


# -- units -------------------------------------------------------------------------------------------


def add_unit(text: str, unit: Unit, *, after: str | None = None) -> str:
    """Write a new unit below the unit ``after``, at the end without one."""
    document = Document.of(text)
    _refuse_known(document, _UNITS, unit.key)
    row = {name: value for name in _UNIT_FIELDS if (value := getattr(unit, name))}
    return document.insert((_UNITS,), _place_after(document, _UNITS, after), row).text


def rename_unit(text: str, key: str, name: str) -> str:
    return _set_unit(text, key, "name", name.strip())


def set_contact(text: str, key: str, person: str | None) -> str:
    """Who answers for what is addressed to the unit; None: its head."""
    return _set_unit(text, key, "contact", person)


def set_head(text: str, key: str, person: str | None) -> str:
    return _set_unit(text, key, "head", person)


# -- pieces ------------------------------------------------------------------------------------------


def _set_person(text: str, key: str, name: str, value: Value | None) -> str:
    return _set(Document.of(text), (_PEOPLE, key), name, value, _PERSON_FIELDS)


def _set_unit(text: str, key: str, name: str, value: Value | None) -> str:
    return _set(Document.of(text), (_UNITS, key), name, value, _UNIT_FIELDS)


def _set(document: Document, whose: tuple[str, str], name: str, value: Value | None, order: Sequence[str]) -> str:
    path = (whose[0], _place(document, *whose), name)
    if value is None or value in ("", []):
        return document.remove(path).text
    return document.set(path, value, order=order).text


def _place(document: Document, listed: str, key: str) -> int:
    index = document.index((listed,), key)
    if index is None:
        what, code = ("个人", "unknown_person") if listed == _PEOPLE else ("个单位", "unknown_unit")
        near = did_you_mean(key, _keys(document, listed), otherwise="请刷新页面，重新选一次")
        raise EditRefused(f"people.yaml 里没有 {shown(key)} 这{what}：{near}。", code=code)
    return index


def _place_after(document: Document, listed: str, after: str | None) -> int:
    return len(document.members((listed,))) if after is None else _place(document, listed, after) + 1


def _refuse_known(document: Document, listed: str, key: str) -> None:
    if key in _keys(document, listed):
        raise EditRefused(f"代号 {shown(key)} 已经有了：请换一个，代号只用一次。", code="key_taken")


def _keys(document: Document, listed: str) -> list[str]:
    return [str(one.get("key", "")) for one in document.members((listed,)) if isinstance(one, dict)]


def _posts(posts: Iterable[Post]) -> list[Value]:
    return [{name: value for name, value in asdict(post).items() if value} for post in posts]


def _destinations(destinations: Iterable[Destination]) -> list[Value]:
    return [{name: value for name, value in asdict(one).items() if value} for one in destinations]


def _stand_in(stand_in: StandIn) -> Value:
    return {"person": stand_in.person, "since": stand_in.since, "until": stand_in.until}


def _found_stand_in(document: Document, at: int, since: date) -> tuple[int, date | None]:
    """Its place in the list, and its last day. No two stand-ins of a person share a day, so the first day names one."""
    for index, one in enumerate(document.members((_PEOPLE, at, "stand_ins"))):
        if isinstance(one, dict) and _day(one.get("since")) == since:
            return index, _day(one.get("until"))
    raise EditRefused(f"没有从 {since} 开始的代理：请刷新页面，重新选一次。", code="unknown_stand_in")


def _day(written: object) -> date | None:
    """A day in any of the ways offices write one; None for what is none."""
    try:
        return read_date(written) if isinstance(written, str) else None
    except ValueError:
        return None
