"""A form of a page, as a browser without scripts would send it: every field with what stands in it, then what is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

_NUMBERED = re.compile(r"_\d")


@dataclass
class Filled:
    action: str
    fields: dict[str, str] = field(default_factory=dict)

    def send(self, town: Any, step: str = "", **typed: str) -> httpx.Response:
        """Press the button ``step``; a field of a row, way-0-address, comes as ``way_0_address``."""
        named = {name.replace("_", "-") if _NUMBERED.search(name) else name: value for name, value in typed.items()}
        sent = {**self.fields, **named, **({"step": step} if step else {})}
        answer: httpx.Response = town.post(self.action, data=sent)
        return answer


def form_at(page: httpx.Response, action: str) -> Filled:
    """The first form of the page that goes to ``action``."""
    forms = forms_of(page)
    found = [form for form in forms if form.action == action]
    assert found, f"no form goes to {action}: {[form.action for form in forms]}"
    return found[0]


def forms_of(page: httpx.Response) -> list[Filled]:
    reader = _Reader()
    reader.feed(page.text)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Filled] = []
        self.select = self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Filled(named.get("action", "")))
        if not self.forms:
            return
        fields = self.forms[-1].fields
        name = named.get("name", "")
        if tag == "input" and name and (named.get("type") not in {"checkbox", "radio"} or "checked" in named):
            fields[name] = named.get("value", "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in named or self.select not in fields):
            fields[self.select] = named.get("value", "")
        elif tag == "textarea":
            self.textarea = name
            fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.forms[-1].fields[self.textarea] += data
