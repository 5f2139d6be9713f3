"""The libraries that talk to providers say too much: whole addresses with their keys, and the words of a message.

Seen: httpx writes every address at INFO, urllib3 the path with its query at DEBUG, Apprise the robot's key and the text
at DEBUG and some tokens at WARNING, requests the application's secret in its exceptions. Below WARNING they say nothing
any more, also when somebody turns them up to look for a fault; what they still say is masked.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from urllib.parse import quote

LIBRARIES = ("apprise", "httpx", "httpcore", "urllib3", "requests")

_CHILDREN = (
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
    "urllib3.util.ssl_",
)
"""A filter of a logger sees nothing of its children's records, so each one has it."""

_SHORTEST_SECRET = 3

_NAMED = re.compile(
    r"""(?ix) (?<![\w-]) (key|access_?token|corp_?secret|secret|sign|token|passw(?:or)?d|pass)
        (["']?\s*[=:]\s*["']?) ([^&\s"',;)}>]+)"""
)
_PATHS = re.compile(r"(?i)(/hook/|/hooks/|/robot/send|/services/|/api/webhook/)[^\s\"'>)]*")
_ADDRESS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*)://([^\s/?#\"'<>]*@)?([^\s/?#\"'<>]*)([^\s\"'<>]*)")
_WEB = frozenset({"http", "https"})


class _Masking(logging.Filter):
    """Lets warnings through, rewritten before any handler sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return False
        said = record.getMessage()
        masked = self.mask(said)
        if masked != said or record.args:
            record.msg, record.args = masked, ()
        if record.exc_info:
            record.exc_text = self.mask(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True

    def mask(self, said: str) -> str:
        for secret in sorted(self.secrets, key=len, reverse=True):
            said = said.replace(secret, "***")
        said = _ADDRESS.sub(_without_keys, said)
        return _NAMED.sub(r"\1\2***", _PATHS.sub(r"\1***", said))


_MASKING = _Masking()


def quiet(secrets: Iterable[str] = ()) -> None:
    """Let the libraries say nothing below WARNING and mask the rest; may be called as often as wanted.

    ``secrets`` are masked wherever they stand, also as they are written in an address.
    """
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            _MASKING.secrets.update({secret, quote(secret, safe="")})
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    alive = [name for name in list(logging.root.manager.loggerDict) if name.partition(".")[0] in LIBRARIES]
    for name in (*LIBRARIES, *_CHILDREN, *alive):
        logging.getLogger(name).addFilter(_MASKING)  # a filter that is there already is not added again


def _without_keys(found: re.Match[str]) -> str:
    """An address keeps its host; of an Apprise address not even that is known to be harmless."""
    schema, user, host, rest = found.groups()
    if schema.lower() not in _WEB:
        return f"{schema}://***"
    return f"{schema}://{'***@' if user else ''}{host}{'/***' if len(rest) > 1 else rest}"
