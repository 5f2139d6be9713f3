"""What a whole check of the record found, the files of evidence among it: kept, so that pages can say when they were last read.

A discrepancy is a problem, told over two channels, until a later check finds none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.store import Store
from services.facts import read_fact, write_fact
from services.problems import close_problem, report_problem

FACT = "record_check"
KEY = KIND = "record"

STALE = timedelta(days=10)
"""The check runs every week: by then one was missed, and a long holiday is no excuse for a machine."""


@dataclass(frozen=True, slots=True)
class RecordCheck:
    entries: int
    faults: int  # all discrepancies, those of files included
    files: int
    file_faults: int


def note_check(store: Store, check: RecordCheck, *, now: datetime) -> None:
    """Of a check that read the log from its first entry and every file of evidence."""
    value = {"at": now.isoformat(), "entries": check.entries, "files": check.files, "file_faults": check.file_faults}

    def work(db: Connection) -> None:
        write_fact(db, FACT, value | {"faults": check.faults}, now=now)
        if not check.faults:
            close_problem(db, key=KEY, now=now)
            return
        of_files = f"（其中佐证文件{check.file_faults}处）" if check.file_faults else ""
        said = (
            f"核对完成记录发现{check.faults}处不符{of_files}。请运行 suishi log verify 看每一处，"
            "先不要改动数据库和佐证文件，留好最近的备份，并告诉审计人员。"
        )
        report_problem(db, key=KEY, kind=KIND, text=said, now=now)

    store.transact(work)


def overdue_check(db: Connection, *, now: datetime) -> str:
    """A Chinese sentence when the last check is too long ago; empty when it is not, or before the first."""
    value = read_fact(db, FACT)
    if value is None:
        return ""
    days = (now - datetime.fromisoformat(value["at"])) // timedelta(days=1)
    if days < STALE.days:
        return ""
    return f"完成记录和佐证文件已有{days}天没有核对。请看流程页面里的“核对记录”是否在运行，或运行 suishi log verify。"
