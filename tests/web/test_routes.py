"""Every route, every role, own and others' things: what may be opened or done is what planning/access.py says, and no more."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from planning.access import AccountRole, Action, Reach, Visitor, may, reach_of
from planning.lookup import unit_and_below
from services.tokens import find_token
from tests.web.all_routes import (
    ANOTHERS,
    BODIES,
    ELSEWHERE,
    MINE,
    SAMPLES,
    UNGATED,
    VISITORS,
    Furnished,
    Thing,
    Way,
    all_ways,
)
from web.api.gate import Program
from web.gate import Needs, Writes
from web.headers import SAFE_METHODS

_ENDS_THE_SESSION = {"/sign-out", "/me/sessions/end", "/me/password"}


@pytest.fixture
def furnished(town: Any) -> Furnished:
    return Furnished(town)


def ways(town: Any) -> list[Way]:
    return all_ways(town.client._transport.app)


def ask(town: Any, way: Way, thing: Thing, *, person: str = "wangmin", key: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if way.method in SAFE_METHODS:
        answer = town.get if way.method == "GET" else town.head
        return answer(thing.address(way), headers=headers)  # type: ignore[no-any-return]
    if way.by_program:
        said = BODIES.get(way.path.rpartition("/")[2], {})
        return town.post(thing.address(way), json=said, headers=headers)  # type: ignore[no-any-return]
    return town.post(thing.address(way), data={"code": town.form_code(person)}, headers=headers)  # type: ignore[no-any-return]


def is_refused(answer: httpx.Response, way: Way, thing: Thing) -> bool:
    """Whether the visitor was told that this is not for him, and not that a form is incomplete or something is not there."""
    if thing.refused == 404:
        return answer.status_code == 404 or (answer.status_code == 403 and "没有权限" in answer.text)
    if way.by_program:
        return answer.status_code == 403 and answer.json()["code"] == "not_allowed"
    return answer.status_code == 403 and (way.method == "HEAD" or "没有权限" in answer.text)


def allowed(way: Way, thing: Thing, visitor: Visitor) -> bool:
    if reach_of(visitor, way.action) is Reach.NONE:
        return False
    return thing.persons is None or may(visitor, way.action, unit=thing.unit, persons=thing.persons)


def test_every_route_has_exactly_one_gate_and_what_changes_something_has_the_one_for_that(town: Any) -> None:
    found = ways(town)
    assert len(found) >= 100
    for way in found:
        assert len(way.gates) == 1, way.name
        (gate,) = way.gates
        if way.by_program:
            assert type(gate) is Program, way.name
        elif way.method in SAFE_METHODS:
            assert type(gate) is Needs, way.name
        else:
            assert (way.method, type(gate)) == ("POST", Writes), way.name


def test_every_route_with_a_parameter_has_its_samples_and_no_sample_is_for_nothing(furnished: Furnished) -> None:
    found = ways(furnished.town)
    assert all(furnished.things(way) for way in found)
    named = {way.path for way in found}
    fixed = {path for path in SAMPLES if not path.startswith(("/s/", "/me/items/", "/api/"))}
    assert fixed <= named
    assert any(way.path in UNGATED for way in found) is False


@pytest.mark.parametrize(("role", "scope"), VISITORS, ids=lambda value: str(value or "all"))
def test_each_role_with_each_scope_may_do_what_the_table_says(furnished: Furnished, role: AccountRole, scope: str | None) -> None:
    town = furnished.town
    units = None if scope is None else unit_and_below(town.app.roster, scope)
    visitor = Visitor(0, "wangmin", "王敏", role, units)
    key = furnished.key_of_a_program("wangmin")
    wrong: list[str] = []
    tried = 0
    town.sign_in("wangmin", role, scope)
    for way in (one for one in ways(town) if one.method != "HEAD"):  # the same route and gate as GET
        for thing in furnished.things(way):
            answer = ask(town, way, thing, key=key if way.by_program else "")
            assert answer.status_code < 500, (way.name, thing, answer.text)
            tried += 1
            if is_refused(answer, way, thing) is allowed(way, thing, visitor):
                wrong.append(f"{way.name} {dict(thing.fills)}: {answer.status_code}")
            if way.action is not Action.ENTER and allowed(way, thing, visitor):
                assert answer.status_code != 401, way.name
                assert "/sign-in" not in answer.headers.get("location", "") or way.path == "/sign-out", way.name
            if way.path in _ENDS_THE_SESSION and way.method == "POST":
                town.sign_in("wangmin", role, scope)
    assert wrong == []
    assert tried >= 130


def test_a_stranger_passes_only_the_doors_that_are_for_everybody(furnished: Furnished) -> None:
    town = furnished.town
    things = {way: furnished.things(way) for way in ways(town)}
    town.sign_out()
    for way, samples in things.items():
        for thing in samples:
            answer = ask(town, way, thing)
            assert answer.status_code < 500, (way.name, thing)
            if way.action is Action.ENTER and not way.by_program:
                assert "/sign-in?" not in answer.headers.get("location", ""), way.name
            elif way.by_program:
                assert (answer.status_code, answer.json()["code"]) == (401, "http_401") or answer.status_code == 401, way.name
            elif way.path == "/sign-out":
                assert answer.headers["location"] == "/sign-in"
            elif way.method in SAFE_METHODS:
                assert answer.status_code == 303, way.name
                assert answer.headers["location"].startswith("/sign-in"), way.name
            else:
                assert (answer.status_code, "登录" in answer.text) == (401, True), way.name


def test_a_form_without_its_code_or_with_anothers_is_not_taken(furnished: Furnished) -> None:
    """What other sites' pages could send: our cookies go along, our codes do not."""
    town = furnished.town
    writing = [way for way in ways(town) if way.method == "POST" and not way.by_program and way.action is not Action.ENTER]
    town.sign_in("wangmin", AccountRole.ADMIN)
    for way in writing:
        thing = furnished.things(way)[0]
        for code in ("", "0" * 64, town.form_code("chenxia"), "码"):
            answer = town.post(thing.address(way), data={"code": code})
            assert (answer.status_code, "没有保存" in answer.text) == (403, True), way.name


def test_somebody_who_left_is_a_stranger(furnished: Furnished) -> None:
    town = furnished.town
    town.sign_in("wangmin", AccountRole.ADMIN)
    key = furnished.key_of_a_program("wangmin")
    people = town.app.home / "people.yaml"
    people.write_text(people.read_text("utf-8").replace("{key: wangmin,", "{key: wangmin, left_on: 2026-04-08,"), "utf-8")
    town.app.reload()
    assert town.get("/list").headers["location"] == "/sign-in?next=%2Flist"
    assert town.get("/api/v1/occurrences", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    town.clock.now -= timedelta(days=1)  # until the day before he is in office
    town.sign_in("wangmin", AccountRole.ADMIN)
    assert town.get("/list").status_code == 200


def test_somebody_whom_the_roster_no_longer_names_is_a_stranger_unless_the_file_has_a_fault(furnished: Furnished) -> None:
    town = furnished.town
    town.sign_in("fenggang", AccountRole.STAFF)
    people = town.app.home / "people.yaml"
    whole = people.read_text("utf-8")
    without = re.sub(r"  - \{key: fenggang,.*\n", "", whole).replace(", head: fenggang", "")
    people.write_text(without, "utf-8")
    town.app.reload()
    assert town.app.office.errors == ()
    assert town.get("/list").status_code == 303
    people.write_text(without + "  - {key: nobody, nmae: 错}\n", "utf-8")
    town.app.reload()
    assert town.app.office.errors
    assert town.get("/list").status_code == 200  # it may be a slip of the pen that will be mended


REFS = {"own": MINE, "of the unit": ANOTHERS, "of another unit": ELSEWHERE}


def test_a_guessed_address_shows_nothing_of_another_unit(furnished: Furnished) -> None:
    """The item, its evidence and every form of it, for an office clerk who sees 司法所 alone."""
    town = furnished.town
    town.sign_in("wangmin", AccountRole.OFFICE, scope="sifasuo")
    titles = {"own": "整改反馈问题", "of the unit": "中心组法治专题学习", "of another unit": "法治政府建设年度报告"}
    for which, ref in REFS.items():
        page, file = town.get(f"/o/{ref}"), town.get(f"/o/{ref}/evidence/1")
        outside = which == "of another unit"
        assert (page.status_code, file.status_code) == ((403, 403) if outside else (200, 200)), which
        assert (titles[which] in page.text) is not outside
        assert (file.headers["content-type"] == "application/octet-stream") is not outside
    listed = town.get("/list?when=2026").text
    assert ELSEWHERE not in listed.replace("%3A", ":")
    assert "法治政府建设年度报告" not in town.get("/list?text=年度报告&unit=dangzhengban").text


def test_a_message_of_another_person_is_not_there(furnished: Furnished) -> None:
    town = furnished.town
    for role, scope, seen in (
        (AccountRole.STAFF, None, [200, 404, 404]),
        (AccountRole.STAFF, "sifasuo", [200, 404, 404]),
        (AccountRole.OFFICE, "sifasuo", [200, 200, 404]),
        (AccountRole.OFFICE, "huilong", [200, 404, 404]),
        (AccountRole.AUDITOR, None, [200, 200, 200]),
    ):
        town.sign_in("wangmin", role, scope)
        for tail in ("", "/mail"):
            answers = [town.get(f"/outbox/T2604-{number:06d}{tail}").status_code for number in (1, 2, 3)]
            assert answers == seen, (role, scope)
        listed = town.get("/outbox").text
        assert [f"T2604-{number:06d}" in listed for number in (1, 2, 3)] == [code == 200 for code in seen]


def test_the_feed_of_another_person_cannot_be_ended(furnished: Furnished) -> None:
    town = furnished.town
    feed = furnished.feed
    town.sign_in("chenxia", AccountRole.STAFF)
    for number in ("1", "2", "0", "-1", "9" * 40, "一", "²"):
        answer = town.post("/me/feeds/revoke", data={"code": town.form_code("chenxia"), "id": number})
        assert answer.status_code == 409, number
    assert find_token(town.app.store, feed, now=town.clock.now) is not None
