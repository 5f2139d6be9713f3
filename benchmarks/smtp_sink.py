"""A mail server that only counts, in a process of its own: ``python -m benchmarks.smtp_sink`` prints its port.

It speaks just enough SMTP for a fair race, so that what is measured is the sender. Ended by closing its standard input;
then it prints how many mails came and how many of them were copies.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Sink:
    """The server as the benchmark sees it; ``counted`` once it has ended."""

    port: int
    counted: dict[str, int]


@contextmanager
def counting() -> Iterator[Sink]:
    """Start the server; after the block ``counted`` holds ``mails``, ``copies`` and ``connections``."""
    command = [sys.executable, "-m", "benchmarks.smtp_sink"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sink = Sink(int(process.stdout.readline()), {})
        try:
            yield sink
        finally:
            process.stdin.close()
            sink.counted.update(json.loads(process.stdout.readline()))


async def _serve() -> None:
    seen: Counter[bytes] = Counter()
    counts = {"mails": 0, "connections": 0}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counts["connections"] += 1
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb in {b"EHLO", b"HELO"}:
                writer.write(b"250-sink\r\n250 8BITMIME\r\n" if verb == b"EHLO" else b"250 sink\r\n")
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await writer.drain()
                mail = await reader.readuntil(b"\r\n.\r\n")
                found = _MESSAGE_ID.search(mail)
                seen[found[1] if found else b""] += 1
                counts["mails"] += 1
                writer.write(b"250 queued as %d\r\n" % counts["mails"])
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 OK\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps({**counts, "copies": counts["mails"] - len(seen)}), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
