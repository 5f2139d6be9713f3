"""Serves the pages until told to stop."""

from __future__ import annotations

import uvicorn

from config.app import App
from web.app import create_app

_GRACE = 10  # seconds for requests that are under way when the server is told to stop


def make_server(app: App, *, host: str, port: int) -> uvicorn.Server:
    """A server that is not running yet, for who runs it beside other things: ``run()`` it, set ``should_exit`` to stop."""
    config = uvicorn.Config(
        create_app(app),
        host=host,
        port=port,
        # Uvicorn's own log would print the tokens of staff links; web/access_log.py writes a masked one.
        access_log=False,
        # A proxy on this machine may say whose request it passes on: failed sign-ins are counted for each address.
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1",
        log_level="warning",
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=15,
    )
    return uvicorn.Server(config)


def serve(app: App, *, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; what is under way is finished first."""
    make_server(app, host=host, port=port).run()
