from __future__ import annotations

import gzip
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import httpx
import pytest

from notifications.http.poster import LONGEST, Answer, Poster, Silence
from tests.notifications.mail_sink import raw_server
from tests.notifications.providers.server import Provider, Reply, gzip_bomb, moved, page, refused_port, said, serving

KEY = "k-93a91f6/7+aoc=="


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(lambda _: said(errcode=0)) as running:
        yield running


@pytest.fixture
def poster() -> Iterator[Poster]:
    opened = Poster(timeout_seconds=0.4, secrets=(KEY,))
    yield opened
    opened.close()


def yes() -> bool:
    return True


def post(poster: Poster, url: str, *, marker: Callable[[], bool] = yes) -> Answer | Silence | None:
    return poster.post(f"{url}/send", body="提醒".encode(), headers={"Content-Type": "text/plain"}, marker=marker)


def test_a_whole_answer_comes_back_with_its_status_headers_and_json(poster: Poster, provider: Provider) -> None:
    provider.will_say(said(418, headers={"X-Queue": "7"}, errcode=1, errmsg="不行"))
    answer = post(poster, provider.url)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers["x-queue"], answer.said) == (418, "7", {"errcode": 1, "errmsg": "不行"})
    (request,) = provider.requests
    assert (request.method, request.path, request.body.decode()) == ("POST", "/send", "提醒")
    assert request.headers["content-length"] == "6"
    assert "transfer-encoding" not in request.headers


def test_the_marker_is_asked_once_when_the_connection_stands_and_before_a_byte_of_the_body_leaves(
    poster: Poster, provider: Provider
) -> None:
    seen: list[tuple[int, int]] = []

    def marker() -> bool:
        deadline = time.monotonic() + 2
        while not provider.connections and time.monotonic() < deadline:
            time.sleep(0.001)  # the server's thread has yet to take the connection
        seen.append((provider.connections, len(provider.requests)))
        return True

    post(poster, provider.url, marker=marker)
    assert seen == [(1, 0)]
    assert len(provider.requests) == 1


def test_when_the_marker_says_no_the_provider_gets_no_message(poster: Poster, provider: Provider) -> None:
    assert post(poster, provider.url, marker=lambda: False) is None
    assert isinstance(post(poster, provider.url), Answer)
    assert [request.body.decode() for request in provider.requests] == ["提醒"]


def test_without_a_connection_the_marker_is_never_asked(poster: Poster) -> None:
    def marker() -> bool:
        raise AssertionError

    silence = post(poster, f"http://127.0.0.1:{refused_port()}", marker=marker)
    assert silence == Silence(sent=False, words="ConnectError: [Errno 111] Connection refused")


@pytest.mark.parametrize("error", [OSError("disk I/O error"), ValueError("no such row"), RuntimeError("lost")])
def test_a_fault_of_the_marker_is_not_taken_for_the_networks(poster: Poster, provider: Provider, error: Exception) -> None:
    def marker() -> bool:
        raise error

    with pytest.raises(type(error), match=str(error)):
        post(poster, provider.url, marker=marker)
    assert provider.requests == []
    assert isinstance(post(poster, provider.url), Answer)


def test_an_answer_before_the_message_was_sent_is_no_answer_to_it(
    poster: Poster, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = httpx.Response(200, content=iter([b'{"errcode":0}']))
    monkeypatch.setattr(poster._client, "send", lambda *_, **__: early)
    silence = post(poster, provider.url)
    assert isinstance(silence, Silence)
    assert not silence.sent


def test_a_marker_that_outlasts_the_deadline_sends_nothing(poster: Poster, provider: Provider) -> None:
    def marker() -> bool:
        time.sleep(0.6)
        return True

    silence = post(poster, provider.url, marker=marker)
    assert isinstance(silence, Silence)
    assert not silence.sent
    assert "0.4 秒" in silence.words
    assert provider.requests == []


@pytest.mark.parametrize("reply", [Reply(drop="before"), Reply(drop="after"), replace(said(errcode=0), delay=5)])
def test_silence_after_the_data_left_is_told_as_such(poster: Poster, provider: Provider, reply: Reply) -> None:
    provider.will_say(reply)
    began = time.monotonic()
    silence = post(poster, provider.url)
    assert isinstance(silence, Silence)
    assert silence.sent
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("drip", [0.02, 0.15])
def test_a_dripping_answer_is_cut_off_at_the_total_deadline(poster: Poster, provider: Provider, drip: float) -> None:
    """Each byte renews a socket's own time-out: only the watchdog ends this."""
    provider.will_say(replace(said(errcode=0), drip=drip))
    began = time.monotonic()
    silence = post(poster, provider.url)
    took = time.monotonic() - began
    assert isinstance(silence, Silence)
    assert silence.sent
    assert "0.4 秒" in silence.words
    assert 0.3 < took < 1.5


def test_a_body_without_length_that_the_deadline_cuts_is_not_taken_for_a_whole_one(poster: Poster) -> None:
    """Without a length the end of the line is the end of the answer: a cut would look like it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done: list[socket.socket] = []

        def serve() -> None:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(b'HTTP/1.1 200 OK\r\n\r\n{"errcode":0}')
            done.append(connection)

        thread = Thread(target=serve)
        thread.start()
        silence = post(poster, f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(2)
        for connection in done:
            connection.close()
    assert isinstance(silence, Silence)
    assert silence.sent


def test_a_second_answer_on_the_line_is_never_read_as_the_answer_to_the_next_message(poster: Poster, provider: Provider) -> None:
    provider.will_say(replace(said(errcode=0), copies=2), said(errcode=45009))
    first, second = post(poster, provider.url), post(poster, provider.url)
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (first.said, second.said) == ({"errcode": 0}, {"errcode": 45009})
    assert provider.connections == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(poster: Poster, provider: Provider, status: int) -> None:
    with serving() as elsewhere:
        provider.will_say(moved(f"{elsewhere.url}/login", status))
        answer = post(poster, provider.url)
        assert elsewhere.connections == 0
    assert isinstance(answer, Answer)
    assert answer.status == status


def test_a_gzip_bomb_is_unpacked_no_further_than_the_limit(poster: Poster, provider: Provider) -> None:
    provider.will_say(gzip_bomb(64))
    answer = post(poster, provider.url)
    assert isinstance(answer, Answer)
    assert len(answer.body) <= LONGEST
    assert answer.said is None


def test_an_answer_that_is_packed_unasked_is_read_all_the_same(poster: Poster, provider: Provider) -> None:
    provider.will_say(Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"errcode":45009}')))
    answer = post(poster, provider.url)
    assert isinstance(answer, Answer)
    assert answer.said == {"errcode": 45009}
    assert provider.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_an_answer_packed_in_a_way_that_cannot_be_read_says_nothing(poster: Poster, provider: Provider, encoding: str) -> None:
    provider.will_say(Reply(200, {"Content-Encoding": encoding}, b"\x00\x01 not packed at all"))
    answer = post(poster, provider.url)
    assert isinstance(answer, Answer)
    assert answer.said is None


def test_an_endless_answer_is_read_no_further_than_the_limit(poster: Poster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def pour() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while True:
                    connection.sendall(b"x" * 4096)

        thread = Thread(target=pour)
        thread.start()
        answer = post(poster, f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(2)
        assert not thread.is_alive()
    assert isinstance(answer, Answer)
    assert len(answer.body) == LONGEST


@pytest.mark.parametrize(
    "lines", [b"220 smtp ready\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, b"HTTP/1.1 2OO OK\r\n\r\n", b""]
)
def test_a_server_that_does_not_speak_http_gives_no_answer(poster: Poster, lines: bytes) -> None:
    with raw_server(lines) as port:
        silence = post(poster, f"http://127.0.0.1:{port}")
    assert isinstance(silence, Silence)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:{port}", "http://nowhere.invalid", "ftp://127.0.0.1", "http://[::1", "http://a..b/"]
)
def test_an_address_that_leads_nowhere_took_nothing(poster: Poster, provider: Provider, url: str) -> None:
    silence = post(poster, url.format(port=provider.port))
    assert isinstance(silence, Silence)
    assert not silence.sent
    assert provider.requests == []


def test_a_get_carries_no_message_whatever_happens_to_it(poster: Poster, provider: Provider) -> None:
    provider.will_say(Reply(drop="after"), replace(said(errcode=0), drip=0.05), said(errcode=0, access_token="t"))
    asked = [poster.get(f"{provider.url}/gettoken", params={"corpsecret": KEY}) for _ in range(3)]
    assert [silence.sent for silence in asked if isinstance(silence, Silence)] == [False, False]
    assert isinstance(asked[2], Answer)
    assert provider.requests[-1].query == {"corpsecret": KEY}


def test_cookies_of_an_answer_do_not_travel_with_the_next_message(poster: Poster, provider: Provider) -> None:
    provider.will_say(said(headers={"Set-Cookie": "session=1; Path=/"}, errcode=0))
    post(poster, provider.url)
    post(poster, provider.url)
    assert "cookie" not in provider.requests[1].headers


def test_the_key_is_written_into_no_log_and_no_words(
    provider: Provider, caplog: pytest.LogCaptureFixture, poster: Poster
) -> None:
    poster.hide("fresh-token-42")
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name or None)  # somebody looks closer than we set it up
    asked = {"key": KEY, "access_token": "fresh-token-42"}
    provider.will_say(Reply(302, {"Location": f"https://login.example/?key={KEY}"}), page(500))
    for _ in range(2):
        poster.get(f"{provider.url}/send", params=asked)
    poster.get(f"http://127.0.0.1:{refused_port()}/send", params=asked)
    logging.getLogger("httpx").warning("POST %s failed", f"{provider.url}/send?key={quote(KEY)}&access_token=fresh-token-42")
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == ["httpx"]
    told = "\n".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records)
    for secret in (KEY, quote(KEY, safe=""), "fresh-token-42"):
        assert secret not in told
        assert secret not in poster.masked(f"refused: {secret} and {quote(secret)}")


def test_a_provider_under_our_own_authority_is_trusted(authority: tuple[Path, ssl.SSLContext]) -> None:
    with serving(lambda _: said(errcode=0), tls=authority[1]) as private:
        trusting = Poster(ca_file=authority[0], timeout_seconds=3)
        answers = [post(trusting, private.url) for _ in range(2)]
        trusting.close()
    assert [answer.status for answer in answers if isinstance(answer, Answer)] == [200, 200]


def test_a_certificate_of_an_unknown_authority_gets_nothing(authority: tuple[Path, ssl.SSLContext], poster: Poster) -> None:
    with serving(lambda _: said(errcode=0), tls=authority[1]) as private:
        silence = post(poster, private.url)
    assert isinstance(silence, Silence)
    assert not silence.sent
    assert "CERTIFICATE_VERIFY_FAILED" in silence.words
    assert private.requests == []


def test_a_handshake_that_never_ends_is_cut_off(poster: Poster) -> None:
    """Each record of a handshake renews the socket's own time-out, too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"\x16\x03\x03\x00\x04"[:1])
                    except OSError:
                        return

        thread = Thread(target=drip)
        thread.start()
        began = time.monotonic()
        silence = post(poster, f"https://127.0.0.1:{listener.getsockname()[1]}")
        took = time.monotonic() - began
        over.set()
        thread.join(2)
    assert isinstance(silence, Silence)
    assert not silence.sent
    assert took < 1.5


def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    monkeypatch.setenv("HTTP_PROXY", provider.url)
    through = Poster(timeout_seconds=0.4)
    assert isinstance(post(through, "http://qyapi.example"), Answer)
    through.close()
    assert provider.requests[0].headers["host"] == "qyapi.example"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "gopher://127.0.0.1", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ValueError, match="代理"):
        Poster()


def test_a_proxy_that_refuses_the_tunnel_took_nothing(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    monkeypatch.setenv("HTTPS_PROXY", provider.url)
    through = Poster(timeout_seconds=0.4)
    silence = post(through, "https://qyapi.example")
    through.close()
    assert isinstance(silence, Silence)
    assert not silence.sent
