"""Starts workers that can be killed: imports everything once, then forks one child for each line on stdin.

A line is JSON: either the fields of an order (tests/crash/works.py) or {"wait": pid}. The answers are the child's
pid, and its wait status when it has ended. A fork costs milliseconds where a new interpreter costs a second.
"""

from __future__ import annotations

import json
import os
import sys
import traceback

from tests.crash.works import Order, carry_out


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _child(order: Order) -> None:
    """Never returns. A worker that fails says why on stderr only when nobody said that it would."""
    code = 1
    try:
        carry_out(order)
        code = 0
    except Exception:  # noqa: BLE001 - the child's own rim
        if not order.may_fail:
            traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            _answer(status)
            continue
        child = os.fork()
        if child == 0:
            _child(Order(**order))
        _answer(child)


if __name__ == "__main__":
    main()
