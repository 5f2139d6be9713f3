"""Numbers that no column holds and no machine reads: each is answered as one that nobody has, never with a fault."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.filled_form import form_at
from tests.web.staff_hands import STUDY
from web.typed import HIGHEST_NUMBER, typed_number

LONG = [str(HIGHEST_NUMBER + 1), "9" * 25, "1" * 5000]


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("２０２６", 2026), (str(HIGHEST_NUMBER), HIGHEST_NUMBER), ("", 0), ("x", 0), ("-1", 0), ("²", 0)],
)
def test_digits_are_a_number_and_everything_else_is_none(text: str, number: int) -> None:
    assert typed_number(text) == number


@pytest.mark.parametrize("digits", LONG)
def test_a_number_no_column_holds_is_none(digits: str) -> None:
    assert typed_number(digits) == 0


@pytest.mark.parametrize("digits", LONG)
@pytest.mark.parametrize(
    ("path", "name"),
    [(f"/gather/{STUDY}", "off"), ("/programs/revoke", "id"), ("/me/feeds/revoke", "id"), ("/people/wangmin/test", "number")],
)
def test_in_a_form_it_names_nothing_that_is_there(town: Any, path: str, name: str, digits: str) -> None:
    assert town.post(path, data={"code": town.form_code(), name: digits}).status_code == 409


@pytest.mark.parametrize("digits", LONG)
def test_in_an_address_it_is_not_understood_or_not_there(town: Any, digits: str) -> None:
    sent = {"code": town.form_code(), "answer": "已改"}
    assert town.post(f"/feedback/{digits}/answer", data=sent).status_code == 400
    assert town.get(f"/o/{STUDY}/evidence/{digits}").status_code == 400
    assert town.get(f"/year/{digits}").status_code == 404
    assert town.post(f"/in/{digits}/sign", data={"ticket": "1-x"}).status_code == 400


@pytest.mark.parametrize("digits", LONG)
def test_as_a_time_in_a_ticket_it_opens_nothing(town: Any, digits: str) -> None:
    town.sign_out()
    for mac in ("x", "a" * 20):
        assert town.post("/in/1/sign", data={"ticket": f"{digits}-{mac}", "person": "wangmin"}).status_code == 410


@pytest.mark.parametrize("digits", LONG)
def test_as_a_dutys_first_year_it_is_told_and_nothing_is_written(town: Any, digits: str) -> None:
    calendar = town.app.home / "calendar"
    before = {path: path.read_bytes() for path in calendar.rglob("*.yaml")}
    answer = form_at(town.get("/duties/report"), "/duties/report").send(town, "confirm", from_year=digits)
    assert answer.status_code == 409
    assert {path: path.read_bytes() for path in calendar.rglob("*.yaml")} == before
