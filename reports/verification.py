"""Whether the completion log is whole: chain, numbers, anchors, triggers, and the rows it speaks of.

The chain shows edits, insertions, deletions and swaps by itself. A cut or rebuilt tail it shows only against an
anchor that was kept elsewhere: a mail, a printed report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select

from models.record import log_entries
from models.schema import missing_triggers
from models.store import Store
from planning.chain import GENESIS, entry_hash, short_code
from planning.wording import normalise
from reports.evidence_files import RegisteredFile, file_faults, names_in, registered_files
from reports.log_against_rows import Told, differences
from reports.log_instants import read_instant, walk_entries
from reports.progress import Progress, in_silence
from reports.snapshot import snapshot

HONEST_CLAIM = "可发现篡改，不能阻止管理员篡改"
"""What the log can do, to be printed beside every result."""

ENTRIES = "完成记录"

_SENTENCES = 20
_TOLD_EVERY = 500  # entries between two words on how far it has come
_NAMED = 3  # files that a sentence names
_CODE_DIGITS = re.compile(r"[0-9a-f]{8,64}")


NO_ANCHOR = "没有提供留存的校验码：末尾若被整段删去，仅凭数据库看不出来。请用邮件或打印件上的校验码核对（--anchor 条号:校验码）。"
"""Said of a walk that was compared with nothing that lies elsewhere."""


@dataclass(frozen=True, slots=True)
class Verification:
    ok: bool
    entries: int
    first_bad: int | None  # seq of the first entry that is wrong or missing; None when it is not one entry
    sentences: tuple[str, ...]  # the result, first line first
    head_seq: int
    head_code: str
    faults: int  # discrepancies but for codes kept elsewhere: those may have been copied wrongly
    files: int | None  # files of evidence that were read; None: none were looked at
    file_faults: int = 0


@dataclass(slots=True)
class _Findings:
    bad: list[tuple[int | None, str]] = field(default_factory=list)

    def add(self, seq: int | None, sentence: str) -> None:
        self.bad.append((seq, sentence))

    @property
    def first(self) -> int | None:
        return min((seq for seq, _ in self.bad if seq is not None), default=None)


@dataclass(slots=True)
class _Walked:
    """What a walk along the chain learned."""

    entries: int = 0
    head_seq: int = 0
    head_hash: str = GENESIS
    at_anchors: dict[int, str] = field(default_factory=dict)


def parse_anchor(text: str) -> tuple[int, str]:
    """``142:3f2a-91c0-…`` as (142, "3f2a91c0…"). Raises ValueError with a Chinese sentence."""
    number, colon, code = normalise(text).partition(":")
    if not (colon and number.strip().isdigit()):
        raise ValueError(f"校验码“{text}”看不懂，应写作 条号：校验码，例如 142:3f2a-91c0-77de-0b12。")
    return int(number), _plain_code(code)


def verify(
    store: Store,
    *,
    anchors: Sequence[tuple[int, str]] = (),
    evidence_folder: Path | None = None,
    progress: Progress = in_silence,
) -> Verification:
    """Check the whole log. ``anchors`` are (seq, code) as mails and prints carry them; dashes do not matter.

    With ``evidence_folder`` every file of evidence is read and compared as well: some seconds for each gigabyte.
    Raises ValueError for an anchor that has fewer than 8 hexadecimal digits.
    """
    lying_there = [] if evidence_folder is None else names_in(evidence_folder)  # first: what comes meanwhile has its row
    with snapshot(store) as db:
        checked = _check(db, anchors, progress)
        registered = [] if evidence_folder is None else registered_files(db)
    if evidence_folder is not None:
        checked.read_files(registered, evidence_folder, progress)
        named = {file.stored_as for file in registered}
        checked.unnamed = [name for name in lying_there if name not in named]
    return checked.result()


def verify_in(db: Connection, *, anchors: Sequence[tuple[int, str]] = ()) -> Verification:
    """The same without the files, in a transaction of the caller's, who sees to it that all statements look at one moment."""
    return _check(db, anchors, in_silence).result()


@dataclass(slots=True)
class _Checked:
    walked: _Walked
    findings: _Findings
    anchors: int
    untold: int
    at_anchors: int = 0  # findings that are about anchors
    files: int | None = None
    file_faults: int = 0
    unnamed: list[str] = field(default_factory=list)

    def read_files(self, registered: Sequence[RegisteredFile], folder: Path, progress: Progress) -> None:
        self.files = len(registered)
        for sentence in file_faults(registered, folder, progress=progress):
            self.findings.add(None, sentence)
            self.file_faults += 1

    def result(self) -> Verification:
        return Verification(
            ok=not self.findings.bad,
            entries=self.walked.entries,
            first_bad=self.findings.first,
            sentences=(
                *_sentences(self.walked, self.findings, anchors=self.anchors),
                *_of_files(self.files, self.file_faults),
                *_of_untold(self.untold),
                *_of_unnamed(self.unnamed),
            ),
            head_seq=self.walked.head_seq,
            head_code=short_code(self.walked.head_hash) if self.walked.entries else "",
            faults=len(self.findings.bad) - self.at_anchors,
            files=self.files,
            file_faults=self.file_faults,
        )


def _check(db: Connection, anchors: Sequence[tuple[int, str]], progress: Progress) -> _Checked:
    wanted = {(seq, _plain_code(code)) for seq, code in anchors}
    findings, told = _Findings(), Told()
    walked = _walk(db, findings, told, anchored={seq for seq, _ in wanted}, progress=progress)
    if findings.bad:
        findings.add(None, "记录本身已不完整，未再与台账逐项核对。")
    else:
        for seq, sentence in differences(db, told):
            findings.add(seq, sentence)
    checked = _Checked(walked, findings, len(wanted), told.sheets.untold)
    checked.at_anchors = _compare_anchors(walked, wanted, findings)
    missing = missing_triggers(db)
    if missing:
        findings.add(None, f"数据库缺少防改触发器（{'、'.join(missing)}），请由管理员查明原因并重新建立（suishi upgrade）。")
    return checked


def _walk(db: Connection, findings: _Findings, told: Told, *, anchored: set[int], progress: Progress) -> _Walked:
    walked = _Walked()
    expected = 1
    total = db.execute(select(func.count()).select_from(log_entries)).scalar_one()
    for row in walk_entries(db):
        fault = _fault(row, expected, walked.head_hash)
        if fault is not None:
            findings.add(*fault)
        told.hear(row)
        if row.seq in anchored:
            walked.at_anchors[row.seq] = str(row.hash)
        walked.entries += 1
        if walked.entries % _TOLD_EVERY == 0 or walked.entries == total:
            progress(ENTRIES, walked.entries, total)
        # Going on from what is written, so that each later fault is a fault of its own.
        walked.head_seq, walked.head_hash = row.seq, str(row.hash)
        expected = row.seq + 1
    return walked


def _fault(row: Row[Any], expected: int, previous: str) -> tuple[int, str] | None:
    """The first thing that is wrong with an entry, and the number it is wrong at."""
    if row.seq > expected:
        gap = f"第{expected}条" if row.seq == expected + 1 else f"第{expected}至{row.seq - 1}条"
        return expected, f"{gap}不见了：记录被删除。"
    if row.seq < expected:
        return row.seq, f"多出一条编号为{row.seq}的记录，编号应从1起连续。"
    if row.prev_hash != previous:
        return row.seq, f"第{row.seq}条与前一条接不上：其间的记录被改动、调换或插入。"
    at = read_instant(row.at)
    if at is None or row.hash != _recomputed(row, at):
        return row.seq, f"第{row.seq}条的内容与校验码不符：该条被改动。"
    return None


def _recomputed(row: Row[Any], at: Any) -> str:  # noqa: ANN401 - an aware datetime
    try:
        return entry_hash(
            seq=row.seq,
            at=at,
            actor=row.actor,
            via=row.via,
            kind=row.kind,
            subject=row.subject,
            payload=row.payload,
            prev_hash=row.prev_hash,
        )
    except (TypeError, AttributeError, UnicodeError):
        return ""  # bytes or nothing where text should be


def _compare_anchors(walked: _Walked, wanted: set[tuple[int, str]], findings: _Findings) -> int:
    """How many do not agree."""
    before = len(findings.bad)
    for seq, code in sorted(wanted):
        found = walked.at_anchors.get(seq)
        if found is None and seq > walked.head_seq:
            lost = walked.head_seq + 1
            findings.add(lost, f"留存的校验码说有第{seq}条，现在只有{walked.head_seq}条：末尾的记录被删去。")
        elif found is None:
            findings.add(seq, f"没有第{seq}条，无法与留存的校验码核对。")
        elif not found.startswith(code):
            findings.add(seq, f"第{seq}条与留存的校验码不一致：这一条或更早的记录被改写过。")
    return len(findings.bad) - before


def _sentences(walked: _Walked, findings: _Findings, *, anchors: int) -> tuple[str, ...]:
    if findings.bad:
        first = findings.first
        place = f"，第一处在第{first}条" if first is not None else ""
        said = [sentence for _, sentence in findings.bad[:_SENTENCES]]
        more = len(findings.bad) - len(said)
        rest = (f"另有{more}处不符，未一一列出。",) if more else ()
        return (f"不通过：共{walked.entries}条记录，{len(findings.bad)}处不符{place}。", *said, *rest, f"{HONEST_CLAIM}。")
    if walked.entries:
        result = f"通过：共{walked.entries}条记录，逐条核对无误，末条校验码 {short_code(walked.head_hash)}。"
    else:
        result = "通过：还没有记录。"
    compared = f"与留存的{anchors}个校验码一致。" if anchors else NO_ANCHOR
    return (result, compared, f"{HONEST_CLAIM}。")


def _of_files(files: int | None, faults: int) -> tuple[str, ...]:
    if files is None or faults:  # each fault is told above
        return ()
    return (f"佐证文件{files}个，逐个读过，与提交时相同。" if files else "还没有佐证文件。",)


def _of_untold(sheets: int) -> tuple[str, ...]:
    if not sheets:
        return ()
    return (f"另有{sheets}份签到表是旧版本登记的，当时没有写入记录，无法核对有没有改动。",)


def _of_unnamed(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    some = "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")
    return (f"另有{len(names)}个佐证文件没有登记（{some}），多半是上传时中断留下的，不影响核对。",)


def _plain_code(code: str) -> str:
    plain = re.sub(r"[\s-]", "", normalise(code)).lower()
    if not _CODE_DIGITS.fullmatch(plain):
        raise ValueError(f"校验码“{code}”看不懂，应为至少8位的十六进制数，例如 3f2a-91c0-77de-0b12。")
    return plain
