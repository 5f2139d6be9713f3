"""The pages of an opened home, served on a free port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from fastapi import FastAPI
from starlette.routing import Route

from config.app import App
from web.serve import make_server


@contextmanager
def served(app: App, *further: Route) -> Iterator[str]:
    """Gives the address. ``further`` routes are there beside the pages."""
    server = make_server(app, host="127.0.0.1", port=0)
    cast(FastAPI, server.config.app).router.routes.extend(further)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        assert thread.is_alive()
        waiting.wait(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(15)
