from __future__ import annotations

import socket
import time

from notifications.watchdog import Watchdog


def test_a_connection_that_comes_after_the_deadline_is_cut_at_once() -> None:
    watchdog = Watchdog()
    ours, theirs = socket.socketpair()
    theirs.settimeout(2)
    with ours, theirs, watchdog.within(0.05):
        deadline = time.monotonic() + 2
        while not watchdog.fired and time.monotonic() < deadline:
            time.sleep(0.005)
        watchdog.watch(ours)
        assert theirs.recv(1) == b""
        watchdog.forget()
    watchdog.rest()


def test_a_later_deadline_leaves_an_earlier_cut_behind() -> None:
    watchdog = Watchdog()
    with watchdog.within(0.02):
        time.sleep(0.1)
        assert watchdog.fired
    with watchdog.within(5):
        assert not watchdog.fired
    watchdog.rest()
