"""What an edit did to a text, line by line."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

import config

ROOT = Path(config.__file__).parent
SHIPPED = sorted([*ROOT.glob("packs/**/*.yaml"), *ROOT.glob("samples/**/*.yaml"), *ROOT.glob("standard/*.yaml")])
"""Every file that comes with the program."""

PEOPLE = (ROOT / "packs/township_law/people.yaml").read_text(encoding="utf-8")
STUDY = (ROOT / "packs/township_law/calendar/10-study.yaml").read_text(encoding="utf-8")
SETTINGS = (ROOT / "packs/township_law/suishi.yaml").read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def gone_and_come(old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines that an edit took out and put in; line ends count."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    gone: list[str] = []
    come: list[str] = []
    for what, low, high, start, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            gone += before[low:high]
            come += after[start:stop]
    return gone, come
