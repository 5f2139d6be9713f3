"""Everything by which a person comes in, ended at once: browsers, keys of programs, calendar feeds, links already sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from models.occurrence import OccurrenceState, assignments, occurrences
from planning.access import TokenKind
from services.links import end_links_of
from services.sessions import end_sessions
from services.tokens import end_tokens_of


@dataclass(frozen=True, slots=True)
class Ended:
    """How many of each ended; and on how many open items the person still has a part: their next reminders carry new links."""

    browsers: int = 0
    keys: int = 0
    feeds: int = 0
    links: int = 0
    parts: int = 0

    @property
    def sentence(self) -> str:
        """In Chinese, for the screen; empty when nothing was there to end."""
        counted = (
            (self.browsers, "登录着的浏览器{}个"),
            (self.keys, "接口密钥{}个"),
            (self.feeds, "日历订阅{}个"),
            (self.links, "已发出的提醒链接{}个"),
        )
        said = "、".join(words.format(count) for count, words in counted if count)
        return f"一起失效的：{said}。" if said else ""

    @property
    def rest(self) -> str:
        """What goes on: links are for who is to do the work, account or none."""
        if not self.parts:
            return ""
        return f"其名下还有{self.parts}件在办，以后的提醒仍带办理链接；不再由其办理的，请移交，离任的请写离任日期。"


def end_access(db: Connection, account_id: int, person: str, *, but: str = "", now: datetime) -> Ended:
    """In the caller's transaction. ``but`` is the digest of a session that stays."""
    tokens = end_tokens_of(db, person, now=now)
    keys = sum(kind is TokenKind.PROGRAM for kind in tokens)
    return Ended(
        browsers=end_sessions(db, account_id, but=but, now=now),
        keys=keys,
        feeds=len(tokens) - keys,
        links=end_links_of(db, person, now=now),
        parts=_parts(db, person),
    )


def _parts(db: Connection, person: str) -> int:
    joined = assignments.join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
    mine = select(func.count(occurrences.c.id.distinct())).select_from(joined)
    mine = mine.where(assignments.c.person == person, assignments.c.active, occurrences.c.state == OccurrenceState.OPEN)
    return int(db.execute(mine).scalar_one())
