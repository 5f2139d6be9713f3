"""The walk along the whole log, on a page: one at a time, apart from the request, its result kept for a while."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWalking
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from reports.log import Head, Verification, head, verify
from web.shell import Shell

PATIENCE = 3.0
"""Seconds that a page waits for the walk: about 60,000 entries. A longer walk goes on, and the page says so."""

KEPT_FOR = timedelta(minutes=10)
"""A row may be changed without a new entry: what was found whole is not believed for ever."""


@dataclass(frozen=True, slots=True)
class Checked:
    at: datetime
    found: Verification

    @property
    def newest(self) -> Head:
        return Head(self.found.head_seq, self.found.head_code)


class ChainCheck:
    def __init__(self, shell: Shell, *, patience: float = PATIENCE) -> None:
        self._shell = shell
        self._patience = patience
        self._walker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="chain-check")
        self._lock = Lock()
        self._latest: Future[Checked] | None = None

    def known(self) -> Checked | None:
        """What the last walk found, while it still speaks of the newest entry. Waits for nothing."""
        with self._lock:
            walk = self._standing()
        return walk.result() if walk is not None and walk.done() else None

    def ask(self) -> Checked | None:
        """Walk, unless that was done a moment ago; None when it takes longer than a page can wait."""
        with self._lock:
            walk = self._standing() or self._walker.submit(self._walk)
            self._latest = walk
        try:
            return walk.result(self._patience)
        except StillWalking:
            return None

    @property
    def is_walking(self) -> bool:
        latest = self._latest
        return latest is not None and not latest.done()

    def _standing(self) -> Future[Checked] | None:
        """A walk that is under way, or one whose result still stands."""
        walk = self._latest
        if walk is None or not walk.done():
            return walk
        if walk.exception() is not None:
            return None
        checked = walk.result()
        fresh = self._shell.app.now() - checked.at < KEPT_FOR
        return walk if fresh and checked.newest == head(self._shell.app.store) else None

    def _walk(self) -> Checked:
        app = self._shell.app
        return Checked(app.now(), verify(app.store))
