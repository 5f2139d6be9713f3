"""What a home still holds of its samples, and what keeps colleagues from relying on it: warnings with line and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.init import write_home
from config.office import read_office
from config.problems import Code, Problem
from config.readiness import unready

MAIL = """
  mail:
    type: mail
    host: 127.0.0.1
    port: 2525
    security: none
    sender: 法治办 <fazhi@caohui.gov.cn>
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """As a clerk finds it after ``suishi init --pack township-law``."""
    made = tmp_path / "home"
    write_home(made, pack="township-law", as_of=date(2026, 3, 2))
    return made


def told(home: Path, *codes: Code) -> list[Problem]:
    return [one for one in unready(read_office(home, environ={})) if one.code in codes]


def change(place: Path, old: str, new: str) -> None:
    text = place.read_text(encoding="utf-8")
    assert old in text
    place.write_text(text.replace(old, new), encoding="utf-8")


def line(home: Path, one: Problem) -> str:
    assert one.line is not None
    return (home / one.file).read_text(encoding="utf-8").splitlines()[one.line - 1]


def test_nothing_of_it_is_an_error(home: Path) -> None:
    assert {one.severity for one in unready(read_office(home, environ={}))} == {"warning"}
    assert read_office(home, environ={}).problems == ()


def test_every_sample_event_of_the_pack_is_told_on_its_line_until_it_is_gone(home: Path) -> None:
    found = told(home, Code.SAMPLE_EVENTS)
    assert len(found) == 8
    assert all("样例" in line(home, one).partition("#")[0] for one in found)
    place = home / "calendar" / "20-inspection.yaml"
    change(place, "{样例检查-1: ", "{检查-1: ")
    assert len(told(home, Code.SAMPLE_EVENTS)) == 7
    change(place, "workdays_after: 20, events: {样例强-1: ", "workdays_after: 20, events: {}}   # {样例强-1: ")
    assert len(told(home, Code.SAMPLE_EVENTS)) == 6
    assert read_office(home, environ={}).problems == ()


def test_sample_people_are_told_in_one_sentence_where_they_begin(home: Path) -> None:
    (one,) = told(home, Code.SAMPLE_PEOPLE)
    assert "罗辉、李国强、王建华 等 28 人" in one.message
    assert "luohui@caohui.example" in line(home, one)
    change(home / "people.yaml", "@caohui.example", "@caohui.gov.cn")
    assert told(home, Code.SAMPLE_PEOPLE) == []


def test_an_office_with_the_outbox_alone_is_told_that_nobody_receives_anything(home: Path) -> None:
    (one,) = told(home, Code.NOBODY_RECEIVES)
    assert (one.file, line(home, one).strip()) == ("channels.yaml", "outbox:")
    change(home / "channels.yaml", "    type: outbox\n", "    type: outbox\n" + MAIL)
    assert told(home, Code.NOBODY_RECEIVES) == []


def test_links_that_open_on_the_server_alone_are_told_once_somebody_may_get_them(home: Path) -> None:
    assert told(home, Code.DEAD_LINKS) == []
    change(home / "suishi.yaml", "production: false", "production: true")
    (one,) = told(home, Code.DEAD_LINKS)
    assert line(home, one).startswith("base_url:")
    change(home / "suishi.yaml", "production: true", "production: false")
    change(home / "channels.yaml", "    type: outbox\n", "    type: outbox\n" + MAIL)
    assert len(told(home, Code.DEAD_LINKS)) == 1
    for dead in ("http://localhost:8600", "http://[::1]:8600", "http://0.0.0.0:8600"):
        change(home / "suishi.yaml", "base_url: http", f"base_url: {dead} # http")
        assert len(told(home, Code.DEAD_LINKS)) == 1
    change(home / "suishi.yaml", "base_url: http", "base_url: http://10.1.2.3:8600 # http")
    assert told(home, Code.DEAD_LINKS) == []
