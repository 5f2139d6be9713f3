"""``list``, ``show``, ``outbox``, ``why``: what is, and how it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

from cyclopts import Parameter

from cli.say import as_json, say, table
from cli.surroundings import DONE, NO, Clock, Wrong, opened
from cli.who import known_person
from cli.words import KINDS, MESSAGE_STATES, STATES, day, left, message_state, moment
from reports.channel_rests import channel_rests
from reports.history import History, history
from reports.occurrences import STATE_WORDS, Filters, OccurrenceLine
from reports.occurrences import listing as list_occurrences
from reports.outbox import MessageFilters
from reports.outbox import outbox as list_messages
from reports.timeline import timeline
from reports.why import why as explain

if TYPE_CHECKING:
    from config.app import App

Json = Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")]
NOW = Clock()
Asked = ParamSpec("Asked")
Found = TypeVar("Found")


def _either(words: Mapping[str, str]) -> str:
    """For a help text: what may be written, as the pages say it and as scripts do."""
    return "、".join(f"{name}({value})" for value, name in words.items())


def _value_of(typed: str, words: Mapping[str, str]) -> str:
    """The value behind a word as the pages show it; what is none stays, for the report to refuse."""
    return next((value for value, name in words.items() if typed in {value, name}), typed)


def listing(
    *,
    kind: Annotated[Sequence[str], Parameter(help=_either(KINDS))] = (),
    unit: Annotated[Sequence[str], Parameter(help="单位代号")] = (),
    person: Annotated[Sequence[str], Parameter(help="人员代号或姓名")] = (),
    state: Annotated[Sequence[str], Parameter(help=_either(STATE_WORDS))] = (),
    period: Annotated[str, Parameter(help="周期的开头，如 2026、2026-Q1、2026-03")] = "",
    text: Annotated[str, Parameter(help="标题里的字")] = "",
    due_from: Annotated[date | None, Parameter(help="到期日不早于")] = None,
    due_to: Annotated[date | None, Parameter(help="到期日不晚于")] = None,
    limit: Annotated[int, Parameter(help="最多列出几项")] = 50,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """列出办理项，按到期日。"""
    with opened(clock) as app:
        filters = Filters(
            kinds=tuple(_value_of(one, KINDS) for one in kind),
            units=tuple(unit),
            persons=tuple(known_person(one, app.roster.people) for one in person),
            states=tuple(_value_of(one, STATE_WORDS) for one in state),
            period=period,
            text=text,
            due_from=due_from,
            due_to=due_to,
        )
        found = _answer(
            list_occurrences, app.store, filters, as_of=app.today(), workdays=app.workdays, limit=None if json else limit
        )
    if json:
        as_json({"total": found.total, "occurrences": found.lines})
        return DONE
    table(("到期", "类别", "事项", "承办", "状态", "编号"), (_row(line) for line in found.lines))
    if found.total > len(found.lines):
        say(f"共 {found.total} 项，列出前 {len(found.lines)} 项（--limit 可改）")
    return DONE


def show(
    ref: Annotated[str, Parameter(help="办理项编号，如 study-law:2026-Q1")], /, *, json: Json = False, clock: Clock = NOW
) -> int:
    """一个办理项的全部经过：编排、提醒、消息与渠道的回答、改期、办结、佐证、完成记录。"""
    with opened(clock) as app:
        told = _known(app, ref)
        zone = app.tz
    if json:
        as_json(told)
        return DONE
    line = told.line
    say(f"{line.title}  [{line.ref}]", f"  类别 {KINDS[line.kind]}  状态 {state_words(line)}")
    say(f"  时限 {due_words(line)}", f"  单位 {line.unit_name or '—'}  承办 {'、'.join(line.owners) or '—'}")
    if line.basis:
        say(f"  依据 {line.basis}" + ("" if line.basis_mark == "见" else "（默认值，请核对）"))
    say("经过：")
    for entry in timeline(told, tz=zone):
        say(f"  {moment(entry.at, zone)}  {entry.sentence}" + (f" [第{entry.seq}条 {entry.code}]" if entry.seq else ""))
    return DONE


def outbox(
    *,
    state: Annotated[Sequence[str], Parameter(help=_either(MESSAGE_STATES))] = (),
    person: Annotated[str | None, Parameter(help="人员代号或姓名")] = None,
    on: Annotated[date | None, Parameter(help="哪一天")] = None,
    limit: Annotated[int, Parameter(help="最多列出几条")] = 50,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """消息，以及渠道的回答。"""
    with opened(clock) as app:
        key = None if person is None else known_person(person, app.roster.people)
        filters = MessageFilters(tuple(_value_of(one, MESSAGE_STATES) for one in state), key, day=on)
        found = _answer(list_messages, app.store, filters, tz=app.tz, limit=None if json else limit)
        rests = channel_rests(app.store, now=app.now())
        zone = app.tz
    if json:
        as_json({"total": found.total, "messages": found.lines, "channels": rests})
        return DONE
    rows = (
        (
            one.ref,
            moment(one.sent_at or one.built_at, zone),
            one.name,
            one.channel,
            message_state(one.state, verified=one.verified, only_written=one.only_written),
            one.subject,
        )
        for one in found.lines
    )
    table(("编号", "时间", "收件人", "渠道", "状态", "标题"), rows)
    if found.total > len(found.lines):
        say(f"共 {found.total} 条，列出前 {len(found.lines)} 条")
    say(*(f"! {words}。" for one in rests if (words := one.sentence(zone))))
    return DONE


def why(
    person: Annotated[str, Parameter(help="人员代号或姓名")],
    on: Annotated[date, Parameter(help="哪一天，如 2026-03-05")],
    /,
    *,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """某人某日为什么收到，或者没有收到。"""
    with opened(clock) as app:
        key = known_person(person, app.roster.people)
        answer = explain(app.store, key, on, now=app.now(), tz=app.tz, windows=app.settings.windows, workdays=app.workdays)
    if json:
        as_json(answer)
        return DONE
    say(f"{answer.name} {day(on)}:", *(f"  {sentence}" for sentence in answer.sentences))
    return DONE


def _answer(report: Callable[Asked, Found], *asked: Asked.args, **also: Asked.kwargs) -> Found:
    """What the report says; its ValueError is a sentence for who typed a word that it does not know."""
    try:
        return report(*asked, **also)
    except ValueError as error:
        raise Wrong(str(error)) from None


def _known(app: App, ref: str) -> History:
    try:
        found = history(app.store, ref, as_of=app.today(), workdays=app.workdays)
    except ValueError as error:
        raise Wrong(str(error)) from None
    if found is None:
        raise Wrong(f"没有办理项 {ref}：用 suishi list 查看编号", exit_code=NO)
    return found


def due_words(line: OccurrenceLine) -> str:
    """The due day with what a reader must know about it."""
    parts = [day(line.due_on)]
    if line.as_written:
        parts.append(f"原文“{line.as_written}”")
    if line.provisional:
        parts.append("暂定")
    if line.awaiting_notice:
        parts.append("等待通知")
    if line.original_due_on != line.due_on:
        parts.append(f"原定 {day(line.original_due_on)}")
    if line.extension_to is not None:
        parts.append(f"申请延至 {day(line.extension_to)}")
    if line.explanation:
        parts.append(line.explanation)
    return " · ".join(parts)


def state_words(line: OccurrenceLine) -> str:
    if line.state == "open" and line.silent:
        return "启用前，可补录"
    if line.state == "open" and line.extension_to is not None:
        return "延期待批"
    if line.state == "open":
        return "等待通知" if line.awaiting_notice else left(line.workdays_left, overdue=line.overdue)
    if line.state == "done":
        if line.standing:
            return "已复核"
        return "逾期办结" if line.late else STATES["done"]
    return STATES[line.state]


def _row(line: OccurrenceLine) -> tuple[str, ...]:
    due = day(line.due_on) + ("暂定" if line.provisional else "")
    return (due, KINDS[line.kind], line.title, "、".join(line.owners), state_words(line), line.ref)
