"""Programs of other people that read what we write, each run in a folder of its own and with nothing of ours around it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path


def ran(*command: str, said: str = "", **environ: str) -> str:
    """What the program prints; a failure of the test when it is not there or unhappy."""
    surroundings = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "Asia/Shanghai", **environ}
    done = subprocess.run(command, input=said, capture_output=True, text=True, env=surroundings, timeout=60, check=True)
    return done.stdout


@dataclass
class Khal:
    """A calendar of its own in a folder of its own."""

    folder: Path

    def __post_init__(self) -> None:
        self.calendar.mkdir()
        written = f"""\
[calendars]
[[office]]
path = {self.calendar}
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Asia/Shanghai
default_timezone = Asia/Shanghai
[sqlite]
path = {self.folder}/khal.db
[default]
default_calendar = office
"""
        (self.folder / "config").write_text(written, encoding="utf-8")

    @property
    def calendar(self) -> Path:
        """Where its entries lie, one file each."""
        return self.folder / "calendar"

    def _ran(self, *command: str) -> str:
        return ran("khal", "-c", str(self.folder / "config"), *command, HOME=str(self.folder))

    def take(self, text: str) -> None:
        path = self.folder / "taken.ics"
        path.write_bytes(text.encode())
        self._ran("import", "--batch", "-a", "office", str(path))

    def shows(self, since: date, days: int = 30) -> list[str]:
        form = "{start-date} {start-time}-{end-time} {title} {status}"
        asked = ("list", "--day-format", "", "--format", form, since.isoformat(), f"{days}d")
        return [line.strip() for line in self._ran(*asked).splitlines() if line.strip()]


@dataclass
class Vdirsyncer:
    """Follows a calendar on the web into the folder that khal shows."""

    khal: Khal
    url: str

    def __post_init__(self) -> None:
        folder = self.khal.folder
        written = f"""\
[general]
status_path = "{folder}/status/"
[pair office]
a = "web"
b = "here"
collections = null
[storage web]
type = "http"
url = "{self.url}"
[storage here]
type = "filesystem"
path = "{self.khal.calendar}"
fileext = ".ics"
"""
        (folder / "vdirsyncer").write_text(written, encoding="utf-8")
        self._ran("discover")

    def _ran(self, command: str) -> None:
        ran("vdirsyncer", "-c", str(self.khal.folder / "vdirsyncer"), command, HOME=str(self.khal.folder))

    def follow(self) -> None:
        """Fetch the calendar again."""
        self._ran("sync")
