"""The outside ping: one plain GET, five seconds, and an address that appears nowhere."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from notifications.ping import ping

SECRET = "1b671a64-40d5-491e-99b0-da01ff1f3341"


@contextmanager
def outside(answer: bytes, *, slowly: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    """A server that says the same to everybody; the address, and what was asked."""
    asked: list[bytes] = []
    door = socket.create_server(("127.0.0.1", 0))
    door.settimeout(10)

    def serve() -> None:
        try:
            visitor, _ = door.accept()
        except OSError:
            return
        with visitor:
            asked.append(visitor.recv(4096))
            try:
                for part in [answer[n : n + 1] for n in range(len(answer))] if slowly else [answer]:
                    visitor.sendall(part)
                    if slowly:
                        threading.Event().wait(0.05)
            except OSError:
                pass  # it did not wait for the end

    serving = threading.Thread(target=serve)
    serving.start()
    yield f"http://127.0.0.1:{door.getsockname()[1]}/{SECRET}", asked
    door.close()
    serving.join()


def test_a_good_answer_is_no_fault_and_the_question_is_a_plain_get() -> None:
    with outside(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK") as (url, asked):
        assert ping(url) == ""
    assert asked[0].startswith(f"GET /{SECRET} HTTP/1.1\r\n".encode())
    assert asked[0].endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_other_answer_is_named_by_its_number(status: int) -> None:
    with outside(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/\r\n\r\n".encode()) as (url, _):
        assert ping(url) == f"HTTP {status}"


def test_the_whole_call_has_an_end_however_slowly_it_is_answered() -> None:
    began = monotonic()
    with outside(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000, slowly=True) as (url, _):
        assert ping(url, timeout_seconds=0.5) != ""
        assert monotonic() - began < 3


def test_the_address_stands_in_no_words_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/{SECRET}"
    said = [ping(nobody), ping(f"nonsense://{SECRET}/{SECRET}"), ping(f"http://{SECRET}.invalid/{SECRET}")]
    with outside(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n") as (url, _):
        said.append(ping(url))
    assert all(said)
    assert SECRET not in " ".join(said)
    assert SECRET not in caplog.text
