"""What a forwarded order and the few fields beside it say: title, day, people. Raises Refused where something is missing.

A program gives the fields alone (:class:`Fields`): nothing is read out of a text then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from config.app import App
from config.fields import LONGEST, LONGEST_NOTE
from planning.duty import Party
from planning.lookup import answering, responsible_unit
from planning.order_text import Order, OtherTask, read_order
from planning.spoken_day import SpokenDay, read_spoken_day
from planning.wording import day_name, weekday_name
from services.errors import Refused
from web.party_choice import Choices, party_words, people_and_units, present_people
from web.typed import plain_lines
from web.words import UNIT_KINDS

_HOW = "如 明天下班前、周五、3月底前、4月20日"
_LONGEST_TITLE = 60  # characters taken from a text that no sentence of could be made a title
_ROOM = 200  # left in the note for the paper's own words
_MOST_PARTNERS = 20
_EACH = "each"
INCLUDE = "include"
"""The button that says that the day before which it was asked for counts, too."""


@dataclass(frozen=True, slots=True)
class Understood:
    """An item as it would be written. Parties are as the files write them."""

    title: str
    owner: str
    partners: tuple[str, ...]
    overseer: str  # empty: nobody is told when it is overdue but the owner
    due: SpokenDay
    workdays_left: int
    source: str  # whose paper it is
    note: str
    text: str  # as it was pasted
    proposed: Choices  # who else is named: partners to choose from
    other_days: tuple[SpokenDay, ...]
    other_tasks: tuple[OtherTask, ...]  # what the text asks besides: an item of its own
    remarks: tuple[str, ...]  # what somebody should look at before he presses
    overseers: Choices  # whom the office's duties name as overseers

    @property
    def stamp(self) -> str:
        """The day that was shown: another one is shown again before it is written."""
        return self.due.day.isoformat()

    @property
    def for_each(self) -> str:
        """The kind of units each of which does it; empty when it is one item."""
        return kind_of_each(self.owner)


@dataclass(frozen=True, slots=True)
class Fields:
    """An item whose parts were given one by one. Parties are as the files write them."""

    title: str
    owner: str
    due: date | str  # the day, or the deadline in the paper's words
    partners: tuple[str, ...] = ()
    overseer: str | None = None  # None: whom most duties of the same unit name; empty: nobody
    source: str = ""
    note: str = ""


class OwnerMissing(Refused):
    """Everything was read but who is to do it."""

    def __init__(self, title: str, due: SpokenDay) -> None:
        super().__init__("没有看出由谁办，请选择承办。", code="owner_missing")
        hour = f" {due.at:%H:%M}" if due.at is not None else ""
        day = day_name(due.day, with_year=True)
        self.read = (f"事项：{title}", f"时限：{day}（{weekday_name(due.day)}）{hour}")


def understand(app: App, typed: Mapping[str, str], *, units: Collection[str] | None) -> Understood:
    """``units``: keys of the units that the visitor may give work to; None: all.

    Raises Refused: text_missing, due_unreadable, due_past, owner_missing, unknown_party.
    """
    text = plain_lines(typed.get("text", ""))
    typed = {**typed, "due": _included(typed)}
    if not text and not typed.get("title", "").strip():
        raise Refused("请写一句要办什么，或者粘贴原文。", code="text_missing")
    order = _read(app, text)
    due = _due(app, typed.get("due", "").strip(), order.due)
    again = "title" in typed
    read = order.title or text.partition("\n")[0][:_LONGEST_TITLE]
    title = plain_lines(typed.get("title") or _with_hour(read, due))[:LONGEST]
    named, mentioned = _named(app, order, units), _mentioned(app, order, units)
    if not typed.get("owner") and not named:
        raise OwnerMissing(typed.get("title") or read, due)
    owner = _answered(app, typed["owner"], units=units) if typed.get("owner") else named[0][0]
    proposed = [one for one in (*named, *mentioned) if one[0] != owner and not kind_of_each(one[0])]
    overseers = _overseers(app)
    return Understood(
        title=title,
        owner=owner,
        partners=_partners(typed, proposed) if again else tuple(one[0] for one in named if one in proposed),
        overseer=_overseer(typed.get("overseer", ""), overseers) if again else usual_overseer(app, owner),
        due=due,
        workdays_left=app.workdays.between(app.today(), due.day),
        source=(typed.get("source", "") if again else order.source).strip()[:LONGEST],
        note=plain_lines(typed.get("note", ""))[:LONGEST_NOTE] if again else _note(text, title),
        text=text,
        proposed=proposed,
        other_days=tuple(day for day in order.other_days if day.day != due.day),
        other_tasks=tuple(one for one in order.other_tasks if one.due.day != due.day and one.due.day >= app.today()),
        remarks=_remarks(app, due),
        overseers=overseers,
    )


def understand_fields(app: App, fields: Fields) -> Understood:
    """Raises Refused: text_missing, due_unreadable, due_past, unknown_party."""
    title = plain_lines(fields.title)[:LONGEST]
    if not title:
        raise Refused("请写明要办什么（title）。", code="text_missing")
    due = _due(app, fields.due, None) if isinstance(fields.due, str) else _named_day(app, fields.due)
    owner = _answered(app, fields.owner, units=None)
    partners = (_partner(app, one) for one in fields.partners if one != owner)
    overseers = _overseers(app)
    usual = fields.overseer is None
    return Understood(
        title=title,
        owner=owner,
        partners=tuple(dict.fromkeys(partners)),
        overseer=usual_overseer(app, owner) if usual else _overseer(fields.overseer or "", overseers),
        due=due,
        workdays_left=app.workdays.between(app.today(), due.day),
        source=plain_lines(fields.source)[:LONGEST],
        note=plain_lines(fields.note)[:LONGEST_NOTE],
        text="",
        proposed=[],
        other_days=(),
        other_tasks=(),
        remarks=(),
        overseers=overseers,
    )


def kind_of_each(written: str) -> str:
    """The kind of ``each:village``; empty for any other party."""
    form, _, kind = written.partition(":")
    return kind if form == _EACH else ""


def each_choices(app: App, units: Collection[str] | None) -> Choices:
    """各村（社区）各办一项: kinds of which there are several units. Whoever may not give work to all of them has none."""
    if units is not None:
        return []
    counted = Counter(unit.kind for unit in app.roster.units.values())
    return [
        (f"{_EACH}:{kind}", f"{UNIT_KINDS.get(kind, kind)}各办一项（{count} 项）") for kind, count in counted.items() if count > 1
    ]


def party_of_text(written: str) -> Party:
    """As the file's reader would: ``person:``, ``unit:``, ``role:NAME`` or ``role:NAME@UNIT``; each unit is ``unit:each``."""
    if kind_of_each(written):
        return Party(unit=_EACH)
    form, _, value = written.partition(":")
    role, _, unit = value.partition("@")
    if form == "role":
        return Party(role=role, unit=unit or None)
    return Party(unit=value) if form == "unit" else Party(person=value)


def text_of_party(party: Party | None) -> str:
    """The other way round; empty for nobody."""
    if party is None:
        return ""
    if party.role is not None:
        return f"role:{party.role}" + (f"@{party.unit}" if party.unit else "")
    return f"unit:{party.unit}" if party.unit is not None else f"person:{party.person}"


def usual_overseer(app: App, owner: str) -> str:
    """Whom most duties of the same unit name; the first of equals, nobody where no duty names anybody."""
    kind, unit = kind_of_each(owner), None if kind_of_each(owner) else _unit_of(app, party_of_text(owner))
    counted = Counter(
        text_of_party(duty.overseer)
        for duty in app.office.calendar.duties
        if duty.overseer is not None
        and (duty.for_each == kind if kind else unit is not None and _unit_of(app, duty.owner) == unit)
    )
    return next((party for party, _ in counted.most_common(1)), "")


def _read(app: App, text: str) -> Order:
    now, today = app.now().astimezone(app.tz), app.today()
    people = {one.key: one.name for one in present_people(app.roster, today)}
    units = {key: one.name for key, one in app.roster.units.items()}
    return read_order(text, on=today, at=now.time(), workdays=app.workdays, people=people, units=units)


def _due(app: App, words: str, read: SpokenDay | None) -> SpokenDay:
    """``read`` is what the text says; other words that were typed beside it count more."""
    due = read
    if words and (read is None or words != read.words):
        now = app.now().astimezone(app.tz)
        due = read_spoken_day(words, on=app.today(), at=now.time(), workdays=app.workdays)
    if due is None:
        said = f"时限“{words[:40]}”看不懂，请换个写法" if words else "没有看出什么时候办完，请写上"
        raise Refused(f"{said}，{_HOW}。", code="due_unreadable")
    _refuse_past(app, due)
    return due


def _named_day(app: App, day: date) -> SpokenDay:
    """A day that needs no reading; the file has it as a day, too."""
    due = SpokenDay(day, None, "", "")
    _refuse_past(app, due)
    return due


def _refuse_past(app: App, due: SpokenDay) -> None:
    if due.day < app.today():
        said = f"“{due.words}”是 {due.day}" if due.words else f" {due.day} "
        raise Refused(f"时限{said}，已经过去了，请重写，{_HOW}。", code="due_past")


def _included(typed: Mapping[str, str]) -> str:
    """The typed deadline; the day that 前 left out when somebody says that it counts."""
    return typed.get("excluded", "") if typed.get("step") == INCLUDE else typed.get("due", "")


def _with_hour(title: str, due: SpokenDay) -> str:
    """Deadlines are days here: an hour goes along in the title, where everybody who is reminded sees it."""
    if due.at is None or f"{due.at:%H:%M}" in title:
        return title
    return f"{title}（{due.at:%H:%M}{'前' if '前' in due.words else ''}）"


def _remarks(app: App, due: SpokenDay) -> tuple[str, ...]:
    now, ends = app.now().astimezone(app.tz).time(), app.settings.day_ends_at
    late = due.day == app.today() and due.at is None and now >= ends
    return (f"今天{ends:%H:%M}已经下班，时限还是今天。",) if late else ()


def _allowed(app: App, units: Collection[str] | None) -> dict[str, str]:
    """Everybody to whom the visitor may give work, and what he is called."""
    return dict(choice for _, choices in people_and_units(app.roster, app.today(), within=units) for choice in choices)


def _named(app: App, order: Order, units: Collection[str] | None) -> Choices:
    """Who is to do it, of those whom the visitor may choose: kinds of units first, then who is named, in the text's order.

    A unit that only says where somebody works (司法所王敏) is not named beside him.
    """
    allowed, each = _allowed(app, units), dict(each_choices(app, units))
    people = [one.key for one in order.doers if one.is_person]
    theirs = {post.unit for key in people if key in app.roster.people for post in app.roster.people[key].posts}
    kinds = [f"{_EACH}:{kind}" for kind in order.kinds]
    named = [
        f"{'person' if one.is_person else 'unit'}:{one.key}" for one in order.doers if one.is_person or one.key not in theirs
    ]
    return [*((key, each[key]) for key in kinds if key in each), *((key, allowed[key]) for key in named if key in allowed)]


def _mentioned(app: App, order: Order, units: Collection[str] | None) -> Choices:
    """Who is named otherwise: to be chosen by hand."""
    allowed = _allowed(app, units)
    keys = (f"{'person' if key in app.roster.people else 'unit'}:{key}" for key in order.mentioned)
    return [(key, allowed[key]) for key in keys if key in allowed]


def _answered(app: App, written: str, *, units: Collection[str] | None) -> str:
    """The owner as it was written, if somebody answers for it today."""
    if written in dict(each_choices(app, units)):
        return written
    return _somebody(app, written, what="承办")


def _partner(app: App, written: str) -> str:
    return _somebody(app, written, what="配合")


def _somebody(app: App, written: str, *, what: str) -> str:
    party = party_of_text(written)
    if kind_of_each(written) or not answering(party, app.roster, unit=None, on=app.today()):
        raise Refused(f"{what}“{party_words(written, app.roster)[:40]}”现在没有人，请另选。", code="unknown_party")
    return written


def _partners(typed: Mapping[str, str], proposed: Choices) -> tuple[str, ...]:
    known = {key for key, _ in proposed}
    chosen = (typed.get(f"partner-{at}", "") for at in range(_MOST_PARTNERS))
    return tuple(dict.fromkeys(key for key in chosen if key in known and key != typed.get("owner")))


def _overseers(app: App) -> Choices:
    named = dict.fromkeys(text_of_party(duty.overseer) for duty in app.office.calendar.duties if duty.overseer is not None)
    return [(key, party_words(key, app.roster)) for key in named]


def _overseer(typed: str, overseers: Choices) -> str:
    if typed and typed not in dict(overseers):
        raise Refused("逾期告诉谁：没有这一项，请重新选择。", code="unknown_party")
    return typed


def _note(text: str, title: str) -> str:
    return "" if text == title else text[: LONGEST_NOTE - _ROOM]


def _unit_of(app: App, party: Party) -> str | None:
    on: date = app.today()
    return responsible_unit(party, answering(party, app.roster, unit=None, on=on), None)
