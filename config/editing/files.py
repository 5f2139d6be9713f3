"""Which files a page may change, and how they are read for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from config.calendar import FOLDER
from config.file_text import read_text
from config.holidays import FOLDER as HOLIDAYS
from config.holidays import LOCAL
from config.people import FILE as PEOPLE_FILE
from config.problems import Sheet, line_text
from config.settings import FILE as SETTINGS_FILE

LOCAL_DAYS = f"{HOLIDAYS}/{LOCAL}"
FOLDERS = (FOLDER, HOLIDAYS)
"""Where files of the office lie besides the home itself."""

_CALENDAR_FILE = re.compile(rf"{FOLDER}/[^/.\x00-\x1f\x7f][^/\x00-\x1f\x7f]*\.yaml")


def is_editable(name: str) -> bool:
    """People, settings, the calendar and local days. Channels and secrets never: no reader of a page may send them elsewhere."""
    return name in {PEOPLE_FILE, SETTINGS_FILE, LOCAL_DAYS} or _CALENDAR_FILE.fullmatch(name) is not None


def editable_files(home: Path) -> Iterator[str]:
    """The names, relative to the home, of those that are there."""
    for path in [home / PEOPLE_FILE, home / SETTINGS_FILE, home / LOCAL_DAYS, *sorted((home / FOLDER).glob("*.yaml"))]:
        name = path.relative_to(home).as_posix()
        if path.exists() and is_editable(name):
            yield name


def read_whole(home: Path, name: str) -> tuple[str, str]:
    """The text with every character it has, a byte order mark and line ends too, and the SHA-256 of its bytes.

    Raises ValueError with a sentence when the strict readers refuse it, OSError when it is gone.
    """
    sheet = Sheet(name)
    if read_text(home / name, sheet) is None:
        raise ValueError(line_text(sheet.problems[0]))
    raw = (home / name).read_bytes()
    return raw.decode("utf-8"), fingerprint(raw)


def fingerprint(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def fingerprint_of(path: Path) -> str:
    """Of a file's bytes; empty when there is no file."""
    try:
        return fingerprint(path.read_bytes())
    except FileNotFoundError:
        return ""
