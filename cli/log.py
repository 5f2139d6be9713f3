"""``log`` and ``log verify``: the completion log, and whether anybody changed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter

from cli.say import as_json, fields, say, table, warn
from cli.surroundings import DONE, NO, Clock, Wrong, opened
from cli.words import moment
from planning.acts import ACTORS, VIAS, act_name
from reports.log import log as read_log
from reports.log import parse_anchor
from reports.log import verify as check_chain

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
            one.subject,
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
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """重算整条校验链，并核对每个佐证文件。被改过、插入、删去或调换，都会指出第一条不符的记录；退出码 1。"""
    anchors = tuple(_anchor(one) for one in anchor)
    with opened(clock) as opened_app:
        result = check_chain(opened_app.store, anchors=anchors, evidence_folder=opened_app.evidence_folder)
    if json:
        as_json(result)
    else:
        for sentence in result.sentences:
            (say if result.ok else warn)(sentence)
    return DONE if result.ok else NO


def _anchor(written: str) -> tuple[int, str]:
    try:
        return parse_anchor(written)
    except ValueError as error:
        raise Wrong(f"--anchor «{written}»：{error}") from None
