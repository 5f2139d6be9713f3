"""A sign of life to a watch outside the house: it raises the alarm when the sign stays away (healthchecks and its like)."""

from __future__ import annotations

from notifications.http.poster import Poster, Silence

TIMEOUT_SECONDS = 5.0
"""For the whole call: the watch must not wait for its watcher."""

_TAKEN = range(200, 300)


def ping(url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> str:
    """Ask the address once with a plain GET. Empty when it answered well, else what is wrong, in Chinese.

    The address is a secret: it stands in no words and no log. What the answer says besides its status is not read.
    """
    try:
        poster = Poster(timeout_seconds=timeout_seconds, secrets=(url, url.rpartition("/")[2]))
    except OSError as error:
        return f"读不了信任的证书：{error.strerror}"
    try:
        answer = poster.get(url)
    finally:
        poster.close()
    if isinstance(answer, Silence):
        return answer.words or "没有应答"
    return "" if answer.status in _TAKEN else f"HTTP {answer.status}"
