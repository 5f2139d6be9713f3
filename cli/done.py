"""``done``: the command that is typed most often. It loads only what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.say import as_json, say
from cli.surroundings import DONE, Clock, Wrong, opened
from cli.who import known_person
from services.complete import complete
from services.complete import prove as prove_done
from services.evidence import NewEvidence

Ref = Annotated[str, Parameter(help="办理项编号，如 study-law:2026-Q1（suishi list 里有）")]
By = Annotated[str, Parameter(help="谁（代号或姓名）")]
Json = Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")]
NOW = Clock()


def done(
    ref: Ref,
    /,
    *,
    by: By,
    measure: Annotated[Sequence[str], Parameter(help="指标，如 --measure 场次=2，可写多次")] = (),
    on: Annotated[date | None, Parameter(help="办结的日期，不写就是今天")] = None,
    note: Annotated[str, Parameter(help="办理情况")] = "",
    evidence: Annotated[Sequence[Path], Parameter(help="佐证文件，可写多次")] = (),
    nothing_to_report: Annotated[bool, Parameter(negative="", help="本期无（无事报平安）")] = False,
    recorded_by: Annotated[str | None, Parameter(help="代为登记的人，不写就是本人")] = None,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """登记办结。逾期后仍可登记，如实记为逾期办结。"""
    with opened(clock) as app:
        people = app.roster.people
        doer = known_person(by, people)
        outcome = complete(
            app.store,
            ref,
            by=doer,
            by_name=people[doer].name,
            recorded_by=doer if recorded_by is None else known_person(recorded_by, people),
            via="cli",
            now=app.now(),
            done_on=on or app.today(),
            workdays=app.workdays,
            as_of=app.today(),
            measures=dict(_pair(one) for one in measure),
            note=note,
            nothing_to_report=nothing_to_report,
            evidence=[_file(path) for path in evidence],
            folder=app.evidence_folder,
        )
    if json:
        as_json(outcome)
        return DONE
    by_how_much = f" {outcome.late_workdays} 个工作日" if outcome.late_workdays else ""  # late by a rest day only
    how = f"逾期{by_how_much}办结" if outcome.late else "按时办结"
    say(f"✓ 已登记：{outcome.ref} {how}，完成记录第 {outcome.seq} 条")
    return DONE


def prove(
    ref: Ref,
    /,
    *,
    by: By,
    evidence: Annotated[Sequence[Path], Parameter(help="佐证文件，可写多次")],
    note: Annotated[str, Parameter(help="说明")] = "",
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """办结以后补交佐证。办了和有佐证是两件事，分别记录。"""
    with opened(clock) as app:
        outcome = prove_done(
            app.store,
            ref,
            by=known_person(by, app.roster.people),
            via="cli",
            now=app.now(),
            evidence=[_file(path) for path in evidence],
            folder=app.evidence_folder,
            note=note,
        )
    if json:
        as_json(outcome)
        return DONE
    say(f"✓ 已补交佐证：{ref}（{len(evidence)} 份），完成记录第 {outcome.seq} 条")
    return DONE


def _pair(written: str) -> tuple[str, str]:
    name, equals, value = written.replace("\N{FULLWIDTH EQUALS SIGN}", "=").partition("=")
    if not equals or not name.strip():
        raise Wrong(f"--measure «{written}»应当像 场次=2 这样写")
    return name.strip(), value.strip()


def _file(path: Path) -> NewEvidence:
    try:
        return NewEvidence(path.name, path.read_bytes())
    except OSError as error:
        raise Wrong(f"--evidence «{path}»读不出来：{error.strerror}") from None
