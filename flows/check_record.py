"""The whole record against itself and against the files of evidence, once a week."""

from __future__ import annotations

from typing import Any

from prefect import State, flow

from flows.publish import done, table
from flows.rim import named, opened
from reports.log import verify
from services.record_check import RecordCheck, note_check

WHAT = "核对记录"


@flow(name="check-record", flow_run_name=named(WHAT))
def check_record() -> State[Any]:
    """Count the chain anew, compare log, rows and sign-in sheets, and read every file of evidence."""
    with opened(WHAT) as app:
        found = verify(app.store, evidence_folder=app.evidence_folder)
        check = RecordCheck(found.entries, found.faults, found.files or 0, found.file_faults)
        note_check(app.store, check, now=app.now())
    table("record", [{"结果": sentence} for sentence in found.sentences], about="最近一次核对完成记录和佐证文件")
    if check.faults:
        return done(f"{check.faults}处不符")
    return done(f"{check.entries}条记录、{check.files}个佐证文件，都相符")
