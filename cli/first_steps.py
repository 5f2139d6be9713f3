"""What ``up`` says once the page is there and nobody can sign in yet: the address of the set-up and its code.

A program of its own, ``python -m cli.first_steps --home H --page URL``: the supervisor stays light, and the code is printed to
the terminal and kept in no log. It prints nothing when somebody can sign in.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from cli.account import set_up_lines
from cli.say import say
from config.app import HomeUnusable, open_app
from config.clock import system_time
from services.set_up import new_set_up_code


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="cli.first_steps")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--page", required=True)
    wanted = parser.parse_args(arguments)
    try:
        app = open_app(wanted.home, environ=os.environ, clock=system_time, whole=False)
    except HomeUnusable:
        return 3
    try:
        code = new_set_up_code(app.store, now=app.now())
    finally:
        app.close()
    if code:
        say(*set_up_lines(code, f"{wanted.page}set-up"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
