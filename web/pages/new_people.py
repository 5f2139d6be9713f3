"""Somebody new, and a new unit."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from config.editing.people import add_person, add_unit
from config.people import FILE
from planning.roster import Unit
from services.errors import Refused
from web.file_change import Change, TextChange, fresh_draft
from web.gate import typed_of
from web.pages.change_steps import Form, Told
from web.pages.person_fields import PERSON_LABELS, PersonFields, UnitFields
from web.party_choice import held_roles, person_choices, unit_choices
from web.shell import Shell

_BACK = ("/people", "回到人员和单位")


class NewPersonForm(Form):
    labels = PERSON_LABELS

    def __init__(self, shell: Shell, request: Request) -> None:
        self.shell = shell
        self.request = request
        self.fields = PersonFields.of_typed(typed_of(request)) if request.method == "POST" else PersonFields()
        self.heading = f"添加人员 {self.fields.name}".strip()
        self.about = f"new person {self.fields.key}"
        self.back = (f"/people/{self.fields.key}", f"看{self.fields.name}")

    def show(self, told: Told) -> Response:
        app = self.shell.app
        return self.shell.page(
            self.request,
            "new_person.html",
            code=told.code,
            told=told,
            fields=self.fields,
            order=[(one.key, one.name) for one in app.roster.people.values()],
            units=unit_choices(app.roster),
            channels=list(app.office.declared_channels or {}),
            posts=held_roles(app.roster, app.today()),
        )

    def change(self) -> Change:
        fields = self.fields
        if not fields.key or not fields.name:
            raise Refused("请填写代号和姓名。", code="name_missing")
        draft = fresh_draft(self.shell.app)
        return TextChange(
            self.shell.app, draft.edit(FILE, lambda text: add_person(text, fields.new(), after=fields.after or None))
        )


class NewUnitForm(Form):
    labels = PERSON_LABELS

    def __init__(self, shell: Shell, request: Request) -> None:
        self.shell = shell
        self.request = request
        self.fields = UnitFields.of(typed_of(request)) if request.method == "POST" else UnitFields()
        self.heading = f"添加单位 {self.fields.name}".strip()
        self.about = f"new unit {self.fields.key}"
        self.back = _BACK

    def show(self, told: Told) -> Response:
        app = self.shell.app
        return self.shell.page(
            self.request,
            "new_unit.html",
            code=told.code,
            told=told,
            fields=self.fields,
            units=unit_choices(app.roster),
            people=person_choices(app.roster, app.today()),
            kinds=list(dict.fromkeys(one.kind for one in app.roster.units.values())),
        )

    def change(self) -> Change:
        fields = self.fields
        if not fields.key or not fields.name or not fields.kind:
            raise Refused("请填写代号、名称和类别。", code="name_missing")
        unit = Unit(
            key=fields.key,
            name=fields.name,
            kind=fields.kind,
            parent=fields.parent or None,
            head=fields.head or None,
            contact=fields.contact or None,
        )
        draft = fresh_draft(self.shell.app)
        return TextChange(self.shell.app, draft.edit(FILE, lambda text: add_unit(text, unit, after=fields.after or None)))
