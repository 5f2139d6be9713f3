"""One person: posts, addresses, who stands in, and when he leaves."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from config.app import App
from config.editing import people
from config.editing.change import Draft
from config.editing.document import Document
from config.editing.refusals import EditRefused
from config.editing.spelling import Content
from config.people import FILE
from planning.access import Action, Reach, reach_of
from planning.placement import named_parties
from planning.roster import Destination, StandIn
from reports.left_behind import left_behind
from services.errors import Refused
from web.file_change import Change, TextChange, fresh_draft
from web.gate import typed_of, visitor_of
from web.pages.change_steps import NOTHING, Form, Told, hold_to_seen, seen_again, standing_in
from web.pages.person_fields import PERSON_LABELS, PersonFields
from web.party_choice import held_roles, person_choices, unit_choices
from web.shell import Shell
from web.trial import send_trial
from web.typed import iso_day, needed_day, typed_day, typed_number
from web.words import ROLES, for_page


class PersonPage:
    """The page with all forms about one person; ``key`` names him in people.yaml."""

    def __init__(self, shell: Shell, request: Request, key: str) -> None:
        self.shell = shell
        self.request = request
        self.key = key

    def row(self, draft: Draft) -> dict[str, Content]:
        """What the file says of him. Raises EditRefused: unknown_person, file_faulty."""
        row = standing_in(draft.text(FILE), "people", self.key)
        if row is None:
            raise EditRefused("人员名单里没有这个人。请回到“人员和单位”重新选。", code="unknown_person")
        return row

    def show(self, told: Told, *, form: str = "", said: str = "") -> Response:
        """``form`` is the one that comes back with what was typed: main, stand_in, left, hand_over."""
        app = self.shell.app
        draft = fresh_draft(app)
        row = self.row(draft)
        after = before_him(draft.text(FILE), self.key)
        typed = typed_of(self.request) if form else {}
        today = app.today()
        return self.shell.page(
            self.request,
            "person.html",
            code=told.code,
            told=told,
            said=said,
            fields=PersonFields.of_typed(typed) if form == "main" else PersonFields.of_row(row, after=after),
            typed=typed,
            form=form,
            key=self.key,
            name=row.get("name", self.key),
            seen=seen_again(told, typed, row),
            stand_ins=_stand_ins(row),
            left_on=iso_day(str(row.get("left_on", ""))),
            named_in=_named_in(app, self.key),
            waiting=left_behind(app.store, self.key, as_of=today, workdays=app.workdays),
            others=[one for one in person_choices(app.roster, today) if one[0] != self.key],
            order=[(one.key, one.name) for one in app.roster.people.values() if one.key != self.key],
            units=unit_choices(app.roster),
            channels=list(app.office.declared_channels or {}),
            posts=held_roles(app.roster, today),
            may_test=reach_of(visitor_of(self.request), Action.RUN) is not Reach.NONE,
        )

    def send_test(self) -> Response:
        """To an address that stands in the file, and to no other."""
        try:
            way = self._way(typed_of(self.request).get("number", ""))
            said = send_trial(self.shell.app, way.channel, way.address)
        except Refused as refusal:
            self.shell.note(self.request, "run", refusal.code, about=f"test_channel {self.key}")
            return self.show(Told(for_page(refusal.sentence), code=409))
        self.shell.note(self.request, "run", about=f"test_channel {way.channel} {self.key}")
        return self.show(NOTHING, said=said)

    def _way(self, number: str) -> Destination:
        ways = PersonFields.of_row(self.row(fresh_draft(self.shell.app)), after="").destinations
        at = typed_number(number)
        if str(at) != number or at >= len(ways):
            raise Refused("这个地址已经不在文件里了。请刷新页面再试。", code="unknown_address")
        return ways[at]


class PersonForm(Form):
    labels = PERSON_LABELS

    """姓名、职务、接收地址、次序."""

    shown_as = "main"

    def __init__(self, shell: Shell, request: Request, key: str) -> None:
        self.page = PersonPage(shell, request, key)
        self.app = shell.app
        self.key = key
        self.typed = typed_of(request)
        known = self.app.roster.people.get(key)
        self.heading = known.name if known else key
        self.about = f"person {key}"
        self.back = (f"/people/{key}", f"回到{self.heading}")

    def show(self, told: Told) -> Response:
        return self.page.show(told, form=self.shown_as)

    def change(self) -> Change:
        draft = fresh_draft(self.app)
        row = self.page.row(draft)
        text = draft.text(FILE)
        return TextChange(self.app, draft.edit(FILE, lambda _: self.written(text, row)))

    def written(self, text: str, row: Mapping[str, Content]) -> str:
        """The file's text as it would be. Raises EditRefused or Refused."""
        hold_to_seen(self.typed, dict(row))
        before = PersonFields.of_row(row, after=before_him(text, self.key))
        return PersonFields.of_typed(self.typed).written_into(text, before)


class StandInForm(PersonForm):
    """代办: somebody answers in his place from one day to another."""

    shown_as = "stand_in"

    def written(self, text: str, row: Mapping[str, Content]) -> str:  # noqa: ARG002 - one stand-in more hurts no other edit
        since, until = needed_day(self.typed, "since", "开始日期"), needed_day(self.typed, "until", "结束日期")
        who = self.typed.get("who", "")
        if not who:
            raise Refused("请选择由谁代办。", code="who_missing")
        return people.add_stand_in(text, self.key, StandIn(who, since, until))


class StandInEndForm(PersonForm):
    """提前结束: today is the last day; one that has not begun is taken out."""

    shown_as = "stand_in"

    def written(self, text: str, row: Mapping[str, Content]) -> str:  # noqa: ARG002 - the first day names the one that ends
        since = needed_day(self.typed, "from", "开始日期")
        return people.end_stand_in(text, self.key, since=since, last_day=self.app.today())


class LeftForm(PersonForm):
    """离任: from that day on nothing new comes to him."""

    shown_as = "left"

    def written(self, text: str, row: Mapping[str, Content]) -> str:  # noqa: ARG002 - one field, said as it shall be
        return people.set_left_on(text, self.key, typed_day(self.typed, "left_on", "离任日期"))


def _named_in(app: App, key: str) -> list[tuple[str, str, str]]:
    """Where the files name him himself and not his post: address, name, as what. After him nobody answers there."""
    found = [
        (f"/duties/{duty.key}", duty.title, ROLES[role])
        for duty in app.office.calendar.duties
        for role, party in named_parties(duty)
        if party.person == key
    ]
    for unit in app.roster.units.values():
        found += [
            (f"/units/{unit.key}", unit.name, word)
            for one, word in ((unit.head, "负责人"), (unit.contact, "联系人"))
            if one == key
        ]
    return found


def before_him(text: str, key: str) -> str:
    """The key of whom he stands below in the file; empty when he is the first."""
    rows = Document.of(text).members(("people",))
    keys = [str(one.get("key")) for one in rows if isinstance(one, dict)]
    place = keys.index(key) if key in keys else 0
    return keys[place - 1] if place else ""


def _stand_ins(row: Mapping[str, Content]) -> list[dict[str, Content]]:
    found = row.get("stand_ins")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
