"""What faults cost: every figure of lost and doubled messages, measured anew and printed as one table.

python -m benchmarks.faults [--quick] [--only matrix,storm,…]

The whole takes about half an hour on two cores; --quick does a bounded part of each in a few minutes. Exit status 1
when a row is not as expected. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.fault_table import Progress, Row, show
from benchmarks.page_while_locked import page_while_locked
from services.failpoints import POINTS as NAMED
from tests.crash import troubles
from tests.crash.databases import Databases, Postgres, SqliteFiles, postgres
from tests.crash.failing_files import Stage
from tests.crash.half_open import line_goes_dead
from tests.crash.matrix import POINTS, Bench
from tests.crash.storm import Storm, Zygote, hatching, storm


@dataclass(frozen=True, slots=True)
class Size:
    """How much of each is done."""

    kills: int
    added: int  # messages before each kill
    side_by_side: int  # messages
    falls: int
    crowd: int
    locked: float  # seconds
    patience: int  # of a tick, in seconds
    silence: int  # of a database server, in seconds
    stride: int  # every so many positions of a failing write
    every_nth: bool


WHOLE = Size(200, 25, 2_000, 20, 10_000, 40, 30, 35, 1, every_nth=True)
QUICK = Size(10, 6, 200, 3, 1_000, 4, 2, 3, 12, every_nth=False)


@dataclass(frozen=True, slots=True)
class Ground:
    """What every part stands on."""

    size: Size
    sqlite: SqliteFiles
    postgres: Postgres
    zygote: Zygote
    folder: Path
    progress: Progress

    @property
    def both(self) -> tuple[Databases, ...]:
        return self.sqlite, self.postgres

    def ledger(self, name: str) -> Path:
        made = self.folder / name
        made.mkdir()
        return made


def matrix(ground: Ground) -> Iterator[Row]:
    for databases in ground.both:
        bench = Bench(databases, ground.zygote, ground.ledger(f"matrix-{databases.name}"))
        for work, points in POINTS.items():
            ground.progress.tell(f"crash matrix: {work} on {databases.name}")
            cases = list(bench.cases(work))
            for point in points:
                chosen = [case for case in cases if case.point == point]
                chosen = chosen if ground.size.every_nth else chosen[:1]
                left = [bench.run(case) for case in chosen]
                wanted = sum(case.copies for case in chosen)
                lost, copies = sum(one.lost for one in left), sum(one.copies for one in left)
                wrong = "; ".join(dict.fromkeys(words for one in left for words in one.wrong))
                fine = (lost, copies, wrong) == (0, wanted, "")
                nths = ", ".join(str(case.nth) for case in chosen)
                told = wrong or f"killed at pass {nths}"
                yield Row(f"{point}: {NAMED[point]}", databases.name, len(chosen), lost, copies, f"0 / {wanted}", fine, told)


def kill_storm(ground: Ground) -> Iterator[Row]:
    for databases in ground.both:
        ground.progress.tell(f"{ground.size.kills} kills at random on {databases.name}")
        with storm(databases.fresh(), ground.zygote) as running:
            while running.kills < ground.size.kills:
                running.add_many(ground.size.added)
                running.kill_at_random(added=ground.size.added)
            running.calm(5)
            yield _counted("kill -9 at random", databases, running, running.kills, "0 / ≤ in doubt, most 2")


def dispatchers(ground: Ground) -> Iterator[Row]:
    for databases in ground.both:
        for several in (2, 4):
            ground.progress.tell(f"{several} dispatchers without the lock on {databases.name}")
            with storm(databases.fresh(), ground.zygote) as running:
                troubles.side_by_side(running, dispatchers=several, messages=ground.size.side_by_side, alone=False)
                yield _counted(f"{several} dispatchers, no lock", databases, running, 1, "0 / 0", most_copies=0)


def stopped(ground: Ground) -> Iterator[Row]:
    stories = (
        ("D4", 0, "stopped before it connects, overtaken"),
        ("D5b", 0, "stopped before the marker, overtaken"),
        ("D5c", 1, "stopped between marker and data, overtaken"),
    )
    for databases in ground.both:
        for point, copies, words in stories:
            ground.progress.tell(f"{words} on {databases.name}")
            with storm(databases.fresh(), ground.zygote) as running:
                troubles.overtaken(running, point=point)
                yield _counted(words, databases, running, 1, f"0 / {'≤ ' if copies else ''}{copies}", most_copies=copies)


def server_falls(ground: Ground) -> Iterator[Row]:
    times = ground.size.falls
    ground.progress.tell(f"PostgreSQL ends at once {times} times")
    with storm(ground.postgres.fresh(), ground.zygote) as running:
        failed = troubles.server_falls(running, ground.postgres, times=times)
        row = _counted("pg_ctl stop -m immediate", ground.postgres, running, times, f"0 / ≤ {times}", most_copies=times)
        yield _also(row, f"{failed} ticks failed")


def half_open(ground: Ground) -> Iterator[Row]:
    ground.progress.tell("the line to PostgreSQL goes dead")
    with storm(ground.postgres.fresh(), ground.zygote) as running:
        took = line_goes_dead(running, silence=ground.size.silence)
        row = _counted("half-open line to PostgreSQL", ground.postgres, running, 1, "0 / ≤ 1, gives up ≤ 60 s", most_copies=1)
        yield _also(row, f"gave up after {took:.1f} s", ok=took <= 60)


def disk(ground: Ground) -> Iterator[Row]:
    room = range(4, 1_200, 24 if ground.size.every_nth else 240)
    ground.progress.tell("files stop growing")
    with storm(ground.sqlite.fresh(), ground.zygote) as running:
        full = troubles.files_stop_growing(running, room=room)
        row = _counted("disk full: RLIMIT_FSIZE", ground.sqlite, running, full.ticks, "0 / ≤ in doubt")
        yield _also(row, f"{full.failed} ticks failed", ok=full.failed > 0)
    with troubles.small_disk(ground.folder / "small", megabytes=8) as place:
        if place is None:
            ground.progress.tell("no right to mount a small file system: that row is left out")
            return
        ground.progress.tell("a small file system fills up")
        with storm(SqliteFiles(place).fresh(), ground.zygote) as running:
            full = troubles.disk_fills(running, place, room=room)
            row = _counted("disk full: small tmpfs", ground.sqlite, running, full.ticks, "0 / ≤ in doubt")
            yield _also(row, f"{full.failed} ticks failed", ok=full.failed > 0)


def refused_writes(ground: Ground) -> Iterator[Row]:
    ground.progress.tell("read-only database")
    own = SqliteFiles(ground.ledger("read-only"))
    with storm(own.fresh(), ground.zygote) as running:
        ended = troubles.not_writable(running)
        row = _counted("read-only database", ground.sqlite, running, 1, "0 / 0, the tick fails", most_copies=0)
        yield _also(row, f"the tick ended with {ended}", ok=ended == 1)
    ground.progress.tell(f"database locked for {ground.size.locked:g} s")
    with storm(ground.sqlite.fresh(), ground.zygote) as running:
        ended, took = troubles.locked_out(running, seconds=ground.size.locked, patience=ground.size.patience)
        row = _counted(
            f"locked for {ground.size.locked:g} s", ground.sqlite, running, 1, "0 / 0, fails, next works", most_copies=0
        )
        yield _also(row, f"the tick gave up after {took:.1f} s", ok=ended == 1)
    answered = page_while_locked(ground.ledger("page"))
    expected = "503 “请稍后再试” ≤ 5 s, then 办结 works"
    yield Row("a page while locked", "sqlite", 1, 0, 0, expected, answered.ok, f"{answered.code} after {answered.seconds:.1f} s")


def failing_files(ground: Ground) -> Iterator[Row]:
    stage = Stage(ground.ledger("files"))
    for call, positions in stage.positions().items():
        for lasting in (False, True):
            kths = range(1, positions + 1, ground.size.stride)
            ground.progress.tell(f"{call} fails at {len(kths)} of {positions} positions{', and goes on failing' * lasting}")
            found = [stage.fail_at(call, kth, lasting=lasting) for kth in kths]
            wrong = "; ".join(dict.fromkeys(words for one in found for words in one.wrong))
            exact = sum(one.exact for one in found)
            told = f"{exact} exactly what was acknowledged, {len(found) - exact} one whole transaction more"
            words = f"{call} error at every k, {'lasting' if lasting else 'once'}"
            fine = not wrong and all(one.failed for one in found)
            yield Row(words, "sqlite", len(found), 0, 0, "acknowledged is visible", fine, wrong or told)


def crowd(ground: Ground) -> Iterator[Row]:
    count = ground.size.crowd
    for databases in ground.both:
        ground.progress.tell(f"{count:,} messages due at once on {databases.name}")
        with storm(databases.fresh(), ground.zygote) as running:
            seen = troubles.crowd(running, ground.ledger(f"crowd-{databases.name}"), messages=count)
            expected = "0 / 0, < 200 MB" + (", < 120 s" if databases is ground.sqlite else "")
            row = _counted(f"{count:,} due at once", databases, running, 1, expected, most_copies=0)
            fast = seen.seconds < 120 or databases is not ground.sqlite
            yield _also(row, f"{seen.seconds:.0f} s, {seen.megabytes:.0f} MB", ok=seen.megabytes < 200 and fast)


PARTS: dict[str, Callable[[Ground], Iterator[Row]]] = {
    "matrix": matrix,
    "storm": kill_storm,
    "dispatchers": dispatchers,
    "stopped": stopped,
    "falls": server_falls,
    "half-open": half_open,
    "disk": disk,
    "refused": refused_writes,
    "files": failing_files,
    "crowd": crowd,
}


def _counted(what: str, databases: Databases, running: Storm, runs: int, expected: str, *, most_copies: int | None = None) -> Row:
    count = running.count()
    fine = count.clean and (most_copies is None or count.copies <= most_copies)
    measured = f"{count.messages:,} messages, {count.in_doubt} in doubt, {count.most} of one at most"
    if count.unsent:
        measured += f", {count.unsent} not recorded as sent"
    return Row(what, databases.name, runs, count.lost, count.copies, expected, fine, measured)


def _also(row: Row, words: str, *, ok: bool = True) -> Row:
    return Row(row.what, row.database, row.runs, row.lost, row.copies, row.expected, row.ok and ok, f"{words}; {row.measured}")


def _rows_of(name: str, ground: Ground) -> Iterator[Row]:
    """A part that breaks down is a row that is not as expected: the others still have their say."""
    try:
        yield from PARTS[name](ground)
    except Exception as error:  # noqa: BLE001 - whatever it was, it is told in the table
        yield Row(name, "", 0, 0, 0, "runs to its end", ok=False, measured=f"{type(error).__name__}: {error}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--quick", action="store_true", help="a bounded part of each")
    asked.add_argument("--only", default=",".join(PARTS), help="some parts by name, with commas")
    wanted = asked.parse_args()
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        for name in ("server", "sqlite", "work"):
            (folder / name).mkdir()
        server = stack.enter_context(postgres(folder / "server"))
        zygote = stack.enter_context(hatching())
        size = QUICK if wanted.quick else WHOLE
        ground = Ground(size, SqliteFiles(folder / "sqlite"), server, zygote, folder / "work", Progress())
        for name in wanted.only.split(","):
            for row in _rows_of(name, ground):
                rows.append(row)
                # Told at once: a run of an hour that is cut short has not been for nothing.
                ground.progress.tell(f"{'as expected' if row.ok else 'NOT AS EXPECTED'}: {row}")
    sys.exit(0 if show(rows, Console(width=200 if not sys.stdout.isatty() else None)) else 1)


if __name__ == "__main__":
    main()
