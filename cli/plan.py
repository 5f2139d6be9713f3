"""``plan`` and ``rehearse``: the year, and what it will say."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated

from cyclopts import Parameter

from cli.say import as_json, say, table, warn
from cli.surroundings import DONE, Clock, Wrong, opened
from cli.who import known_person
from cli.words import KINDS, day
from services.plan import PlanOutcome
from services.plan import plan as reconcile
from services.rehearse import rehearse as play

SHOWN = 30
"""Moved dates and messages that the terminal lists; --json lists all."""


def plan(
    *,
    dry_run: Annotated[bool, Parameter(negative="", help="只说会怎样，不写入")] = False,
    retire: Annotated[bool, Parameter(negative="", help="撤回已从文件里删去的事项今后的办理项")] = False,
    yes_many: Annotated[bool, Parameter(negative="", help="确认：超过三成的办理项会变动")] = False,
    full: Annotated[bool, Parameter(negative="", help="逐行核对，不凭指纹跳过")] = False,
    json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False,
    clock: Clock = Clock(),
) -> int:
    """按文件编排今年和明年，只改动有差别的地方；已发出、已办结、已延期和已过去的都不动。"""
    with opened(clock) as app:
        outcome = reconcile(
            app.store,
            app.plan_basis(),
            now=app.now(),
            actor="cli",
            dry_run=dry_run,
            retire=retire,
            yes_many=yes_many,
            full=full,
        )
        years = app.planned_years()
    if json:
        as_json({"years": years, **_as_fields(outcome)})
        return DONE
    tell(outcome, years)
    return DONE


def rehearse(
    *,
    until: Annotated[date, Parameter(help="到哪一天为止，如 2026-12-31")],
    person: Annotated[str | None, Parameter(help="只看一个人（代号或姓名）")] = None,
    text: Annotated[bool, Parameter(negative="", help="列出全部消息，连同正文")] = False,
    json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False,
    clock: Clock = Clock(),
) -> int:
    """预演从现在到某日会发出的每一条消息：几时、给谁、什么内容。什么也不写入。"""
    with opened(clock) as app:
        end = datetime.combine(until, time.max, app.tz)
        if end <= app.now():
            raise Wrong(f"--until {until} 已经过去，请写今天或以后的日期")
        key = None if person is None else known_person(person, app.roster.people)
        told = play(app.store, app.delivery_policy(), now=app.now(), until=end, person=key)
        zone = app.tz
    if json:
        as_json({"until": until, "messages": told})
        return DONE
    if text:
        for one in told:
            say(f"── {one.at.astimezone(zone):%Y-%m-%d %H:%M}  {one.name}  {one.channel}  {one.subject}", one.text)
        say(f"到 {day(until)} 为止会发出 {len(told)} 条消息")
        return DONE
    table(
        ("时间", "收件人", "渠道", "标题"),
        ((f"{one.at.astimezone(zone):%m-%d %H:%M}", one.name, one.channel, one.subject) for one in told[:SHOWN]),
        title=f"到 {day(until)} 为止会发出 {len(told)} 条消息",
    )
    if len(told) > SHOWN:
        say(f"……另有 {len(told) - SHOWN} 条，加 --text 看全部和正文")
    return DONE


def _as_fields(outcome: PlanOutcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in outcome.__dataclass_fields__}


def tell(outcome: PlanOutcome, years: tuple[int, ...]) -> None:
    span = f"{years[0]}—{years[-1]}"
    changed = f"新增 {outcome.added}，改期 {len(outcome.moved)}，撤回 {len(outcome.withdrawn)}，更新 {outcome.updated}"
    say(f"{'预览' if outcome.dry_run else '编排'} {span} 年：{changed}。将发改期和撤回通知 {outcome.notices} 份。")
    if outcome.by_kind:
        say("待办：" + "，".join(f"{KINDS[kind]} {count}" for kind, count in outcome.by_kind.items()))
    if outcome.provisional:
        say(f"其中 {outcome.provisional} 项的日期为暂定：相应年份的放假通知还没有导入（suishi holidays import）。")
    if outcome.moved:
        rows = ((one.ref, one.title, day(one.from_on), day(one.to_on), "、".join(one.told)) for one in outcome.moved[:SHOWN])
        table(("编号", "事项", "原定", "改为", "将告知"), rows)
    if len(outcome.moved) > SHOWN:
        say(f"……另有 {len(outcome.moved) - SHOWN} 项改期，用 --json 看全部")
    for update in outcome.updates:
        say(f"· {update.sentence}")
    if outcome.withdrawn:
        more = f" 等 {len(outcome.withdrawn)} 项" if len(outcome.withdrawn) > SHOWN else ""
        say("撤回：" + "、".join(outcome.withdrawn[:SHOWN]) + more)
    for key in outcome.gone:
        warn(f"! 文件里已没有事项 {key}，它的办理项先留着；确实不要了，运行 suishi plan --retire")
    for sentence in outcome.problems:
        warn(f"! {sentence}")
    if outcome.degraded:
        warn("! 有的事项读不懂，没有编排；其余照常。改正后再运行一次 suishi plan。")
