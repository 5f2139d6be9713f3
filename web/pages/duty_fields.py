"""The fields of a duty's form: from the file, from what was typed, and what of it is to be written.

Only what differs from the file is written, field by field: what nobody touched keeps every byte and comment.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Self

from config.editing.duties import FieldValue
from config.editing.field_text import as_typed
from config.editing.ladder_parts import USUAL_LADDER, LadderParts, ladder_parts_of
from config.editing.rule_parts import RuleParts, parts_of
from config.editing.spelling import Content
from planning.duty import Measure
from services.errors import Refused
from web.pages.ladder_fields import typed_ladder
from web.pages.rule_fields import NEW_RULE, typed_rule
from web.typed import plain_lines, typed_number

FLAGS = {
    "zero_report": "可以报“无”（无事报平安）",
    "evidence_required": "必须交佐证",
    "sign_off": "要由验收人销号",
    "login_required": "须先登录才能登记",
}
"""Ticks of the form, and what they say."""

_TEXTS = ("title", "basis", "basis_mark", "owner", "overseer", "leader", "verifier", "shift", "note")
_YEARS = ("from_year", "until_year")
_NEW = ("key", "kind", "for_each")
_TICKED = "1"
_TRUE = "true"
_MOST_ROWS = 20
_SPARE_MEASURES, _SPARE_PARTNERS = 2, 2
_THEME = re.compile(r"\s*([0-9A-Za-z-]+)\s*[:：、.\s]\s*(\S.*?)\s*")


@dataclass(frozen=True, slots=True)
class DutyFields:
    texts: Mapping[str, str] = field(default_factory=dict)  # by the name of the field; flags hold "1" or nothing
    partners: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    rule: RuleParts = NEW_RULE
    ladder: LadderParts = USUAL_LADDER

    @classmethod
    def of_row(cls, row: Mapping[str, Content], ladders: Collection[str]) -> Self:
        """As the file has it. ``ladders`` are the names of the office's."""
        texts = {name: plain_lines(as_typed(row.get(name))) for name in (*_TEXTS, *_YEARS, *_NEW)}
        texts |= {name: _TICKED if as_typed(row.get(name)).lower() == _TRUE else "" for name in FLAGS}
        texts["evidence"] = "\n".join(_listed(row.get("evidence")))
        themes = row.get("themes")
        texts["themes"] = "\n".join(f"{part}：{as_typed(title)}" for part, title in _named(themes).items())
        rows = row.get("measures")
        measures = tuple(_measure(one) for one in rows if isinstance(one, dict)) if isinstance(rows, list) else ()
        rule = parts_of(row["rule"]) if row.get("rule") else NEW_RULE
        return cls(texts, _listed(row.get("partners")), measures, rule, ladder_parts_of(row.get("ladder"), ladders))

    @classmethod
    def of_typed(cls, typed: Mapping[str, str]) -> Self:
        """As the form sends it."""
        names = (*_TEXTS, *_YEARS, *_NEW, *FLAGS, "evidence", "themes")
        texts = {name: plain_lines(typed.get(name, "")) for name in names}
        partners = (typed.get(f"partner-{at}", "").strip() for at in range(_MOST_ROWS))
        measures = (
            Measure(
                typed.get(f"measure-{at}-name", "").strip(),
                typed.get(f"measure-{at}-unit", "").strip(),
                required=typed.get(f"measure-{at}-required") == _TICKED,
            )
            for at in range(_MOST_ROWS)
        )
        named = tuple(one for one in measures if one.name or one.unit)
        return cls(texts, tuple(filter(None, partners)), named, typed_rule(typed), typed_ladder(typed))

    @property
    def partner_rows(self) -> tuple[str, ...]:
        return self.partners + ("",) * _SPARE_PARTNERS

    @property
    def measure_rows(self) -> tuple[Measure, ...]:
        return self.measures + (Measure("", ""),) * _SPARE_MEASURES

    def changes(self, before: Self) -> dict[str, FieldValue]:
        """Each field that is other than it was, as the engine takes it. Raises EditRefused (field_faulty), Refused."""
        changed: dict[str, FieldValue] = {
            name: self._value(name)
            for name, text in self.texts.items()
            if name not in _NEW and text != before.texts.get(name, "")
        }
        if self.partners != before.partners:
            changed["partners"] = list(self.partners)
        if self.measures != before.measures:
            changed["measures"] = list(self.measures)
        if self.rule != before.rule:
            changed["rule"] = self.rule.value()
        if self.ladder != before.ladder:
            changed["ladder"] = self.ladder.value()
        return changed

    def new(self) -> dict[str, FieldValue]:
        """Every field of a duty that is not there yet; those that say nothing are left out by the engine."""
        return {**{name: self.texts.get(name, "") for name in _NEW}, **self.changes(type(self)())}

    def _value(self, name: str) -> FieldValue:
        text = self.texts[name]
        if name in FLAGS:
            return text == _TICKED
        if name in _YEARS:
            return typed_number(text) or text  # what is no year is told by the reader of the file
        if name == "evidence":
            return [one.strip() for one in text.splitlines() if one.strip()]
        return _themes(text) if name == "themes" else text


def _themes(text: str) -> dict[str, str]:
    """Raises Refused (themes)."""
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        read = _THEME.fullmatch(line)
        if read is None:
            raise Refused(f"每期标题里“{line.strip()[:40]}”看不懂：一行写一期，如 3：消费者权益保护。", code="themes")
        if read[1] in found:
            raise Refused(f"每期标题里 {read[1]} 写了两次，请留一处。", code="themes")
        found[read[1]] = read[2]
    return found


def _listed(content: Content | None) -> tuple[str, ...]:
    if isinstance(content, str):
        return (content,) if content else ()
    return tuple(one for one in content or () if isinstance(one, str))


def _named(content: Content | None) -> Mapping[str, Content]:
    return content if isinstance(content, dict) else {}


def _measure(row: Mapping[str, Content]) -> Measure:
    required = as_typed(row.get("required")).lower() == _TRUE
    return Measure(as_typed(row.get("name")), as_typed(row.get("unit")), required=required)
