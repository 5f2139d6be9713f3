"""意见、异议: anybody may say something, with a name or without; the office answers, nothing is deleted."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, text, update

from models.gathering import feedback
from models.store import Store
from planning.problem_kinds import FEEDBACK
from services.errors import Refused
from services.held import needed_text, plain_text
from services.problems import close_problem, report_problem

PROBLEM = FEEDBACK
"""Key and kind of the problem that stands open while something waits for an answer."""

SAME_FOR = timedelta(hours=1)
"""The same words again within this time are the same opinion: a double click, or a page that was loaded anew."""

_LINE = 100  # characters of a name, a way to reach somebody, a reference


def give_feedback(
    store: Store, words: str, *, ref: str = "", name: str = "", contact: str = "", by: str = "", now: datetime
) -> int:
    """Keep an opinion; its number. ``ref`` names the occurrence it is about, as it was given, ``by`` a person's key.

    Raises Refused: text_missing, too_long.
    """
    row = {
        "text": needed_text(words, what="意见", code="text_missing"),
        "ref": _line(ref, what="编号"),
        "name": _line(name, what="姓名"),
        "contact": _line(contact, what="联系方式"),
        "by": by,
    }

    def work(db: Connection) -> int:
        _one_at_a_time(db)
        same = [feedback.c[column] == value for column, value in row.items()]
        recent = select(feedback.c.id).where(*same, feedback.c.answered_at.is_(None), feedback.c.at > now - SAME_FOR)
        known = db.execute(recent.limit(1)).scalar_one_or_none()
        if known is not None:
            return int(known)
        number = db.execute(insert(feedback).returning(feedback.c.id), {**row, "at": now, "answered_by": "", "answer": ""})
        made: int = number.scalar_one()
        _tell(db, now=now)
        return made

    return store.transact(work)


def answer_feedback(store: Store, number: int, answer: str, *, by: str, now: datetime) -> None:
    """Say what came of it. One answer is given; the same one again (a double click) adds nothing.

    Raises Refused: unknown_feedback, already_answered, answer_missing, too_long.
    """
    kept = needed_text(answer, what="答复", code="answer_missing")

    def work(db: Connection) -> None:
        _one_at_a_time(db)
        row = db.execute(select(feedback).where(feedback.c.id == number)).one_or_none()
        if row is None:
            raise Refused(f"没有第{number}号意见，请从列表里重新打开。", code="unknown_feedback")
        if (row.answered_by, row.answer) == (by, kept):
            return
        if row.answered_at is not None:
            raise Refused(f"第{number}号意见已经答复过，列表里可以看到。", code="already_answered")
        said = {"answered_at": now, "answered_by": by, "answer": kept}
        db.execute(update(feedback).where(feedback.c.id == number).values(**said))
        _tell(db, now=now)

    store.transact(work)


def _one_at_a_time(db: Connection) -> None:
    """So that two clicks are one row and the count is right; SQLite's writers stand in line by themselves."""
    if db.dialect.name == "postgresql":
        db.execute(text("LOCK TABLE feedback IN EXCLUSIVE MODE"))


def _tell(db: Connection, *, now: datetime) -> None:
    waiting = db.execute(select(func.count()).where(feedback.c.answered_at.is_(None)).select_from(feedback)).scalar_one()
    if not waiting:
        close_problem(db, key=PROBLEM, now=now)
        return
    said = f"有{waiting}条意见或异议还没有答复。请打开“意见建议”页，看过后答复（网址末尾是 /feedback/list）。"
    report_problem(db, key=PROBLEM, kind=PROBLEM, text=said, now=now)


def _line(written: str, *, what: str) -> str:
    """One line of bounded length, without marks that turn the reading direction."""
    kept = " ".join(plain_text(written, what=what).split())
    if len(kept) > _LINE:
        raise Refused(f"{what}太长，最多{_LINE}字。", code="too_long")
    return "".join(char for char in kept if unicodedata.category(char) != "Cf")
