"""A body of 200 MB against a real server: refused in Chinese, kept nowhere, and the server goes on for everybody else."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024
SIZE = 200  # MB
SPARE = 24
"""MB that the server may grow by: what a form of ordinary size takes, and far from 200."""

SERVES = """
import sys, threading
from datetime import UTC, datetime
from pathlib import Path
from config.app import open_app
from web.serve import make_server
app = open_app(Path(sys.argv[1]), environ={}, clock=lambda: datetime(2026, 4, 8, 1, 30, tzinfo=UTC))
server = make_server(app, host="127.0.0.1", port=0)
startup = server.startup
async def started(sockets=None):
    await startup(sockets)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
server.startup = started
server.run()
"""

FORM = {"Content-Type": "multipart/form-data; boundary=edge"}
BEFORE = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="x.pdf"\r\n\r\n%PDF-1.7\n'


@dataclass
class Served:
    port: int
    pid: int
    temporary: Path

    def most_memory(self) -> int:
        """MB in RAM at the highest moment so far."""
        said = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", said)
        assert found
        return int(found[1]) // 1024

    def ask(self, method: str, path: str, **said: object) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request(method, path, **said)  # type: ignore[arg-type]
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, text


@pytest.fixture
def served(town_home: Path, tmp_path: Path) -> Iterator[Served]:
    """The town's pages in a process of their own, whose memory can be watched."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environ = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", SERVES, str(town_home)], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Served(int(process.stdout.readline()), process.pid, temporary)
        finally:
            process.terminate()


def body() -> Iterator[bytes]:
    yield BEFORE
    for _ in range(SIZE):
        yield bytes(MEGABYTE)


@pytest.mark.parametrize("announced", [True, False], ids=["its length announced", "its length kept secret"])
def test_200_megabytes_are_refused_without_being_held(served: Served, announced: bool) -> None:
    assert served.ask("GET", "/health")[0] == 200
    before = served.most_memory()
    length = {"Content-Length": str(len(BEFORE) + SIZE * MEGABYTE)} if announced else {}
    code, text = served.ask("POST", "/s/1/done", body=body(), headers={**FORM, **length}, encode_chunked=not announced)
    assert code == 413
    for word in ("没有保存", "每个文件不超过10 MB", "合计不超过50 MB", "后退键"):
        assert word in text
    assert served.most_memory() - before < SPARE
    assert list(served.temporary.iterdir()) == []
    assert served.ask("GET", "/health")[0] == 200
