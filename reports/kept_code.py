"""A code that was kept outside, in a mail or on a printed page, held against the log. Quick: no chain is walked.

That the entry still has its code shows that it was not rewritten; together with a walk along the whole chain
(``reports.verification``) it shows that nothing before it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select

from models.record import log_entries
from models.store import Store
from planning.wording import normalise
from reports.snapshot import snapshot

_NUMBER = re.compile(r"第\s*(\d{1,9})\s*条|^(\d{1,9})\s*:")
_CODE = re.compile(r"(?<![0-9a-z])([0-9a-f]{64}|[0-9a-f]{4}(?:[ -]?[0-9a-f]{4}){3})(?![0-9a-z])")
"""As mails carry it (planning.chain.short_code), or the whole hash."""
_BEFORE_CODE = "校验码"


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"  # the entry of this number has another code
    BEYOND = "beyond"  # the log ends before this number
    MISSING = "missing"  # no entry of this number, though the log goes on after it
    UNKNOWN = "unknown"  # no entry has the code, and no number was said


@dataclass(frozen=True, slots=True)
class KeptCode:
    seq: int | None  # None: only the code was kept
    digits: str


@dataclass(frozen=True, slots=True)
class Comparison:
    verdict: Verdict
    seq: int  # of the entry that was meant; 0 where nobody can say
    newest: int  # the number of the newest entry

    @property
    def later(self) -> int:
        return self.newest - self.seq


def read_kept_code(text: str) -> KeptCode:
    """The number and code in «完成记录：第142条，校验码 3f2a-91c0-77de-0b12», in «142:3f2a-…», or the code alone.

    Full-width writing is taken as well. Raises ValueError with a Chinese sentence for what holds no whole code.
    """
    plain = normalise(text).lower()
    number = _NUMBER.search(plain)
    _, _, after = plain.rpartition(_BEFORE_CODE)
    found = _CODE.search(after if number is None else _NUMBER.sub("", after))
    if found is None:
        raise ValueError(
            "里面没有完整的校验码。校验码是16位数字和字母，例如 3f2a-91c0-77de-0b12，请把邮件里“完成记录”那一句整句贴进来。"
        )
    return KeptCode(int(number[1] or number[2]) if number else None, re.sub(r"[ -]", "", found[1]))


def compare(store: Store, kept: KeptCode) -> Comparison:
    has_code = log_entries.c.hash.startswith(kept.digits)
    with snapshot(store) as db:
        newest = int(db.execute(select(func.coalesce(func.max(log_entries.c.seq), 0))).scalar_one())
        if kept.seq is None:
            seq = db.execute(select(log_entries.c.seq).where(has_code)).scalars().first()
            return Comparison(Verdict.UNKNOWN if seq is None else Verdict.AGREES, seq or 0, newest)
        agrees = db.execute(select(has_code).where(log_entries.c.seq == kept.seq)).scalar_one_or_none()
    if agrees is None:
        return Comparison(Verdict.BEYOND if kept.seq > newest else Verdict.MISSING, kept.seq, newest)
    return Comparison(Verdict.AGREES if agrees else Verdict.DIFFERS, kept.seq, newest)
