"""The process that serves the page: ``python -m cli.page --home H --host 127.0.0.1 --port 8600``. Knows no Prefect."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from config.app import HomeUnusable, open_app
from config.clock import system_time
from web.serve import serve

PATIENCE = 4
"""Seconds that a page waits for a busy database before it says 请稍后再试."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="cli.page")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    wanted = parser.parse_args(arguments)
    demo = os.environ.get("SUISHI_DEMO") == "1"
    try:
        app = open_app(wanted.home, environ=os.environ, clock=system_time, demo=demo)
        app.patience = PATIENCE
    except HomeUnusable as unusable:
        sys.stderr.write(f"ERROR {unusable}\n")
        return 3
    serve(app, host=wanted.host, port=wanted.port)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
