"""One unit: its name, who heads it, who answers for what is addressed to it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from config.editing.change import Draft
from config.editing.refusals import EditRefused
from config.editing.spelling import Content
from config.people import FILE
from web.file_change import Change, TextChange, fresh_draft
from web.gate import typed_of
from web.pages.change_steps import Form, Told, hold_to_seen, seen_again, standing_in
from web.pages.person_fields import UnitFields
from web.party_choice import person_choices, unit_choices
from web.shell import Shell


class UnitForm(Form):
    def __init__(self, shell: Shell, request: Request, key: str) -> None:
        self.shell = shell
        self.request = request
        self.key = key
        known = shell.app.roster.units.get(key)
        self.heading = known.name if known else key
        self.about = f"unit {key}"
        self.back = ("/people", "回到人员和单位")

    def show(self, told: Told) -> Response:
        app = self.shell.app
        row = self._row(fresh_draft(app))
        typed = typed_of(self.request) if self.request.method == "POST" else {}
        return self.shell.page(
            self.request,
            "unit.html",
            code=told.code,
            told=told,
            fields=UnitFields.of(typed or row),
            name=row.get("name", self.key),
            kind=row.get("kind", ""),
            key=self.key,
            seen=seen_again(told, typed, row),
            people=person_choices(app.roster, app.today()),
            parent=dict(unit_choices(app.roster)).get(str(row.get("parent", "")), ""),
        )

    def change(self) -> Change:
        draft = fresh_draft(self.shell.app)
        row = self._row(draft)
        typed = typed_of(self.request)
        hold_to_seen(typed, row)
        before = UnitFields.of(row)
        return TextChange(self.shell.app, draft.edit(FILE, lambda text: UnitFields.of(typed).written_into(text, before)))

    def _row(self, draft: Draft) -> dict[str, Content]:
        row = standing_in(draft.text(FILE), "units", self.key)
        if row is None:
            raise EditRefused("单位名单里没有这个单位。请回到“人员和单位”重新选。", code="unknown_unit")
        return row
