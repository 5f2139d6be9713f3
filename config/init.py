"""A new home: folders, sample files or a pack, the schemas, and the key of the staff links."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from config.problems import Code, Problem, did_you_mean, reason_of, shown
from config.schemas import FOLDER as SCHEMA_FOLDER
from config.schemas import write_schemas
from config.settings import FILE as SETTINGS_FILE

KEY_FILE = "secrets/app.key"
_KEY_BYTES = 32
_FOLDERS = ("calendar", "holidays", "secrets", "data", "data/evidence", "outbox", "prefect", SCHEMA_FOLDER)
_START_DAY = "{silent_before}"
_TEXT_ENDINGS = (".yaml", ".json", ".md")


class InitRefused(Exception):  # noqa: N818 - it is an answer, not a fault
    """The home was not made; ``problem`` says why, the text of the exception is its sentence."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.message}。怎么办：{problem.hint}")
        self.problem = problem


def packs() -> tuple[str, ...]:
    """The packs that can be asked for, by name (township-law)."""
    return tuple(sorted(_pack_name(folder) for folder in _pack_folders()))


def write_home(home: Path, *, pack: str | None, as_of: date) -> list[Path]:
    """Make a home and return the files written. ``as_of`` becomes the silent start date.

    Raises InitRefused when the home has its settings already, the pack is unknown or the folder cannot be written.
    No existing file is ever touched. The settings come last, so that a start that broke off can be repeated.
    """
    source = files("config") / "samples" if pack is None else _pack(pack)
    try:
        if (home / SETTINGS_FILE).exists():
            raise InitRefused(_exists(home))
        return _write(home, source, as_of)
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "路径不合规"
        problem = Problem(
            Code.FILE_UNREADABLE, str(home), None, f"目录 {home} 写不进去（{reason}）", "换一个目录，或检查权限和磁盘空间"
        )
        raise InitRefused(problem) from error


def _write(home: Path, source: Traversable, as_of: date) -> list[Path]:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in _FOLDERS:
        (home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    written = [path for path in [home / KEY_FILE] if _write_new(path, secrets.token_hex(_KEY_BYTES) + "\n")]
    written += write_schemas(home / SCHEMA_FOLDER)
    texts = [*_texts(files("config") / "standard", ""), *_texts(source, "")]
    for name, text in sorted(texts, key=lambda pair: (pair[0] == SETTINGS_FILE, pair[0])):
        path = home / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _write_new(path, text.replace(_START_DAY, as_of.isoformat()) if name == SETTINGS_FILE else text):
            written.append(path)
    return written


def _write_new(path: Path, text: str) -> bool:
    """Write a file for the owner's eyes only; False when it is there already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return True


def _texts(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith(("_", ".")):
            yield from _texts(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_TEXT_ENDINGS):
            yield prefix + entry.name, entry.read_text(encoding="utf-8")


def _pack(name: str) -> Traversable:
    found = next((folder for folder in _pack_folders() if name in {_pack_name(folder), folder.name}), None)
    if found is not None:
        return found
    known = packs()
    hint = did_you_mean(name, known, otherwise="可用的样板：" + "、".join(known))
    raise InitRefused(
        Problem(Code.PACK_UNKNOWN, SETTINGS_FILE, None, f"没有样板 {shown(name)}，可用的有：{'、'.join(known)}", hint)
    )


def _pack_folders() -> list[Traversable]:
    folder = files("config") / "packs"
    return [entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(("_", "."))]


def _pack_name(folder: Traversable) -> str:
    return folder.name.replace("_", "-")


def _exists(home: Path) -> Problem:
    message = f"{home} 已经初始化过（{SETTINGS_FILE} 在那里），没有改动任何文件"
    return Problem(Code.HOME_EXISTS, SETTINGS_FILE, None, message, "换一个空目录；要重来，先把原来的目录改名")
