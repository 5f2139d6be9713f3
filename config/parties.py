"""Who is meant: ``person:KEY``, ``role:NAME``, ``role:NAME@UNIT``, ``unit:KEY``, checked against the roster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from config.fields import Section
from config.people import FILE as PEOPLE_FILE
from config.problems import Code, did_you_mean, shown
from planning.duty import Party
from planning.lookup import EACH
from planning.roster import Roster

_HALF_WIDTH = str.maketrans({"：": ":", "＠": "@"})
_FORMS = "写成 person:代号、role:岗位、role:岗位@单位代号 或 unit:单位代号"


@dataclass(frozen=True, slots=True)
class Holders:
    """The roster turned round: who holds what, and which units lie below which."""

    roster: Roster
    units_of_role: dict[str, set[str]] = field(default_factory=dict)  # role or title -> units of those who hold it
    below: dict[str, set[str]] = field(default_factory=dict)  # unit -> itself and all below it
    kinds: dict[str, tuple[str, ...]] = field(default_factory=dict)  # unit kind -> units


def holders_of(roster: Roster) -> Holders:
    """``left_on`` is not looked at: reading knows no date."""
    holders = Holders(roster)
    for person in roster.people.values():
        for post in person.posts:
            for name in (post.title, *post.roles):
                holders.units_of_role.setdefault(name, set()).add(post.unit)
    for key, unit in roster.units.items():
        holders.kinds[unit.kind] = (*holders.kinds.get(unit.kind, ()), key)
        holders.below.setdefault(key, set()).add(key)
        above = unit.parent
        while above is not None:
            holders.below.setdefault(above, set()).add(key)
            above = roster.units[above].parent
    return holders


def read_party(section: Section, name: str, holders: Holders | None, for_each: str | None) -> Party | None:
    """Read one party; None after noting why not. ``holders`` None: the roster is unknown and nothing is checked."""
    written = section.text(name)
    return party_of(written, section, name, holders, for_each) if written else None


def party_of(written: str, section: Section, name: str, holders: Holders | None, for_each: str | None) -> Party | None:
    before = section.sheet.errors
    form, colon, value = (part.strip() for part in written.translate(_HALF_WIDTH).partition(":"))
    if not colon or form not in {"person", "role", "unit"} or not value:
        section.error(Code.PARTY, name, f"{shown(written)} 看不出是谁", _guess(written, holders))
        return None
    role, at, unit = (part.strip() for part in value.partition("@"))
    if form == "person":
        party = Party(person=value)
    elif form == "unit":
        party = Party(unit=value)
    else:
        party = Party(role=role, unit=unit or None)
        if not role or (at and not unit):
            section.error(Code.PARTY, name, f"{shown(written)} 的岗位或单位是空的", _FORMS)
    if party.unit == EACH and for_each is None:
        section.error(Code.PARTY, name, "写了 each，但事项没有 for_each", "加上 for_each: 单位类别，或改成具体的单位")
    elif holders is not None and section.sheet.errors == before:
        _check(party, section, name, holders, for_each)
    return party if section.sheet.errors == before else None


def _guess(written: str, holders: Holders | None) -> str:
    """Offer the prefix that would make the text one of ours."""
    if holders is not None:
        if written in holders.roster.people:
            return f"是不是 person:{written}?"
        if written in holders.roster.units:
            return f"是不是 unit:{written}?"
        if written in holders.units_of_role:
            return f"是不是 role:{written}?"
    return _FORMS


def _check(party: Party, section: Section, name: str, holders: Holders, for_each: str | None) -> None:
    roster = holders.roster
    if party.person is not None:
        if party.person not in roster.people:
            _unknown(section, name, Code.PERSON_UNKNOWN, key=party.person, what="这个人", known=roster.people)
        return
    if party.unit is not None and party.unit != EACH and party.unit not in roster.units:
        _unknown(section, name, Code.UNIT_UNKNOWN, key=party.unit, what="这个单位", known=roster.units)
        return
    units = holders.kinds.get(for_each or "", ()) if party.unit == EACH else (party.unit,)
    if party.role is None:
        _warn_units_without_contact([unit for unit in units if unit], section, name, roster)
    elif party.role not in holders.units_of_role:
        _unknown(section, name, Code.ROLE_EMPTY, key=party.role, what="人担任这个职务或岗位", known=holders.units_of_role)
    else:
        _warn_role_empty(party.role, units, section, name, holders)


def _unknown(section: Section, name: str, code: Code, *, key: str, what: str, known: Iterable[str]) -> None:
    hint = did_you_mean(key, known, otherwise=f"先写进 {PEOPLE_FILE}，或改成已有的")
    section.error(code, name, f"写了 {shown(key)}，{PEOPLE_FILE} 里没有{what}", hint)


def _warn_units_without_contact(units: Iterable[str], section: Section, name: str, roster: Roster) -> None:
    silent = [roster.units[unit].name for unit in units if not (roster.units[unit].contact or roster.units[unit].head)]
    if silent:
        message = f"{section.what}的 {name} 写了单位，但{_listed(silent)}没有联系人也没有负责人，提醒没有人收"
        hint = f"在 {PEOPLE_FILE} 里给单位写上 contact 或 head"
        section.sheet.warning(Code.ROLE_EMPTY, section.line(name), message, hint)


def _warn_role_empty(role: str, units: Iterable[str | None], section: Section, name: str, holders: Holders) -> None:
    held_in = holders.units_of_role[role]
    empty = [holders.roster.units[unit].name for unit in units if unit is not None and held_in.isdisjoint(holders.below[unit])]
    if empty:
        message = f"{section.what}的 {name} 要找{_listed(empty)}的 {shown(role)}，没有人担任，提醒没有人收"
        section.sheet.warning(Code.ROLE_EMPTY, section.line(name), message, f"在 {PEOPLE_FILE} 里给相应的人写上这个岗位")


def _listed(names: list[str]) -> str:
    most = 5
    return "、".join(names[:most]) + (f"等{len(names)}个单位" if len(names) > most else "")
