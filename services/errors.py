"""What a service answers when the answer is no."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

DATABASE_FAULTS = (DBAPIError,)
"""What an entry point catches when the database is locked, full or gone: entry points know no database."""


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """A user's wish that cannot be met. The sentence says what is wrong and what to do, in Chinese, for the screen."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code  # unknown_occurrence, already_done, …: for --json and tests
