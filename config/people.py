"""people.yaml: units, people, their posts, addresses and stand-ins."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from config.channel_kinds.addresses import GROUP_TYPES, refuse_address
from config.circles import break_stand_in_circles, break_unit_circles
from config.fields import Section, top_section
from config.mail_address import is_mail_address
from config.problems import Code, Problem, Sheet, did_you_mean, shown
from config.strict_yaml import read_yaml
from planning.lookup import EACH
from planning.roster import Destination, Person, Post, Roster, StandIn, Unit

FILE = "people.yaml"
_MAIL = "mail"


def read_people(home: Path, *, channels: Mapping[str, str] | None = None) -> tuple[Roster | None, tuple[Problem, ...]]:
    """Read everybody, in the file's order, which is the official one.

    ``channels`` (key -> type, from channels.yaml) lets addresses be checked; None leaves that out. What is wrong with
    one person stops nobody else. The roster is None when the file as a whole makes no sense.
    """
    tree, problems = read_yaml(home / FILE, name=FILE)
    sheet = Sheet(FILE)
    sheet.take(problems)
    top = top_section(tree, sheet, "文件", "units: … 和 people: …")
    if top is None:
        return None, tuple(sheet.problems)
    top.require("units", "people")
    unit_sections = _by_key(top.sections("units", "单位"), "单位")
    person_sections = _by_key(top.sections("people", "人员"), "人员")
    top.close()
    units = {key: _read_unit(key, section, place) for place, (key, section) in enumerate(unit_sections.items())}
    _check_units(units, unit_sections, person_sections)
    units = break_unit_circles(units, unit_sections)
    people = {}
    for place, (key, section) in enumerate(person_sections.items()):
        person = _read_person(key, section, place, units, channels)
        if person.posts:
            people[key] = person
        section.close()
    people = _known_stand_ins(people, person_sections)
    people = break_stand_in_circles(people, person_sections)
    return Roster(units=_known_people_only(units, people), people=people), tuple(sheet.problems)


def _by_key(sections: Collection[Section], what: str) -> dict[str, Section]:
    """Sections by their key; one without a usable key, or with a key that came before, is left out."""
    found: dict[str, Section] = {}
    for section in sections:
        section.require("key")
        key = section.key("key")
        if key is None:
            continue
        section.what = f"{what} {key} "
        if key in found:
            first = found[key].line("key")
            section.error(Code.KEY_TWICE, "key", f"与第{first}行的{what}相同", "每个代号只用一次，给其中一个改名")
            continue
        found[key] = section
    return found


# -- units -------------------------------------------------------------------------------------------


def _read_unit(key: str, section: Section, place: int) -> Unit:
    section.require("name", "kind")
    if key == EACH:
        section.error(Code.FIELD_KEY, "key", "each 是保留的代号", "换一个代号")
    unit = Unit(
        key=key,
        name=section.text("name", key),
        kind=section.text("kind", "unit"),
        parent=section.text("parent") or None,
        head=section.text("head") or None,
        contact=section.text("contact") or None,
        position=place,
    )
    section.close()
    return unit


def _check_units(units: dict[str, Unit], sections: Mapping[str, Section], people: Collection[str]) -> None:
    """Drop references to units and people that are not there."""
    for key, unit in units.items():
        section = sections[key]
        parent = unit.parent if unit.parent is None or _known(section, "parent", unit.parent, units, "单位") else None
        head = unit.head if unit.head is None or _known(section, "head", unit.head, people, "人员") else None
        contact = unit.contact if unit.contact is None or _known(section, "contact", unit.contact, people, "人员") else None
        units[key] = replace(unit, parent=parent, head=head, contact=contact)


def _known_people_only(units: Mapping[str, Unit], people: Collection[str]) -> dict[str, Unit]:
    """Heads and contacts who were left out for a fault of their own are left out here as well."""
    return {
        key: replace(
            unit,
            head=unit.head if unit.head in people else None,
            contact=unit.contact if unit.contact in people else None,
        )
        for key, unit in units.items()
    }


def _known(section: Section, name: str, key: str, known: Collection[str], what: str) -> bool:
    if key in known:
        return True
    code, measured = (Code.UNIT_UNKNOWN, "个单位") if what == "单位" else (Code.PERSON_UNKNOWN, "个人")
    hint = did_you_mean(key, known, otherwise=f"先在 {FILE} 里写上，或改成已有的代号")
    section.error(code, name, f"写了 {shown(key)}，没有这{measured}", hint)
    return False


# -- people ------------------------------------------------------------------------------------------


def _read_person(key: str, section: Section, place: int, units: Mapping[str, Unit], channels: Mapping[str, str] | None) -> Person:
    section.require("name")
    left_on = section.day("left_on")
    destinations = _read_destinations(section, channels)
    if left_on is None and not destinations and not section.items("destinations"):
        message = f"{section.what}没有接收地址，提醒送不到"
        section.sheet.warning(
            Code.NO_DESTINATION, section.line("key"), message, "加上 destinations: [{channel: mail, address: …}]"
        )
    return Person(
        key=key,
        name=section.text("name", key),
        posts=_read_posts(section, units),
        destinations=destinations,
        stand_ins=_read_stand_ins(section),
        left_on=left_on,
        position=place,
    )


def _read_posts(section: Section, units: Mapping[str, Unit]) -> tuple[Post, ...]:
    posts = []
    for post in section.sections("posts", f"{section.what}的职务"):
        post.require("unit", "title")
        unit, title, roles = post.text("unit"), post.text("title"), post.texts("roles")
        post.close()
        if unit and title and _known(post, "unit", unit, units, "单位"):
            posts.append(Post(unit=unit, title=title, roles=roles))
    if section.get("posts") is None or not section.items("posts"):
        section.error(Code.NO_POST, "posts", "没有写职务", "写上 posts: [{unit: 单位代号， title: 职务}]")
    return tuple(posts)


def _read_destinations(section: Section, channels: Mapping[str, str] | None) -> tuple[Destination, ...]:
    found = []
    for destination in section.sections("destinations", f"{section.what}的接收地址"):
        destination.require("channel")
        channel, address = destination.text("channel"), destination.text("address")
        # In a group, whoever has no address is only not mentioned by it.
        may_lack = channels is None or channels.get(channel, "") in GROUP_TYPES
        if not may_lack:
            destination.require("address")
        destination.close()
        if channel and (address or may_lack) and _reachable(destination, channel, address, channels):
            found.append(Destination(channel=channel, address=address))
    return tuple(found)


def _reachable(section: Section, channel: str, address: str, channels: Mapping[str, str] | None) -> bool:
    if channels is not None and channel not in channels:
        hint = did_you_mean(channel, channels, otherwise="先在 channels.yaml 里写上这个渠道，或改成已有的渠道")
        section.error(Code.CHANNEL_UNKNOWN, "channel", f"写了 {shown(channel)}，没有这个渠道", hint)
        return False
    kind = channel if channels is None else channels[channel]
    if kind == _MAIL and not is_mail_address(address):
        section.error(Code.MAIL_ADDRESS, "address", f"{shown(address)} 不是邮箱地址", "写成 chenxia@caohui.example，符号都用半角")
        return False
    better = refuse_address(kind, address) if address else None
    if better is not None:
        section.error(Code.ADDRESS, "address", f"{shown(address)} 不能作 {channel} 的地址", better)
    return better is None


# -- stand-ins ---------------------------------------------------------------------------------------


def _read_stand_ins(section: Section) -> tuple[StandIn, ...]:
    found: list[StandIn] = []
    for row in section.sections("stand_ins", f"{section.what}的代理"):
        row.require("person", "since", "until")
        person, since, until = row.text("person"), row.day("since"), row.day("until")
        row.close()
        if not person or since is None or until is None:
            continue
        if until < since:
            row.error(Code.STAND_IN_DATES, "until", f"{until} 早于开始的 {since}", "改正起止日期")
        elif any(other.since <= until and since <= other.until for other in found):
            row.error(Code.STAND_IN_DATES, "since", f"{since} 至 {until} 与前面的代理重叠", "同一天只能有一个代理人")
        else:
            found.append(StandIn(person=person, since=since, until=until))
    return tuple(found)


def _known_stand_ins(people: Mapping[str, Person], sections: Mapping[str, Section]) -> dict[str, Person]:
    found = {}
    for key, person in people.items():
        kept = tuple(s for s in person.stand_ins if _known(sections[key], "stand_ins", s.person, people, "人员"))
        found[key] = replace(person, stand_ins=kept)
    return found
