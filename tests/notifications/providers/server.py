"""A web server of our own on the loopback: records what comes, and answers whatever the story needs."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What came in. Header names are in lower case; of a doubled query name the first counts."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body.decode("utf-8"))


@dataclass(frozen=True)
class Reply:
    """One answer. ``delay`` and ``drip`` are seconds: before the first byte, and between two bytes.

    ``drop``: the line goes dead in place of an answer, before or after the request's body is read.
    ``copies``: how often the answer is said on the one connection.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    drip: float | None = None
    drop: Literal["", "before", "after"] = ""
    copies: int = 1


def said(status: int = 200, *, headers: Mapping[str, str] | None = None, **values: Any) -> Reply:
    """An answer in JSON: ``said(errcode=45009, errmsg="…")``."""
    body = json.dumps(values, ensure_ascii=False).encode()
    return Reply(status, {"Content-Type": "application/json; charset=UTF-8", **(headers or {})}, body)


def page(status: int = 200) -> Reply:
    """The login page of a captive portal, or the error page of a proxy."""
    return Reply(status, {"Content-Type": "text/html"}, "<html><title>上网认证</title>请先登录</html>".encode())


def moved(to: str, status: int = 302) -> Reply:
    return Reply(status, {"Location": to})


def gzip_bomb(megabytes: int = 64) -> Reply:
    """A few kilobytes that unpack to many megabytes, though nobody asked for packed ones."""
    return Reply(200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, gzip.compress(bytes(megabytes << 20)))


Answers = Callable[[Request], Reply]


@dataclass
class Provider:
    """``script`` holds answers used up one by one, whatever is asked; then ``answers`` looks at each request."""

    answers: Answers = lambda _: Reply()
    script: deque[Reply] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    cut_short: int = 0  # requests whose body never came whole
    connections: int = 0
    port: int = 0
    scheme: str = "http"
    over: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def will_say(self, *replies: Reply) -> None:
        self.script.extend(replies)

    def reset(self) -> None:
        self.script.clear()
        self.requests.clear()
        self.cut_short = 0
        self.connections = 0

    def next_reply(self, request: Request) -> Reply:
        self.requests.append(request)
        return self.script.popleft() if self.script else self.answers(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider

    def setup(self) -> None:
        super().setup()
        self.provider.connections += 1

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Silent."""

    def _answer(self) -> None:
        provider = self.provider
        if provider.script and provider.script[0].drop == "before":
            provider.script.popleft()
            self._hang_up()
            return
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            provider.cut_short += 1
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = provider.next_reply(Request(self.command, parts.path, query, headers, body))
        if reply.drop:
            self._hang_up()
        else:
            self._say(reply)

    def _say(self, reply: Reply) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        whole = f"HTTP/1.1 {reply.status} Said\r\n{head}Content-Length: {len(reply.body)}\r\n\r\n".encode() + reply.body
        if reply.delay:
            self.provider.over.wait(reply.delay)
        if reply.drip is None:
            self.wfile.write(whole * reply.copies)
            return
        for byte in whole:
            self.wfile.write(bytes([byte]))
            if self.provider.over.wait(reply.drip):
                return

    def _hang_up(self) -> None:
        """Reset the connection: closing it politely would look like an answer that is over."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A client that went away is part of the story."""


@contextmanager
def serving(answers: Answers | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """Run a provider in a thread; what still drips or waits ends with it."""
    provider = Provider() if answers is None else Provider(answers)
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        provider.scheme = "https"
    provider.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def refused_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
