"""PostgreSQL connections that notice a server which has stopped talking.

libpq waits for an answer for as long as the line stands, and a line may stand for hours with nobody behind it. A
dispatcher that hangs holds its messages' leases and its place as the only one, so after some silence it gives up: the
connection is closed, the statement fails, and the next tick starts anew.
"""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import Any

import psycopg

_LOOK_EVERY = 0.5  # seconds: how often the waiting looks at the clock


def listening_connection(silence: float) -> type[psycopg.Connection[Any]]:
    """A connection class whose every wait ends after ``silence`` seconds without a single word from the server.

    A long answer, or a batch of many statements, is no silence: the time starts anew with everything that arrives.
    """

    class Listening(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = _LOOK_EVERY, *more: Any, **named: Any) -> Any:  # noqa: ANN401 - psycopg's own generators
            return super().wait(self._listened(gen), interval, *more, **named)

        def _listened(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
            """Between psycopg's generator and its wait: what comes up is what became ready, nothing after an interval."""
            try:
                wanted = next(gen)
                heard = monotonic()
                while True:
                    ready = yield wanted
                    if ready:
                        heard = monotonic()
                    elif monotonic() - heard > silence:
                        self.close()
                        raise psycopg.OperationalError(f"the server has said nothing for {silence:g} seconds")
                    wanted = gen.send(ready)
            except StopIteration as ended:
                return ended.value

    return Listening
