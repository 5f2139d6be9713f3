from __future__ import annotations

import json
import stat
from datetime import date
from pathlib import Path

import pytest

from config.init import InitRefused, packs, write_home
from config.office import read_office

AS_OF = date(2026, 3, 9)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("pack", [None, *packs()])
def test_a_new_home_has_no_problems(tmp_path: Path, pack: str | None) -> None:
    home = tmp_path / "岁时 home"

    written = write_home(home, pack=pack, as_of=AS_OF)

    office = read_office(home, environ={})
    assert office.problems == ()
    assert office.calendar.duties
    assert office.settings.silent_before == AS_OF
    assert all(path.is_file() for path in written)
    assert home / "suishi.yaml" == written[-1]


def test_only_the_owner_can_look_into_a_new_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_home(home, pack=None, as_of=AS_OF)

    assert {mode(path) for path in home.rglob("*") if path.is_dir()} == {0o700}
    assert mode(home) == 0o700
    assert mode(home / "secrets/app.key") == 0o600
    assert len(bytes.fromhex((home / "secrets/app.key").read_text(encoding="ascii").strip())) == 32


def test_every_home_has_a_key_of_its_own(tmp_path: Path) -> None:
    keys = set()
    for name in ("a", "b"):
        write_home(tmp_path / name, pack=None, as_of=AS_OF)
        keys.add((tmp_path / name / "secrets/app.key").read_text(encoding="ascii"))

    assert len(keys) == 2


def test_a_home_is_never_made_twice(tmp_path: Path) -> None:
    write_home(tmp_path, pack=None, as_of=AS_OF)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(InitRefused, match="已经初始化过") as refused:
        write_home(tmp_path, pack="township-law", as_of=AS_OF)

    assert refused.value.problem.code.value == "HOM002"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_start_that_broke_off_is_completed_without_touching_what_is_there(tmp_path: Path) -> None:
    write_home(tmp_path, pack=None, as_of=AS_OF)
    key = (tmp_path / "secrets/app.key").read_bytes()
    (tmp_path / "suishi.yaml").unlink()
    (tmp_path / "people.yaml").write_text("# 已经改过\n", encoding="utf-8")

    write_home(tmp_path, pack=None, as_of=AS_OF)

    assert (tmp_path / "secrets/app.key").read_bytes() == key
    assert (tmp_path / "people.yaml").read_text(encoding="utf-8") == "# 已经改过\n"
    assert (tmp_path / "suishi.yaml").exists()


def test_an_unknown_pack_lists_the_packs(tmp_path: Path) -> None:
    with pytest.raises(InitRefused) as refused:
        write_home(tmp_path / "home", pack="township-lwa", as_of=AS_OF)

    assert "township-law" in refused.value.problem.message
    assert refused.value.problem.hint == "是不是 township-law?"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("pack", ["../packs/township_law", "", ".", "__pycache__"])
def test_a_pack_is_a_name_and_no_path(tmp_path: Path, pack: str | None) -> None:
    with pytest.raises(InitRefused):
        write_home(tmp_path / "home", pack=pack, as_of=AS_OF)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")

    with pytest.raises(InitRefused, match="不是目录"):
        write_home(tmp_path / "file" / "home", pack=None, as_of=AS_OF)


def test_every_yaml_file_of_a_new_home_names_a_schema_that_is_there(tmp_path: Path) -> None:
    for name, pack in (("plain", None), ("pack", "township-law")):
        home = tmp_path / name
        write_home(home, pack=pack, as_of=AS_OF)
        for path in home.rglob("*.yaml"):
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first.startswith("# yaml-language-server: $schema=")
            schema = path.parent / first.partition("$schema=")[2]
            assert json.loads(schema.read_text(encoding="utf-8"))["$schema"].endswith("2020-12/schema")
