from __future__ import annotations

from pathlib import Path

import pytest

from config.editing.document import Document
from config.editing.duties import change_duty
from config.editing.field_text import as_typed, from_typed
from config.editing.refusals import EditRefused
from tests.config.editing.conftest import SHIPPED, STUDY, name_of


@pytest.mark.parametrize(
    "typed",
    [
        "3月底",
        "T-7 T-3 T0",
        "{by: 03-31}",
        "{workdays_after: 7, events: {渝曹罚-1: 2026-09-24}}",
        "- {at: T-7, to: [owner, partner], say: 请通知讲授人}\n- {at: T0, to: [owner]}",
        "",
    ],
)
def test_what_is_shown_is_read_back(typed: str) -> None:
    assert as_typed(from_typed(typed, what="时限规则")) == typed  # type: ignore[arg-type]  # what is typed here is content


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_every_rule_and_ladder_of_the_packs_comes_back_as_it_was(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for row in Document.of(text).members(("duties",)):
        assert isinstance(row, dict)
        for name in ("rule", "ladder"):
            shown = as_typed(row.get(name))
            assert from_typed(shown, what=name) == (row.get(name) or "")
            assert change_duty(text, str(row["key"]), {name: from_typed(shown, what=name)}) == text


@pytest.mark.parametrize("typed", ["{by: 03-31", "[a, b", "{a: &x b}", "- {at: T-7\n- {at: T0}", "{a: 1, a: 2}"])
def test_brackets_that_do_not_close_are_told_by_the_fields_name(typed: str) -> None:
    with pytest.raises(EditRefused, match="时限规则") as refused:
        from_typed(typed, what="时限规则")

    assert refused.value.code == "field_faulty"


def test_text_that_looks_like_a_field_of_the_file_stays_text() -> None:
    typed = from_typed("3月底\nowner: person:somebody", what="时限规则")

    changed = change_duty(STUDY, "study-law", {"rule": typed})

    row = Document.of(changed).members(("duties",))[0]
    assert isinstance(row, dict)
    assert row["owner"] == "role:学习秘书"
    assert row["rule"] == "3月底\nowner: person:somebody"
