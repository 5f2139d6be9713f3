"""What a new home shows as an example can be used as it stands, once the marks are taken away."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
import yaml

from config.channels import TYPE_NAMES, read_channels
from config.init import packs, write_home
from config.settings import read_settings
from planning.delivery_rules import DeliveryRules

PACKS = [None, *packs()]
SECRETS = {"push.url": "ntfys://push.caohui.example/topic", "hook.url": "https://oa.caohui.example/notice"}


@pytest.fixture(params=PACKS)
def new_home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write_home(tmp_path / "home", pack=request.param, as_of=date(2026, 3, 1))
    return tmp_path / "home"


def test_every_example_of_a_channel_works_without_its_marks(new_home: Path) -> None:
    path = new_home / "channels.yaml"
    text = re.sub(r"(?m)^  # ", "  ", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    for name in re.findall(r"\$\{file:secrets/([^}]+)\}", text):
        secret = new_home / "secrets" / name
        secret.write_text(SECRETS.get(name, "0123456789abcdef") + "\n", encoding="utf-8")
        secret.chmod(0o600)

    channels = read_channels(new_home, {})

    assert channels.problems == ()
    assert sorted(config.type for config in channels.configs.values()) == sorted(TYPE_NAMES)


def test_the_shown_rules_of_delivery_are_the_ones_in_force(new_home: Path) -> None:
    path = new_home / "suishi.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("# delivery:")
    shown = re.match(r"(# .*\n)+", text[start:])
    assert shown is not None
    section = re.sub(r"(?m)^# ", "", shown[0])
    path.write_text(text[:start] + section + text[start + len(shown[0]) :], encoding="utf-8")

    settings, problems = read_settings(new_home, environ={})

    assert problems == ()
    assert settings is not None
    assert settings.delivery == DeliveryRules()
    assert set(yaml.safe_load(section)["delivery"]) == {field.name for field in fields(DeliveryRules)}


def test_why_a_group_gets_no_links_is_said_where_it_is_set(new_home: Path) -> None:
    text = (new_home / "channels.yaml").read_text(encoding="utf-8")

    assert "群里任何人点了都能以他的名义登记" in text
