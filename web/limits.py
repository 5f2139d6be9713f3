"""How much a visitor may send, and how often one link may be opened."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 52 * 1024 * 1024
"""Bytes of one request: five files of 10 MB and the words around them."""

_MOST_DIGITS = 12
"""Of an announced length: Python reads no number of more than 4300 digits, and raises ValueError."""

_TOO_MUCH = "提交的内容太大，没有保存。每个文件不超过10 MB，合计不超过50 MB。请按后退键回到表单，少选几个文件，或压缩后再提交。"


def _too_much() -> Response:
    return PlainTextResponse(_TOO_MUCH, 413)


class TooMuch(Exception):  # noqa: N818 - ends the reading of one body
    """More came than was allowed."""


class BodyLimit:
    """Refuses a body beyond the limit, by its announced length and by counting: either may be missing or lie.

    What comes after the answer is read from the line and thrown away by the server, so that a browser gets to read it.
    ``besides`` is the beginning of paths that have a limit of their own.
    """

    def __init__(
        self, app: ASGIApp, *, limit: int = MAX_BODY, answer: Callable[[], Response] | None = None, besides: str | None = None
    ) -> None:
        self.app = app
        self.limit = limit
        self.besides = besides
        self.answer = answer or _too_much

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (self.besides is not None and scope["path"].startswith(self.besides)):
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or len(announced) > _MOST_DIGITS or int(announced) > self.limit:
            await self.answer()(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise TooMuch
            return message

        try:
            await self.app(scope, counted, send)
        except TooMuch:
            await self.answer()(scope, receive, send)


class Pace:
    """At most ``limit`` passes per key within ``seconds``; keeps the last ``keys`` keys in memory, nothing on disk."""

    def __init__(self, limit: int, seconds: float, *, keys: int = 2000) -> None:
        self.limit = limit
        self.seconds = seconds
        self.keys = keys
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, key: str, *, at: float) -> bool:
        """Count one pass at ``at`` (seconds of any steady clock). A pass that is refused is not counted."""
        with self._lock:
            times = self._times(key, at)
            if len(times) >= self.limit:
                return False
            times.append(at)
            return True

    def could(self, key: str, *, at: float) -> bool:
        """Whether a pass would be allowed; nothing is counted."""
        with self._lock:
            return len(self._times(key, at)) < self.limit

    def _times(self, key: str, at: float) -> deque[float]:
        times = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while times and times[0] <= at - self.seconds:
            times.popleft()
        while len(self._seen) > self.keys:
            self._seen.popitem(last=False)
        return times
