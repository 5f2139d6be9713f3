"""``delivery:`` in suishi.yaml."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from config.delivery_section import FLAGS, LISTS, NUMBERS
from config.settings import Settings, read_settings
from planning.delivery_rules import DeliveryRules

if TYPE_CHECKING:
    from tests.config.conftest import Home

EVERYTHING = """\
delivery:
  stale_after_days: 7
  most_tries: 5
  backoff_minutes: [2, 10, 30]
  breaker_minutes: [3, 3, 9]
  tell_after_faults: 2
  give_up_hours: 12
  give_up_hours_when_due: 1
  half_day_limit: false
  catch_up_limit: 50
  catch_up_release_hours: 4
  early_minutes: 0
  clock_tolerance_seconds: 60
  longest_gap_days: 30
  tick_patience_seconds: 120
  retell_hours: 48
"""
CHOSEN = DeliveryRules(
    stale_after_days=7,
    most_tries=5,
    backoff_minutes=(2, 10, 30),
    breaker_minutes=(3, 3, 9),
    tell_after_faults=2,
    give_up_hours=12,
    give_up_hours_when_due=1,
    half_day_limit=False,
    catch_up_limit=50,
    catch_up_release_hours=4,
    early_minutes=0,
    clock_tolerance_seconds=60,
    longest_gap_days=30,
    tick_patience_seconds=120,
    retell_hours=48,
)


def read(home: Home, text: str, **environ: str) -> tuple[Settings, list[tuple[str, int | None, str]]]:
    home.write("suishi.yaml", "office: 某某镇\nadmin: zhangsan\n" + text)
    settings, problems = read_settings(home.folder, environ=environ, people={"zhangsan", "lisi"})
    assert settings is not None
    assert "canary" not in str(problems)
    return settings, [(problem.code.value, problem.line, problem.severity) for problem in problems]


def test_every_rule_of_delivery_can_be_written(home: Home) -> None:
    settings, problems = read(home, EVERYTHING)

    assert problems == []
    assert settings.delivery == CHOSEN


def test_the_section_knows_every_rule_there_is() -> None:
    assert {*NUMBERS, *LISTS, *FLAGS} == {field.name for field in fields(DeliveryRules)}


def test_every_default_lies_within_its_bounds() -> None:
    default = DeliveryRules()
    assert all(bounds.least <= getattr(default, name) <= bounds.most for name, bounds in NUMBERS.items())
    assert all(bounds.least <= minutes <= bounds.most for name, bounds in LISTS.items() for minutes in getattr(default, name))


def test_what_is_not_written_keeps_its_default(home: Home) -> None:
    settings, problems = read(home, "delivery: {most_tries: 3}\n")

    assert problems == []
    assert settings.delivery == DeliveryRules(most_tries=3)


def test_the_older_place_of_the_stale_limit_is_still_read(home: Home) -> None:
    settings, problems = read(home, "stale_after_days: 9\ndelivery: {most_tries: 3}\n")

    assert problems == []
    assert settings.delivery == DeliveryRules(stale_after_days=9, most_tries=3)


@pytest.mark.parametrize(("name", "bounds"), NUMBERS.items())
def test_a_number_out_of_bounds_is_told_and_the_default_stands(home: Home, name: str, bounds: object) -> None:
    settings, problems = read(home, f"delivery:\n  {name}: {NUMBERS[name].most + 1}\n")

    assert problems == [("FLD005", 4, "error")]
    assert settings.delivery == DeliveryRules()


@pytest.mark.parametrize("minutes", ["[0, 5]", "[1, 20000]", "[1, five]", "[5, 1]", "[1, [2]]", "[" + "1, " * 20 + "1]"])
def test_a_list_of_minutes_that_makes_no_sense_is_told(home: Home, minutes: str) -> None:
    _, problems = read(home, f"delivery:\n  backoff_minutes: {minutes}\n")

    assert problems
    assert {line for _, line, _ in problems} == {4}


# -- the other settings that delivery leans on ---------------------------------------------------------


def test_a_second_admin_an_outside_watch_and_who_approves(home: Home) -> None:
    settings, problems = read(
        home,
        "second_admin: lisi\nping_url: ${env:PING}\nextension_approval: overseer\n",
        PING="https://hc.caohui.example/ping/canary-1234-5678",
    )

    assert problems == []
    assert (settings.second_admin, settings.extension_approval) == ("lisi", "overseer")
    assert settings.ping_url.reveal() == "https://hc.caohui.example/ping/canary-1234-5678"
    assert "canary" not in repr(settings)


def test_without_them_nothing_is_pinged_and_extensions_need_nobody(home: Home) -> None:
    settings, problems = read(home, "")

    assert problems == []
    assert (settings.second_admin, settings.ping_url.reveal(), settings.extension_approval) == ("", "", "none")


def test_an_address_that_plainly_holds_no_token_may_stand_in_the_file(home: Home) -> None:
    settings, problems = read(home, "ping_url: http://127.0.0.1:8000/ping\n")

    assert problems == []
    assert settings.ping_url.reveal() == "http://127.0.0.1:8000/ping"


def test_a_watch_whose_variable_is_not_set_stops_nothing(home: Home) -> None:
    """A clerk's own shell does not have the service's variables; recording must work there all the same."""
    settings, problems = read(home, "ping_url: ${env:SUISHI_PING_URL}\n")

    assert problems == [("CHN002", 3, "warning")]
    assert settings.ping_url.reveal() == ""
    assert not home.read().unusable


@pytest.mark.parametrize("kept", ["canary", "ftp://hc.caohui.example/canary", "https:///canary", "http://[canary"])
def test_what_is_no_address_is_told_and_not_repeated(home: Home, kept: str) -> None:
    _, problems = read(home, "ping_url: ${env:PING}\n", PING=kept)

    assert problems == [("CHN009", 3, "error")]


def test_one_person_cannot_be_both_admins(home: Home) -> None:
    _, problems = read(home, "second_admin: zhangsan\n")

    assert problems == [("FLD011", 3, "warning")]
