"""``log`` and ``log verify``: the completion log, and whether anybody changed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from cli.bars import bars
from cli.say import as_json, fields, say, table, warn
from cli.surroundings import DONE, NO, Clock, Wrong, opened
from cli.words import moment
from planning.acts import ACTORS, PLANNED, VIAS, act_name
from reports.log import log as read_log
from reports.log import parse_anchor
from reports.log import verify as check_chain
from reports.planned_words import subject_words
from services.errors import DATABASE_FAULTS
from services.record_check import RecordCheck, note_check

if TYPE_CHECKING:
    from config.app import App as Home
    from reports.log import Verification

Json = Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")]
NOW = Clock()

app = App(name="log")


@app.default
def entries(
    *,
    subject: Annotated[str | None, Parameter(help="只看一个办理项")] = None,
    limit: Annotated[int, Parameter(help="最多列出几条")] = 50,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """完成记录，新的在前。"""
    with opened(clock) as opened_app:
        found = read_log(opened_app.store, subject=subject, limit=limit)
        zone, people = opened_app.tz, opened_app.roster.people
    if json:
        as_json({"total": found.total, "entries": [{**fields(one), "code": one.code} for one in found.lines]})
        return DONE
    names = ACTORS | {key: person.name for key, person in people.items()}
    rows = (
        (
            str(one.seq),
            moment(one.at, zone),
            names.get(one.actor, one.actor),
            VIAS.get(one.via, one.via),
            act_name(one.kind),
            "，".join(subject_words(one)) if one.kind == PLANNED else one.subject,
            one.code,
        )
        for one in found.lines
    )
    table(("序号", "时间", "何人", "途径", "何事", "对象", "校验码"), rows)
    return DONE


@app.command
def verify(
    *,
    anchor: Annotated[Sequence[str], Parameter(help="从旧邮件或打印件上抄来的 序号：校验码，可写多次")] = (),
    files: Annotated[bool, Parameter(negative="--no-files", help="逐个读佐证文件核对（每 GB 几秒钟）")] = True,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """重算整条校验链，与台账、签到表和每个佐证文件核对。

    被改过、插入、删去或调换，都会指出第一条不符的记录；退出码 1。--no-files 不读佐证文件。
    """
    anchors = tuple(_anchor(one) for one in anchor)
    with opened(clock) as home:
        folder = home.evidence_folder if files else None
        with bars() as progress:
            result = check_chain(home.store, anchors=anchors, evidence_folder=folder, progress=progress)
        if json:
            as_json(result)
        else:
            for sentence in result.sentences:
                (say if result.ok else warn)(sentence)
            if not files:
                say("没有核对佐证文件（--no-files）。")
        if result.files is not None:
            _keep(home, result, result.files)
    return DONE if result.ok else NO


def _keep(home: Home, result: Verification, files: int) -> None:
    """So that the page says when the files were last read. An auditor's copy that nobody may write is checked all the same."""
    try:
        note_check(home.store, RecordCheck(result.entries, result.faults, files, result.file_faults), now=home.now())
    except DATABASE_FAULTS:
        warn("数据库不可写：这次核对没有记在“办结日志”页上，结果不受影响。")


def _anchor(written: str) -> tuple[int, str]:
    try:
        return parse_anchor(written)
    except ValueError as error:
        raise Wrong(f"--anchor «{written}»：{error}") from None
