"""The office as it would be: read by the same readers, with the same problems, as ``suishi check`` reads it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from config.editing.change import Draft
from config.editing.files import FOLDERS
from config.office import Office, read_office
from config.problems import Problem

_LINE = re.compile(r"第\d+行")


@dataclass(frozen=True, slots=True)
class Checked:
    """``problems`` are all there would be; ``introduced`` those of them that the files do not have today."""

    office: Office
    problems: tuple[Problem, ...]
    introduced: tuple[Problem, ...]

    @property
    def faults(self) -> tuple[Problem, ...]:
        """The errors among the introduced: with any of them write_draft refuses."""
        return tuple(problem for problem in self.introduced if problem.severity == "error")


def check_draft(home: Path, draft: Draft, *, environ: Mapping[str, str]) -> Checked:
    """Read everything as it would be; nothing in the home is written.

    ``office`` serves to plan on (App.basis_of): its channels are those of today.
    """
    today = read_office(home, environ=environ)
    with _as_it_would_be(home.resolve(), {name: draft.text(name) for name in draft.changed}) as folder:
        read = read_office(folder, environ=environ)
    office = replace(read, home=home, channels=today.channels)
    return Checked(office, read.problems, tuple(_introduced(today.problems, read.problems)))


@contextmanager
def _as_it_would_be(home: Path, texts: Mapping[str, str]) -> Iterator[Path]:
    """A folder of links to everything in the home, with the changed files in their places."""
    with TemporaryDirectory(prefix="suishi-draft-") as name:
        folder = Path(name)
        _link(home, folder, {*FOLDERS, *texts})
        for inner in FOLDERS:
            (folder / inner).mkdir()
            if (home / inner).is_dir():
                _link(home / inner, folder / inner, {Path(file).name for file in texts if file.startswith(f"{inner}/")})
        for file, text in texts.items():
            (folder / file).write_bytes(text.encode())
        yield folder


def _link(source: Path, folder: Path, left_out: Container[str]) -> None:
    for path in source.iterdir():
        if path.name not in left_out:
            (folder / path.name).symlink_to(path)


def _introduced(today: Iterable[Problem], then: Iterable[Problem]) -> Iterator[Problem]:
    """What would be new. An edit moves the lines below it: a problem that only moved is an old one."""
    known = Counter(_sense(problem) for problem in today)
    for problem in then:
        sense = _sense(problem)
        known[sense] -= 1
        if known[sense] < 0:
            yield problem


def _sense(problem: Problem) -> tuple[str, str, str]:
    return problem.code.value, problem.file, _LINE.sub("", problem.message)
