"""What every command stands in: the home, the clock, and how an error leaves the house."""

from __future__ import annotations

import logging
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter

if TYPE_CHECKING:
    from config.app import App

DONE, NO, WRONG_USAGE, BAD_SURROUNDINGS = 0, 1, 2, 3

DEFAULT_HOME = "suishi-home"

_home: list[Path] = []


class Wrong(Exception):  # noqa: N818 - it is an answer, not a fault
    """A user's mistake on the command line, or a state of the surroundings; says what to do."""

    def __init__(self, sentence: str, *, exit_code: int = WRONG_USAGE) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Clock:
    """The time a command works with."""

    now: Annotated[str | None, Parameter(help="当作此刻的时间，如 2026-03-02T09:05+08:00（正式环境不可用）")] = None

    def read(self) -> datetime:
        from config.clock import system_time  # not needed for --help

        if self.now is None:
            return system_time()
        try:
            given = datetime.fromisoformat(self.now)
        except ValueError:
            raise Wrong(f"--now «{self.now}»不是时间，应当像 2026-03-02T09:05+08:00 这样写") from None
        if given.tzinfo is None:
            raise Wrong(f"--now «{self.now}»缺少时区，应当像 2026-03-02T09:05+08:00 这样写")
        return given


def stand_in(home: Path | None) -> None:
    """Remember the home that this call works in."""
    _home[:] = [home or Path(os.environ.get("SUISHI_HOME") or DEFAULT_HOME)]


def home() -> Path:
    return _home[0]


@contextmanager
def opened(clock: Clock | None = None, *, demo: bool | None = None, whole: bool = False) -> Iterator[App]:
    """The app of the home, closed at the end. A fixed time is refused where the settings say production."""
    from config.app import HomeUnusable, open_app  # reading the files is not needed for --help
    from config.clock import system_time

    moment = (clock or Clock()).read() if clock and clock.now else None
    shown_in_demo = demo if demo is not None else os.environ.get("SUISHI_DEMO") == "1"
    try:
        app = open_app(home(), environ=os.environ, clock=lambda: moment or system_time(), demo=shown_in_demo, whole=whole)
    except HomeUnusable as unusable:
        raise Wrong(str(unusable), exit_code=BAD_SURROUNDINGS) from None
    try:
        if moment is not None and app.production:
            raise Wrong("正式环境(production: true)不接受 --now：时间只能来自系统时钟")
        _arm_failpoint(production=app.production)
        yield app
    except HomeUnusable as unusable:
        raise Wrong(str(unusable), exit_code=BAD_SURROUNDINGS) from None
    finally:
        app.close()


def _arm_failpoint(*, production: bool) -> None:
    """``FAILPOINT`` in the environment ends, stops or delays this command at a named point: for tests of a crash."""
    point = os.environ.get("FAILPOINT")
    if not point:
        return
    if production:
        raise Wrong("正式环境(production: true)不接受 FAILPOINT")
    from services import failpoints  # only a test has one

    try:
        failpoints.arm(point)
    except ValueError as nonsense:
        raise Wrong(str(nonsense)) from None


def run(command: Callable[[], object]) -> int:
    """Run a command; a user's mistake becomes a sentence on stderr, a fault of ours a number and a log entry."""
    try:
        answer = command()
    except CycloptsError as error:
        from cli.usage_faults import usage_sentence  # only for who mistyped

        print(usage_sentence(error), file=sys.stderr)  # noqa: T201 - the command line speaks here
        return WRONG_USAGE
    except Wrong as wrong:
        print(wrong.sentence, file=sys.stderr)  # noqa: T201 - the same
        return wrong.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader (head, less) has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:  # noqa: BLE001 - the outermost rim: whatever else goes wrong is told, logged and numbered
        return _told(error)
    return answer if isinstance(answer, int) else DONE


def _told(error: Exception) -> int:
    from services.errors import Refused  # light, but not needed for --help

    if isinstance(error, Refused):
        print(error.sentence, file=sys.stderr)  # noqa: T201 - the command line speaks here
        return NO
    sentence = _surroundings_sentence(error)
    if sentence is not None:
        print(sentence, file=sys.stderr)  # noqa: T201 - the same
        return BAD_SURROUNDINGS
    number = uuid.uuid4().hex[:8]
    place = _log_fault(number, error)
    sentence = f"程序出错（编号 {number}），没有完成。经过记在 {place}，请把编号和这个文件交给维护人员。"
    print(sentence, file=sys.stderr)  # noqa: T201 - the same
    return BAD_SURROUNDINGS


def _surroundings_sentence(error: Exception) -> str | None:
    """What to say when the house is sound and the ground is not: disk, database, version."""
    kind = type(error).__name__
    if kind == "SchemaMismatch":
        return str(error)
    if isinstance(error, PermissionError):
        return f"没有权限读写 {error.filename}：请用安装岁时的账号运行，或改正这个文件的权限"
    if isinstance(error, OSError) and error.filename is not None:
        return f"读写 {error.filename} 失败：{error.strerror}"
    said = str(getattr(error, "orig", error)).lower()
    if kind == "OperationalError" and "locked" in said:
        return "数据库正被另一个程序占用，等了 30 秒仍未空出：请稍后再试"
    if kind == "OperationalError" and ("full" in said or "disk" in said):
        return "磁盘已满或读写失败，什么也没有写入：请腾出空间后再试"
    if kind == "OperationalError" and ("readonly" in said or "read-only" in said or "unable to open" in said):
        return "数据库不可写：请检查 data 目录的权限"
    if kind == "OperationalError":
        return f"连不上数据库：{getattr(error, 'orig', error)}".strip()
    return None


def _log_fault(number: str, error: Exception) -> Path:
    """Keep the traceback where the admin finds it; the terminal shows none."""
    folder = home() / "logs" if home().is_dir() else Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 - no home to write to
    folder.mkdir(exist_ok=True)
    place = folder / "faults.log"
    handler = logging.FileHandler(place, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("suishi.fault")
    logger.addHandler(handler)
    logger.error("fault %s: %s", number, sys.argv[1:2], exc_info=error)
    handler.close()
    return place
