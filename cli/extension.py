"""``extension``: the requests for a later day, and what is decided on them (延期待批)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from cli.say import as_json, say, table
from cli.surroundings import DONE, Clock, opened
from cli.who import known_person
from cli.words import day, moment
from reports.extension_requests import pending_requests
from services.extension_requests import decide_extension, withdraw_extension
from services.held import Recorded

Ref = Annotated[str, Parameter(help="办理项编号，如 study-law:2026-Q1（suishi extension list 里有）")]
By = Annotated[str, Parameter(help="谁（代号或姓名）")]
Json = Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")]
NOW = Clock()

app = App(name="extension")


@app.command(name="list")
def listing(*, json: Json = False, clock: Clock = NOW) -> int:
    """列出等待批复的延期申请，时限近的在前。"""
    with opened(clock) as opened_app:
        found = pending_requests(opened_app.store)
        zone = opened_app.tz
    if json:
        as_json({"total": len(found), "requests": found})
        return DONE
    if not found:
        say("没有等待批复的延期申请")
        return DONE
    rows = (
        (
            one.title,
            day(one.from_on),
            day(one.to_on),
            one.asked_name,
            one.reason,
            moment(one.asked_at, zone),
            "、".join(one.overseers) or "管理员",
            one.ref,
        )
        for one in found
    )
    table(("事项", "现时限", "申请延至", "申请人", "原因", "申请时间", "由谁批复", "编号"), rows)
    return DONE


@app.command
def approve(
    ref: Ref,
    /,
    *,
    by: By,
    to: Annotated[date | None, Parameter(help="批准到哪一天，不写就是申请的日期")] = None,
    note: Annotated[str, Parameter(help="批复意见")] = "",
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """批准延期。由分管领导、主要领导或管理员批复，申请人不能批自己的。"""
    outcome = _decide(ref, approve=True, by=by, to=to, answer=note, clock=clock)
    return _told(outcome, f"✓ 已批准延期：{ref}" + (f" 到 {day(to)}" if to else ""), json=json)


@app.command
def refuse(
    ref: Ref, /, *, by: By, note: Annotated[str, Parameter(help="不批准的原因")], json: Json = False, clock: Clock = NOW
) -> int:
    """不批准延期。时限不变，提醒照常继续。"""
    outcome = _decide(ref, approve=False, by=by, to=None, answer=note, clock=clock)
    return _told(outcome, f"✓ 已答复不批准：{ref} 时限不变，提醒继续", json=json)


@app.command
def withdraw(ref: Ref, /, *, by: By, json: Json = False, clock: Clock = NOW) -> int:
    """撤回延期申请。时限不变，提醒照常继续。"""
    with opened(clock) as opened_app:
        outcome = withdraw_extension(
            opened_app.store,
            ref,
            by=known_person(by, opened_app.roster.people),
            via="cli",
            now=opened_app.now(),
            admin=opened_app.settings.admin,
        )
    return _told(outcome, f"✓ 已撤回延期申请：{ref}", json=json)


def _decide(ref: str, *, approve: bool, by: str, to: date | None, answer: str, clock: Clock) -> Recorded:
    with opened(clock) as opened_app:
        person = opened_app.roster.people[known_person(by, opened_app.roster.people)]
        return decide_extension(
            opened_app.store,
            ref,
            approve=approve,
            to=to,
            by=person.key,
            by_name=person.name,
            answer=answer,
            via="cli",
            now=opened_app.now(),
            workdays=opened_app.workdays,
            remind_at=opened_app.settings.remind_at,
            tz=opened_app.tz,
            approval=opened_app.settings.extension_approval,
            admin=opened_app.settings.admin,
        )


def _told(outcome: Recorded, sentence: str, *, json: bool) -> int:
    if json:
        as_json(outcome)
    else:
        say(sentence)
    return DONE
