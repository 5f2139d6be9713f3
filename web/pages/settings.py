"""启用日和设置: the plain settings that a page may change; the others stay with whoever has the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from config.channel_kinds.usage import DETAIL_NAMES
from config.editing.document import Document
from config.editing.field_text import as_typed
from config.editing.ladder_parts import StepRow, ladder_text, rows_of
from config.editing.reading import read_one_ladder
from config.editing.settings import EDITABLE, change_ladder, change_settings
from config.editing.spelling import Content, Value
from config.settings import APPROVAL_NAMES, FILE, Settings
from planning.access import Action
from planning.ladder_sentences import ROLE_NAMES, ladder_sentences
from services.errors import Refused
from web.file_change import Change, TextChange, fresh_draft
from web.gate import Needs, Writes, typed_of
from web.pages import ladder_fields
from web.pages.change_steps import NOTHING, Form, Told, hold_to_seen, seen_again, take_step
from web.pages.ladder_fields import typed_rows
from web.party_choice import person_choices
from web.shell import READ, Shell
from web.typed import iso_day, plain_lines, typed_day

_LADDER = "ladder-"
_PLAIN = ("office", "title", "silent_before", "admin", "second_admin", "remind_at", "day_ends_at")
_CHOSEN = {"message_detail": DETAIL_NAMES, "extension_approval": APPROVAL_NAMES}
_NEW_NAME, _NEW_STEPS = "new_ladder_name", "new-ladder"


@dataclass(frozen=True, slots=True)
class LadderLine:
    """A ladder of the office on the page. ``rows`` is None for a text that cannot be read: it is shown itself."""

    name: str
    text: str
    rows: tuple[StepRow, ...] | None
    sentences: tuple[str, ...]
    touched: bool  # what was typed is not what the file has


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()

    @pages.api_route("/settings", methods=READ, dependencies=[Depends(Needs(shell, Action.EDIT_FILES))])
    def show(request: Request) -> Response:
        return SettingsForm(shell, request).show(NOTHING)

    @pages.post("/settings", dependencies=[Depends(Writes(shell, Action.EDIT_FILES))])
    def change(request: Request) -> Response:
        return take_step(shell, request, SettingsForm(shell, request))

    return pages


class SettingsForm(Form):
    heading = "设置"
    labels = EDITABLE
    about = "settings"
    back = ("/settings", "回到设置")

    def __init__(self, shell: Shell, request: Request) -> None:
        self.shell = shell
        self.app = shell.app
        self.request = request
        self.typed = typed_of(request) if request.method == "POST" else {}

    def change(self) -> Change:
        draft = fresh_draft(self.app)
        whole = _whole(draft.text(FILE))
        hold_to_seen(self.typed, _standing(whole))
        return TextChange(
            self.app, draft.edit(FILE, lambda text: self._written(text, shown(whole, self.app.settings), _ladders(whole)))
        )

    def show(self, told: Told) -> Response:
        whole = _whole(fresh_draft(self.app).text(FILE))
        now = shown(whole, self.app.settings)
        return self.shell.page(
            self.request,
            "settings.html",
            code=told.code,
            told=told,
            fields={**now, **{name: value for name, value in self.typed.items() if name in now}},
            ladders=[self._ladder(name, text) for name, text in _ladders(whole).items()],
            steps=ladder_fields,
            roles=ROLE_NAMES,
            names=EDITABLE,
            chosen=_CHOSEN,
            people=person_choices(self.app.roster, self.app.today()),
            seen=seen_again(told, self.typed, _standing(whole)),
            new_name=self.typed.get(_NEW_NAME, ""),
            new_rows=typed_rows(self.typed, _NEW_STEPS),
        )

    def _ladder(self, name: str, text: str) -> LadderLine:
        steps = read_one_ladder(text)
        rows = None if steps is None else rows_of(steps)
        typed = rows if rows is None or not self.typed else typed_rows(self.typed, f"{_LADDER}{name}")
        shown_text = self.typed.get(f"{_LADDER}{name}", text)
        return LadderLine(name, shown_text, typed, ladder_sentences(steps or ()), typed != rows or shown_text != text)

    def _written(self, text: str, before: Mapping[str, str], ladders: Mapping[str, str]) -> str:
        """The file's text with each field that is other than it was."""
        typed = {name: plain_lines(self.typed.get(name, value)) for name, value in before.items()}
        other = {name: value for name, value in typed.items() if value != before[name]}
        fields: dict[str, Value | None] = {name: self._value(name, value) for name, value in other.items()}
        text = change_settings(text, fields) if fields else text
        for line in (self._ladder(name, steps) for name, steps in ladders.items()):
            if line.touched:
                text = change_ladder(text, line.name, line.text if line.rows is None else ladder_text(line.rows))
        new = self.typed.get(_NEW_NAME, "").strip()
        if new in ladders:
            raise Refused(f"提醒阶梯“{new[:40]}”已经有了，请在上面改，或换一个名字。", code="key_taken")
        return change_ladder(text, new, ladder_text(typed_rows(self.typed, _NEW_STEPS))) if new else text

    def _value(self, name: str, typed: str) -> Value | None:
        if name == "silent_before":
            return typed_day({name: typed}, name, "启用日")
        if name == "windows":
            return [one.strip() for one in typed.splitlines() if one.strip()] or None
        return typed or None


def shown(whole: Mapping[str, Content], settings: Settings) -> dict[str, str]:
    """What the form holds: as the file has it, and where it says nothing, the default in force."""
    fields = {name: as_typed(whole.get(name)) for name in (*_PLAIN, *_CHOSEN)}
    fields["silent_before"] = iso_day(fields["silent_before"])
    fields["title"] = fields["title"] or settings.title
    fields["remind_at"] = fields["remind_at"] or f"{settings.remind_at:%H:%M}"
    fields["day_ends_at"] = fields["day_ends_at"] or f"{settings.day_ends_at:%H:%M}"
    fields["message_detail"] = fields["message_detail"] or settings.message_detail
    fields["extension_approval"] = fields["extension_approval"] or settings.extension_approval
    written = whole.get("windows")
    windows = [as_typed(one) for one in written] if isinstance(written, list) else [str(one) for one in settings.windows]
    fields["windows"] = "\n".join(windows)
    return fields


def _ladders(whole: Mapping[str, Content]) -> Mapping[str, str]:
    """The office's ladders as the file has them, by name."""
    ladders = whole.get("ladders")
    return {name: as_typed(steps) for name, steps in ladders.items()} if isinstance(ladders, dict) else {}


def _whole(text: str) -> Mapping[str, Content]:
    found = Document.of(text).get(())
    return found if isinstance(found, dict) else {}


def _standing(whole: Mapping[str, Content]) -> Content:
    """What of the file a page may change, and no secret."""
    return {name: value for name, value in whole.items() if name in EDITABLE}
