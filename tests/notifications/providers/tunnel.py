"""A CONNECT proxy of our own: whatever host is asked for, the tunnel ends at a port of the loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread


@dataclass
class Tunnel:
    to_port: int
    port: int = 0
    asked: list[str] = field(default_factory=list)  # host:port of each CONNECT
    open: list[socket.socket] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.open.append(client)
            Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(1)
        self.asked.append(head.split()[1].decode())
        provider = socket.create_connection(("127.0.0.1", self.to_port))
        self.open.append(provider)
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        Thread(target=_copy, args=(provider, client), daemon=True).start()
        _copy(client, provider)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tunnelling(to_port: int) -> Iterator[Tunnel]:
    listener = socket.create_server(("127.0.0.1", 0))
    tunnel = Tunnel(to_port, listener.getsockname()[1])
    thread = Thread(target=tunnel.serve, args=(listener,), daemon=True)
    thread.start()
    try:
        yield tunnel
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for opened in tunnel.open:
            opened.close()
