"""Copies of the database that were looked at before they are trusted.

A live WAL database must never be copied as a file: the copy may lack whole tables. SQLite writes the copy itself
(``VACUUM INTO``), PostgreSQL's own ``pg_dump`` does on the other side.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, text

from models.store import Store
from planning.chain import GENESIS, entry_hash, short_code
from services.failpoints import reach
from services.problems import close_problem, report_problem

DAYS, WEEKS, MONTHS = 7, 5, 12
"""How many of each are kept: the newest copy of a day, of an ISO week, of a month. The last of a year is kept for ever."""

PROBLEM = "backup"

_NAME = re.compile(r"suishi-(\d{8}T\d{6}Z)\.(db|dump)")
_STAMP = "%Y%m%dT%H%M%SZ"
_LONGEST = 3600  # seconds: a dump that takes longer hangs
_CHUNK = 1 << 20
_UNCHECKED = ".unchecked"


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A copy that passed its checks. ``entries`` and ``head`` are of the completion log inside it."""

    place: Path
    size: int  # bytes
    sha256: str
    entries: int
    head: str  # short code of the last entry; empty when the log is empty
    removed: tuple[str, ...]  # names of older copies that were given up


class BackupFailed(Exception):  # noqa: N818 - its sentence is what the admin reads
    """No copy was kept; the sentence says why and what to do. The older copies are untouched."""

    told = True  # its problem is already written


def back_up(store: Store, folder: Path, *, now: datetime, pg_dump: str | None = None) -> BackedUp:
    """Write, check and keep one copy below ``folder``; then give up the copies that are too many.

    ``pg_dump`` is the program for PostgreSQL. Raises BackupFailed, after the problem was reported.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ending = "db" if store.dialect == "sqlite" else "dump"
    place = folder / f"suishi-{now.astimezone(UTC):{_STAMP}}.{ending}"
    unchecked = place.with_name(f"{place.name}{_UNCHECKED}")
    unchecked.unlink(missing_ok=True)
    _clear(folder, now=now)
    try:
        entries, head = _copy_sqlite(store, unchecked) if ending == "db" else _dump_postgres(store, unchecked, pg_dump)
    except BackupFailed as failed:
        unchecked.unlink(missing_ok=True)
        sentence = str(failed)
        store.transact(lambda db: report_problem(db, key=PROBLEM, kind=PROBLEM, text=sentence, now=now))
        raise
    reach("K1")
    unchecked.chmod(0o600)
    _flush(unchecked)  # neither database does: after a power cut the name would stand over half a copy
    unchecked.replace(place)
    _flush(folder)
    store.transact(lambda db: close_problem(db, key=PROBLEM, now=now))
    removed = too_many(copy.name for copy in folder.iterdir())
    for name in removed:
        (folder / name).unlink(missing_ok=True)
    return BackedUp(place, place.stat().st_size, _digest(place), entries, head, removed)


def _clear(folder: Path, *, now: datetime) -> None:
    """Away with what backups left that were cut off; one of the last hour may still be at work."""
    left = {place.name.removesuffix(_UNCHECKED): place for place in folder.glob(f"*{_UNCHECKED}")}
    for name, made in _dated(left):
        if now - made > timedelta(seconds=_LONGEST):
            left[name].unlink()


def _flush(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def newest(folder: Path) -> datetime | None:
    """When the newest copy was made."""
    names = (copy.name for copy in folder.iterdir()) if folder.is_dir() else ()
    return max((made for _, made in _dated(names)), default=None)


def too_many(names: Iterable[str]) -> tuple[str, ...]:
    """The copies that no rule keeps. Names that are not copies are nobody's business."""
    copies = sorted(_dated(names), key=lambda copy: copy[1], reverse=True)
    kept: set[str] = set()
    rules = (("%Y-%m-%d", DAYS), ("%G-%V", WEEKS), ("%Y-%m", MONTHS), ("%Y", len(copies)))
    for span, most in rules:
        newest_of: dict[str, str] = {}
        for name, made in copies:
            newest_of.setdefault(made.strftime(span), name)
        kept.update(list(newest_of.values())[:most])
    return tuple(sorted(name for name, _ in copies if name not in kept))


def _dated(names: Iterable[str]) -> Iterator[tuple[str, datetime]]:
    for name in names:
        if found := _NAME.fullmatch(name):
            yield name, datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)


def _copy_sqlite(store: Store, place: Path) -> tuple[int, str]:
    with closing(store.engine.raw_connection()) as connection:
        try:
            connection.cursor().execute("VACUUM INTO ?", (str(place),))
        except sqlite3.Error as error:
            raise BackupFailed(f"备份没有写成：{error}。请检查磁盘空间和 {place.parent} 的权限。") from error
    with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True)) as copy:
        found = [said for (said,) in copy.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise BackupFailed(f"备份没有通过完整性检查（{found[0]}），已丢弃。请检查磁盘，并尽快用较早的备份核对数据。")
        if copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise BackupFailed("备份里有互相对不上的行，已丢弃。请联系维护人员核对数据库。")
        columns = "seq, at, actor, via, kind, subject, payload, prev_hash, hash"
        rows = copy.execute(f"SELECT {columns} FROM completion_log ORDER BY seq")  # noqa: S608 - a constant
        return _follow((_Entry(seq, datetime.fromisoformat(at), *rest) for seq, at, *rest in rows), "备份里")


def _dump_postgres(store: Store, place: Path, pg_dump: str | None) -> tuple[int, str]:
    if pg_dump is None:
        raise BackupFailed("数据库是 PostgreSQL，但这台机器上没有 pg_dump，无法备份：请安装与服务器同版本的 postgresql-client。")
    with store.read() as db:
        rows = db.execute(
            text("SELECT seq, at, actor, via, kind, subject, payload, prev_hash, hash FROM completion_log ORDER BY seq")
        )
        followed = _follow((_Entry(*row) for row in rows), "数据库里")
    address: URL = store.engine.url.set(drivername="postgresql", password=None)
    command = [pg_dump, "--format=custom", f"--file={place}", f"--dbname={address.render_as_string(hide_password=False)}"]
    secret = {"PGPASSWORD": store.engine.url.password} if store.engine.url.password else {}  # never on the command line
    try:
        ended = subprocess.run(command, env=secret, capture_output=True, text=True, timeout=_LONGEST, check=False)  # noqa: S603 - our own list, no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackupFailed(f"pg_dump 没有完成：{error}。请检查它能否在命令行运行。") from error
    if ended.returncode != 0:
        raise BackupFailed(f"pg_dump 失败：{ended.stderr.strip()[:300]}。版本不符时请安装与服务器同版本的 postgresql-client。")
    with place.open("rb") as dump:
        if dump.read(5) != b"PGDMP":
            raise BackupFailed("pg_dump 写出的文件不是备份格式，已丢弃。请检查所用的 pg_dump 程序。")
    return followed


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    at: datetime
    actor: str
    via: str
    kind: str
    subject: str
    payload: str
    prev_hash: str
    hash: str


def _follow(entries: Iterable[_Entry], where: str) -> tuple[int, str]:
    """Follow the completion log's chain to its end: how many entries, and the last one's code."""
    count, last = 0, GENESIS
    for entry in entries:
        made = entry_hash(
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor,
            via=entry.via,
            kind=entry.kind,
            subject=entry.subject,
            payload=entry.payload,
            prev_hash=last,
        )
        if entry.seq != count + 1 or entry.prev_hash != last or entry.hash != made:
            sentence = f"{where}的完成记录从第 {count + 1} 条起对不上，本次备份未保留，较早的备份原样保存。"
            raise BackupFailed(f"{sentence}请立即运行 suishi log verify 并联系维护人员。")
        count, last = entry.seq, made
    return count, short_code(last) if count else ""


def _digest(place: Path) -> str:
    made = hashlib.sha256()
    with place.open("rb") as file:
        while part := file.read(_CHUNK):
            made.update(part)
    return made.hexdigest()
