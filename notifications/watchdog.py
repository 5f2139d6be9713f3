"""A total deadline over a conversation, however slowly the other side drips."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread


class Watchdog:
    """Cuts the connection when a hand-over takes too long: a socket's own time-out counts each read anew.

    One thread watches many hand-overs: it wakes at the first one's deadline, finds a later one and sleeps on, and ends
    when it finds none. A timer for each mail would cost a tenth of the sending.
    """

    def __init__(self) -> None:
        self.fired = False
        self._watched: socket.socket | None = None
        self._deadline: float | None = None
        self._lock = Lock()
        self._ended: Event | None = None  # of the thread that runs; None while there is none

    def watch(self, opened: socket.socket) -> None:
        """Look after this connection; the copy of the descriptor stays valid when TLS takes the socket over."""
        self.forget()
        with self._lock:
            self._watched = opened.dup()
            if self.fired:  # the deadline passed while the connection was being made
                self._cut()

    def forget(self) -> None:
        with self._lock:
            if self._watched is not None:
                self._watched.close()
                self._watched = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        with self._lock:
            self.fired = False
            self._deadline = time.monotonic() + seconds
            if self._ended is None:
                self._ended = Event()
                Thread(target=self._guard, args=(self._ended,), daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._deadline = None

    def rest(self) -> None:
        """End the thread now."""
        with self._lock:
            if self._ended is not None:
                self._ended.set()
                self._ended = None

    def _guard(self, ended: Event) -> None:
        left: float | None = 0.0
        while left is not None and not ended.wait(left):
            left = self._left(ended)

    def _left(self, ended: Event) -> float | None:
        """Seconds to the deadline; None when there is nothing more to watch."""
        with self._lock:
            left = None if self._deadline is None else self._deadline - time.monotonic()
            if left is not None and left > 0:
                return left
            if left is not None:
                self._cut()
            if self._ended is ended:
                self._ended = None
            return None

    def _cut(self) -> None:
        self.fired = True
        if self._watched is not None:
            with suppress(OSError):
                self._watched.shutdown(socket.SHUT_RDWR)
