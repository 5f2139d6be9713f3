"""The house itself: every room has a floor, a size and a name that says what it is for."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"}
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.parent.name != "versions")
LARGEST_FILE, LARGEST_FUNCTION, LARGEST_FLOW = 400, 60, 40


def test_every_package_has_a_layer() -> None:
    contracts = SETTINGS["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    assert placed == PACKAGES
    assert set(SETTINGS["tool"]["importlinter"]["root_packages"]) == PACKAGES
    assert set(SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_is_small_enough_to_be_seen_at_a_glance(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LARGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno + 1 <= LARGEST_FUNCTION, node.name


def test_no_room_is_named_for_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [path for path in SOURCES if path.stem in empty] == []


def test_a_flow_is_a_rim() -> None:
    flows = [
        path for path in SOURCES if path.parent.name == "flows" and re.search(r"^@flow", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert flows
    for path in flows:
        assert path.read_text(encoding="utf-8").count("\n") <= LARGEST_FLOW, path.name


def test_no_flow_file_hides_a_standard_module() -> None:
    import sys

    assert [path.name for path in (ROOT / "flows").glob("*.py") if path.stem in sys.stdlib_module_names] == []


def test_no_address_of_an_index_and_no_secret_is_kept() -> None:
    hosts = re.compile(r"py[p]i\.org|python[h]osted\.org|npm[j]s\.(org|com)|deb\.de[b]ian\.org")  # finds not itself
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    texts = [name for name in listed if Path(name).suffix not in {".png", ".ico", ".xlsx", ".docx", ".db"}]
    found = [name for name in texts if hosts.search((ROOT / name).read_text("utf-8", "replace"))]
    assert found == []
    assert "uv.lock" not in listed


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CHANGELOG.md", "docs/admin.md", "docs/glossary.md"])
def test_the_papers_are_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 500


def test_every_command_is_in_the_admin_page() -> None:
    from cli.main import _COMMANDS

    page = (ROOT / "docs/admin.md").read_text(encoding="utf-8")
    assert [name for _, name, _, _ in _COMMANDS if f"suishi {name}" not in page] == []
