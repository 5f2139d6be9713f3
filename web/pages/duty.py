"""One duty: who does it, by when, and what is asked; changed or newly added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from config.editing.adhoc import FILE as ADHOC
from config.editing.change import Draft
from config.editing.duties import add_duty, change_duty, file_of, free_key
from config.editing.refusals import EditRefused
from config.editing.spelling import Content
from config.editing.trial import Trial, try_rule
from planning.duty import Kind
from planning.ladder_sentences import ROLE_NAMES, ladder_sentences
from planning.lunar import SOLAR_TERMS
from planning.rule_sentences import SPAN_WORDS
from reports.duties import known_keys
from services.errors import Refused
from web.file_change import Change, TextChange, fresh_draft
from web.gate import typed_of
from web.pages import ladder_fields, rule_fields
from web.pages.change_steps import NOTHING, Form, Told, hold_to_seen, seen_again, standing_in, told_of
from web.pages.duty_fields import FLAGS, DutyFields
from web.pages.rule_fields import typed_rule
from web.pages.rule_words import MARK_WORDS, RULE_WORDS, SHIFT_WORDS
from web.party_choice import party_choices
from web.shell import Shell

SHOWN_DAYS = 8
_YEARS_AHEAD = 9
_FIRST_FILE = "calendar/10-duties.yaml"
_BACK = ("/duties", "回到事项")


class DutyForm(Form):
    """A duty that stands in a file."""

    template = "duty.html"

    def __init__(self, shell: Shell, request: Request, key: str) -> None:
        self.shell = shell
        self.app = shell.app
        self.request = request
        self.key = key
        self.typed = typed_of(request) if request.method == "POST" else {}
        self.about = f"duty {key}"
        self.back = _BACK

    @property
    def heading(self) -> str:  # type: ignore[override]  # what was typed may change the title
        return f"事项“{self.typed.get('title') or self.key}”"

    def change(self) -> Change:
        draft = fresh_draft(self.app)
        file, row = self._place(draft)
        hold_to_seen(self.typed, row)
        changes = DutyFields.of_typed(self.typed).changes(self._standing(row))
        return TextChange(self.app, draft.edit(file, lambda text: change_duty(text, self.key, changes)))

    def show(self, told: Told, *, trial: Trial | None = None) -> Response:
        file, row = self._place(fresh_draft(self.app))
        fields = DutyFields.of_typed(self.typed) if self.typed else self._standing(row)
        return self._page(told, trial, fields, {"file": file, "row": row, "seen": seen_again(told, self.typed, row)})

    def show_trial(self) -> Response:
        """The next days of the rule as it is typed; nothing else of the form is judged."""
        app = self.app
        try:
            rule = typed_rule(self.typed).value()
        except EditRefused as refusal:
            return self.show(told_of(self.request, refusal))
        today = app.today()
        years = range(today.year - 1, today.year + _YEARS_AHEAD)
        shift = self.typed.get("shift", "")
        return self.show(NOTHING, trial=try_rule(rule, shift, workdays=app.workdays, years=years, on=today, count=SHOWN_DAYS))

    def _page(self, told: Told, trial: Trial | None, fields: DutyFields, place: Mapping[str, Any]) -> Response:
        app = self.app
        settings = app.settings
        return self.shell.page(
            self.request,
            self.template,
            code=told.code,
            told=told,
            trial=trial,
            fields=fields,
            key=self.key,
            flags=FLAGS,
            parties=party_choices(app.roster, app.today()),
            ladders={name: ladder_sentences(steps) for name, steps in settings.ladders.items()},
            usual_ladders={kind.value: ladder_sentences(settings.ladder_for(kind)) for kind in Kind},
            rules=rule_fields,
            steps=ladder_fields,
            spans=SPAN_WORDS,
            terms=SOLAR_TERMS,
            roles=ROLE_NAMES,
            rule_words=RULE_WORDS,
            shift_words=SHIFT_WORDS,
            mark_words=MARK_WORDS,
            **place,
        )

    def _standing(self, row: Mapping[str, Content]) -> DutyFields:
        return DutyFields.of_row(row, self.app.settings.ladders)

    def _place(self, draft: Draft) -> tuple[str, dict[str, Content]]:
        """The file and what it says. Raises EditRefused: unknown_duty, file_faulty."""
        file = file_of(draft, self.key)
        row = standing_in(draft.text(file), "duties", self.key)
        if row is None:
            raise EditRefused("事项文件里没有这一条。请回到“事项”重新选。", code="unknown_duty")
        return file, row


class NewDutyForm(DutyForm):
    """A duty that is not there yet; another one may be its model."""

    template = "new_duty.html"

    def __init__(self, shell: Shell, request: Request) -> None:
        super().__init__(shell, request, typed_of(request).get("key", "") if request.method == "POST" else "")
        self.model = self.typed.get("model", "") or request.query_params.get("copy", "")
        self.about = f"new duty {self.key}"

    def change(self) -> Change:
        fields = DutyFields.of_typed(self.typed)
        kind = fields.texts["kind"]
        if not kind:
            raise Refused("请选择类别。", code="kind_missing")
        draft = fresh_draft(self.app)
        file = self.typed.get("file") or _beside_its_kind(draft, kind, self._files(draft))
        if file not in self._files(draft):
            raise Refused("请选择写进哪个文件。", code="unknown_file")
        key = fields.texts["key"] or free_key(draft, kind, taken=known_keys(self.app.store, prefix=f"{kind}-"))
        _refuse_known(draft, key)
        in_model = self.model and standing_in(draft.text(file), "duties", self.model) is not None
        new, after = {**fields.new(), "key": key}, self.model if in_model else None
        return TextChange(self.app, draft.edit(file, lambda text: add_duty(text or "duties: []\n", new, after=after)))

    def show(self, told: Told, *, trial: Trial | None = None) -> Response:
        draft = fresh_draft(self.app)
        files = self._files(draft)
        file, row = self._model(draft)
        fields = DutyFields.of_typed(self.typed) if self.typed else self._standing({**row, "key": "", "period": ""})
        chosen = self.typed.get("file") or file
        place = {"files": files, "file": chosen, "model": self.model, "kinds": self._unit_kinds()}
        return self._page(told, trial, fields, place)

    def _model(self, draft: Draft) -> tuple[str, Mapping[str, Content]]:
        """The file and the row of the duty that is copied; nothing without one."""
        if not self.model:
            return "", {}
        try:
            file = file_of(draft, self.model)
        except EditRefused:
            return "", {}
        return file, standing_in(draft.text(file), "duties", self.model) or {}

    def _files(self, draft: Draft) -> dict[str, str]:
        """The calendar files, each with the titles it begins with; one to be made where there are none."""
        names = [name for name in draft.calendar_files if name != ADHOC]
        return {name: _about_file(draft.text(name)) for name in names} or {_FIRST_FILE: ""}

    def _unit_kinds(self) -> list[str]:
        return list(dict.fromkeys(unit.kind for unit in self.app.roster.units.values()))


def _refuse_known(draft: Draft, key: str) -> None:
    """The same key must not stand in another file either."""
    try:
        where = file_of(draft, key)
    except EditRefused:
        return
    raise Refused(f"代号“{key[:60]}”在 {where} 里已经有了：请换一个，代号只用一次。", code="key_taken")


def _beside_its_kind(draft: Draft, kind: str, files: Iterable[str]) -> str:
    """The file that holds most duties of the kind; the first one where no file holds any."""
    return max(files, key=lambda name: draft.text(name).count(f"kind: {kind}"))


def _about_file(text: str) -> str:
    """The file's own first words: its comment says what it is for."""
    comments = (line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#") and "$schema" not in line)
    return next(comments, "")[:40]
