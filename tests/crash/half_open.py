"""A line to PostgreSQL that goes dead without a word: both ends believe in it, and nothing passes any more."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from tests.crash.storm import Storm
from tests.crash.works import STEP

_CHUNK = 1 << 16


@dataclass
class Line:
    """A TCP proxy before the server's socket. ``frozen``: connections stay open, nothing is carried on."""

    target: Path
    port: int = 0
    frozen: Event = field(default_factory=Event)
    _opened: list[socket.socket] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self._opened.append(near)
            if not self.frozen.is_set():  # else somebody took the call and never says a word
                Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self.target))
        self._opened.append(far)
        with suppress(OSError), selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while not self.frozen.is_set():
                for key, _ in ready.select(timeout=0.05):
                    said = key.fileobj.recv(_CHUNK)  # type: ignore[union-attr]  # a socket, as registered
                    if not said or self.frozen.is_set():
                        break
                    key.data.sendall(said)
                else:
                    continue
                if not self.frozen.is_set():
                    near.close()
                    far.close()
                return

    def hang_up(self) -> None:
        for each in self._opened:
            each.close()


@contextmanager
def line_to(target: Path) -> Iterator[Line]:
    line = Line(target)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line.port = listener.getsockname()[1]
        thread = Thread(target=line.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            line.hang_up()
            thread.join(5)


def line_goes_dead(storm: Storm, *, silence: int) -> float:
    """In the middle of a tick nothing passes any more. How many seconds the dispatcher took to give up."""
    head, _, folder = storm.url.partition("?host=")
    database = head.rpartition("/")[2]
    storm.add(12)
    with line_to(Path(folder) / ".s.PGSQL.5432") as line:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{line.port}/{database}"
        child = storm.start(url=url, silence=silence, may_fail=True)
        patience = time.monotonic() + 30
        while not storm.sink.mails:
            assert time.monotonic() < patience, "no mail ever came"
            time.sleep(0.001)
        line.frozen.set()
        began = time.monotonic()
        ended = storm.zygote.wait(child)
        took = time.monotonic() - began
        assert ended == 1, f"the dispatcher ended with {ended}"
    storm.now += STEP
    storm.calm(3)
    return took
