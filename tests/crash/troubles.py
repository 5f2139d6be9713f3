"""What may befall a dispatcher besides being killed, each as one small story over a storm's town.

Every story ends with calm ticks and leaves the counting to :meth:`Storm.count`.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.crash.databases import Postgres
from tests.crash.storm import Storm
from tests.crash.works import STEP, read_ledger


def side_by_side(storm: Storm, *, dispatchers: int, messages: int, alone: bool) -> None:
    """Several dispatchers start at once; without the lock only the guarded statements keep them apart."""
    storm.add_many(messages)
    started = [storm.start(alone=alone) for _ in range(dispatchers)]
    assert [storm.zygote.wait(child) for child in started] == [0] * dispatchers
    storm.now += STEP
    storm.calm(1)


def overtaken(storm: Storm, *, point: str) -> None:
    """One dispatcher stands still at the point until its lease has run out and another has sent; then it goes on."""
    storm.add(3)
    standing = storm.start(spec=f"{point}:1:stop", alone=False)
    _wait_until_stopped(standing)
    for _ in range(3):
        storm.now += STEP
        assert storm.run(alone=False) == 0
    os.kill(standing, signal.SIGCONT)
    assert storm.zygote.wait(standing) == 0
    storm.now += STEP
    assert storm.run(alone=False) == 0


def server_falls(storm: Storm, server: Postgres, *, times: int) -> int:
    """The database server ends at a random moment of a tick, and comes back. How many ticks failed of it."""
    failed = 0
    for _ in range(times):
        storm.add()
        child = storm.start(may_fail=True)
        storm.wait_for_mails(storm.drawn.randint(-1, 6))
        server.fall()
        failed += storm.zygote.wait(child) != 0
        server.rise()
        storm.now += STEP
    storm.calm(4)
    return failed


@dataclass(frozen=True, slots=True)
class Full:
    ticks: int
    failed: int


def files_stop_growing(storm: Storm, *, room: range) -> Full:
    """No file may grow beyond so many kilobytes (RLIMIT_FSIZE): the write-ahead log comes to it first."""
    failed = 0
    for kilobytes in room:
        storm.add(3)
        failed += storm.run(file_limit=kilobytes * 1024, may_fail=True) != 0
        storm.now += STEP
    storm.calm(3)
    return Full(len(room), failed)


def disk_fills(storm: Storm, folder: Path, *, room: range) -> Full:
    """The file system has only a few kilobytes left, then the ballast file is deleted."""
    failed = 0
    ballast = folder / "ballast"
    for kilobytes in room:
        storm.add(3)
        _fill(ballast, leaving=kilobytes * 1024)
        failed += storm.run(may_fail=True) != 0
        ballast.unlink()
        storm.now += STEP
    storm.calm(3)
    return Full(len(room), failed)


@contextmanager
def small_disk(place: Path, *, megabytes: int) -> Iterator[Path | None]:
    """A file system of its own, where the process may mount one; else None."""
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(mounting, capture_output=True, check=False).returncode == 0
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def not_writable(storm: Storm) -> int:
    """The database and its folder are read-only for one tick. How it ended."""
    storm.add(3)
    place = Path(storm.url.removeprefix("sqlite:///"))
    parts = [place.parent, *place.parent.glob(f"{place.name}*")]
    modes = [part.stat().st_mode for part in parts]
    for part in parts:
        part.chmod(0o555 if part.is_dir() else 0o444)
    ended = storm.run(may_fail=True, obey_modes=True)
    for part, mode in zip(parts, modes, strict=True):
        part.chmod(mode)
    storm.now += STEP
    storm.calm(1)
    return ended


def locked_out(storm: Storm, *, seconds: float, patience: int) -> tuple[int, float]:
    """Another process holds the write lock all the while. How the tick ended, and after how many seconds."""
    storm.add(3)
    with holding_the_lock(storm.url):
        began = time.monotonic()
        child = storm.start(patience=patience, may_fail=True)
        ended = storm.zygote.wait(child)
        took = time.monotonic() - began
        time.sleep(max(seconds - took, 0))
    storm.now += STEP
    storm.calm(1)
    return ended, took


@contextmanager
def holding_the_lock(url: str) -> Iterator[None]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@dataclass(frozen=True, slots=True)
class Crowd:
    seconds: float
    megabytes: float  # the most that the dispatcher's process ever held


def crowd(storm: Storm, ledger: Path, *, messages: int) -> Crowd:
    """So many messages to as many people, due at once."""
    storm.add_many(messages)
    began = time.monotonic()
    assert storm.run(ledger=str(ledger)) == 0
    took = time.monotonic() - began
    return Crowd(took, read_ledger(ledger, "memory") / 1024)


def _wait_until_stopped(child: int) -> None:
    patience = time.monotonic() + 30
    while Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < patience, "the worker never stood still"
        time.sleep(0.005)


def _fill(ballast: Path, *, leaving: int) -> None:
    free = os.statvfs(ballast.parent).f_bavail * os.statvfs(ballast.parent).f_frsize
    with ballast.open("wb") as file:
        file.write(bytes(max(free - leaving, 0)))
