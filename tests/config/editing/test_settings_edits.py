from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from config.editing.refusals import EditRefused
from config.editing.settings import _ORDER, EDITABLE, change_ladder, change_settings, refuse_forbidden
from config.schemas import settings_schema
from tests.config.editing.conftest import SETTINGS, gone_and_come

if TYPE_CHECKING:
    from tests.config.conftest import Home


def test_every_field_has_its_place_and_only_known_ones_are_editable() -> None:
    known = set(settings_schema()["properties"])

    assert set(EDITABLE) < set(_ORDER) <= known


def test_the_start_day_changes_with_its_quotes_and_its_comment() -> None:
    text = SETTINGS.replace("{silent_before}", "2026-01-01")

    assert gone_and_come(text, change_settings(text, {"silent_before": date(2026, 3, 1)}))[1] == [
        'silent_before: "2026-03-01"    # 启用日：此前到期的只记录，不提醒，也不算逾期\n'
    ]


def test_a_second_admin_comes_below_the_first_and_goes_again() -> None:
    text = change_settings(SETTINGS, {"second_admin": "zhaoli"})

    assert gone_and_come(SETTINGS, text) == ([], ["second_admin: zhaoli\n"])
    assert "\nsecond_admin: zhaoli\n# second_admin: zhaoli " in text
    assert change_settings(text, {"second_admin": None}) == SETTINGS


def test_a_ladder_is_changed_or_added(home: Home) -> None:
    text = change_ladder(SETTINGS, "weekly", "T0 T+1")
    more = change_ladder("office: 某镇\nadmin: lisi\n", "standard", "T-3 T0")

    assert gone_and_come(SETTINGS, text)[1] == ['  weekly: "T0 T+1"\n']
    assert more == "office: 某镇\nadmin: lisi\nladders: {standard: T-3 T0}\n"
    assert "\n  quick2: T0\n" in change_ladder(SETTINGS, "quick2", "T0")


@pytest.mark.parametrize("name", ["database_url", "ping_url", "listen", "base_url", "production", "delivery", "secret"])
def test_what_is_no_pages_business_is_refused(name: str) -> None:
    with pytest.raises(EditRefused) as refused:
        change_settings(SETTINGS, {name: "x"})
    assert refused.value.code == "not_editable"

    with pytest.raises(EditRefused, match=name):
        refuse_forbidden(SETTINGS, f"{SETTINGS}\n{name}2: x\n")


def test_the_same_field_written_otherwise_is_no_change() -> None:
    refuse_forbidden(SETTINGS, SETTINGS.replace("prefect_port: 4200 ", "prefect_port: '4200' "))
