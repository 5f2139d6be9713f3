"""One POST or GET, and whether anything can have been taken when no answer comes.

The client and its trusted authorities are kept; a connection is not. A kept one that the server drops just as the next
message leaves would make that message's fate unknown, and a provider that answers twice would have its second answer
read as the answer to the next message.
"""

from __future__ import annotations

import json
import ssl
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from notifications.envelope import Marker
from notifications.masking import fit
from notifications.quiet_logs import quiet
from notifications.watchdog import Watchdog

CONNECT_SECONDS = 5.0
"""A server that does not take a connection in this time is down for us."""

LONGEST = 64 * 1024
"""Bytes of an answer that are looked at, also after unpacking; no provider says as much."""

_FAULTS = (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError)
"""What a network, a server, TLS or a proxy may raise; ValueError comes of names that cannot be written in IDNA."""

_CONNECTED = "connection.connect_tcp.complete"
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are in lower case; ``said`` is the JSON object, None when there is none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    said: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer, or half of one. ``words`` are masked already."""

    sent: bool  # False: certainly nothing was taken; True: cut off after data may have left
    words: str


class _LeaseLostError(Exception):
    """The marker said no."""


class _TooLateError(Exception):
    """The deadline passed before anything left."""


@dataclass(slots=True)
class _Turn:
    """How far one POST has come."""

    marker: Marker
    body: bytes
    watchdog: Watchdog
    asking: bool = field(default=False, init=False)  # inside the marker: its errors are not the network's
    sent: bool = field(default=False, init=False)

    def leaving(self) -> Iterator[bytes]:
        """The body, asked for when the connection stands and the headers are out: no byte leaves before the marker."""
        self._in_time()
        self.asking = True
        marked = self.marker()
        self.asking = False
        if not marked:
            raise _LeaseLostError
        self._in_time()
        self.sent = True
        yield self.body

    def _in_time(self) -> None:
        if self.watchdog.fired:
            raise _TooLateError


class Poster:
    """A kept client for one provider. Not for two threads at once."""

    def __init__(self, *, ca_file: Path | None = None, timeout_seconds: float = 15.0, secrets: Sequence[str] = ()) -> None:
        """``timeout_seconds`` bounds each call as a whole. ``secrets`` appear in no words and no log.

        The proxy of the environment is used on purpose (HTTPS_PROXY, NO_PROXY); redirects are never followed, since the
        address carries a key. Raises OSError when the file of authorities cannot be read, ValueError with a Chinese
        sentence when the environment names a proxy that cannot be used.
        """
        quiet(secrets)  # httpx writes whole addresses at INFO
        self._seconds = timeout_seconds
        self._secrets = list(secrets)
        self._watchdog = Watchdog()
        self._client = _client(_authorities(ca_file), timeout_seconds)

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str] | None = None, marker: Marker) -> Answer | Silence | None:
        """Post once. None: the marker said no, and no byte of the body has left. Never raises but what the marker does."""
        turn = _Turn(marker, body, self._watchdog)
        named = {"Content-Length": str(len(body)), **(headers or {})}
        try:
            answer = self._call("POST", url, content=turn.leaving(), headers=named)
        except _LeaseLostError:
            return None
        except _TooLateError:
            return Silence(sent=False, words=self._too_long())
        except _FAULTS as error:
            if turn.asking:
                raise
            return Silence(sent=turn.sent, words=self._what_happened(error))
        if not turn.sent:  # httpx goes on to read when the headers could not be written
            return Silence(sent=False, words="服务器没有接收消息就作了回答")
        return answer

    def get(self, url: str, *, params: Mapping[str, str] | None = None) -> Answer | Silence:
        """Get once. A GET carries no message, so that its silence is always ``sent=False``."""
        try:
            answer = self._call("GET", url, params=params)
        except _FAULTS as error:
            return Silence(sent=False, words=self._what_happened(error))
        return Silence(sent=False, words=answer.words) if isinstance(answer, Silence) else answer

    def hide(self, secret: str) -> None:
        """From now on mask this too: an access token that came only just now."""
        if secret not in self._secrets:
            self._secrets.append(secret)
            quiet([secret])

    def masked(self, words: str) -> str:
        """Fit for the record: short, on one line, without the secrets."""
        return fit(words, secrets=self._secrets)

    def close(self) -> None:
        self._client.close()
        self._watchdog.rest()

    def _call(self, method: str, url: str, **parts: Any) -> Answer | Silence:  # noqa: ANN401 - what httpx takes
        """The answer, or a silence with ``sent`` when the deadline cut it in the middle."""
        with self._watchdog.within(self._seconds):
            try:
                request = self._client.build_request(method, url, extensions={"trace": self._look_after}, **parts)
                response = self._client.send(request, stream=True)
                try:
                    raw = _read(response)
                finally:
                    response.close()
            finally:
                self._watchdog.forget()
                self._client.cookies.clear()
        if self._watchdog.fired:  # a connection that is cut can look like an answer that is over
            return Silence(sent=True, words=self._too_long())
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = _unpacked(raw, headers.get("content-encoding", ""))
        return Answer(response.status_code, headers, body, _object(body))

    def _look_after(self, event: str, happened: Mapping[str, Any]) -> None:
        """Hear from httpx of each connection, so that the watchdog can cut it."""
        if event == _CONNECTED:
            self._watchdog.watch(happened["return_value"].get_extra_info("socket"))

    def _what_happened(self, error: Exception) -> str:
        return self._too_long() if self._watchdog.fired else self.masked(f"{type(error).__name__}: {error}")

    def _too_long(self) -> str:
        return f"超过 {self._seconds:g} 秒没有办完，连接已切断"


def _client(authorities: ssl.SSLContext, seconds: float) -> httpx.Client:
    try:
        return httpx.Client(
            verify=authorities,
            trust_env=True,
            follow_redirects=False,
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": "suishi", "Accept-Encoding": "identity", "Connection": "close"},
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:  # SOCKS needs a package of its own; or it is misspelt
        raise ValueError("环境变量中的代理（HTTPS_PROXY、ALL_PROXY）不能使用：只支持 http:// 代理，请改正。") from error


@cache
def _authorities(ca_file: Path | None) -> ssl.SSLContext:
    """One context for all clients: reading the system's authorities takes 30 ms each time."""
    return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))


def _read(response: httpx.Response) -> bytes:
    """As the bytes came, up to the limit: httpx would unpack a whole chunk before it could be measured."""
    read = bytearray()
    for chunk in response.iter_raw():
        read += chunk
        if len(read) >= LONGEST:
            break
    return bytes(read[:LONGEST])


def _unpacked(raw: bytes, encoding: str) -> bytes:
    """At most ``LONGEST`` bytes, whatever the packed ones would grow to. We ask for none, yet some proxies pack."""
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return raw
    try:
        return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(raw, LONGEST)
    except zlib.error:
        return b""


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
