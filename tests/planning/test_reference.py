"""The name by which people call an occurrence, as they type it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.reference import reference, split_reference

PART = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters=":："), min_size=1)


@given(PART, PART)
def test_a_reference_is_read_as_it_was_written(key: str, period: str) -> None:
    assert split_reference(reference(key, period)) == (key, period)


def test_the_colon_of_a_chinese_keyboard_and_blanks_around_are_taken() -> None:
    assert split_reference(" study-law：2026-Q1\n") == ("study-law", "2026-Q1")


@pytest.mark.parametrize("ref", ["", "study-law", "study-law:", ":2026", "study\x00law:2026", "study-law:20\x0026", "a:\ud800"])
def test_what_is_no_reference_or_holds_what_nobody_sees_is_refused_in_printable_words(ref: str) -> None:
    with pytest.raises(ValueError, match="不是办理项编号") as told:
        split_reference(ref)

    assert str(told.value).isprintable()
