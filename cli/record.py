"""What people do to an occurrence beside doing it; each with an author and, but for a review, a reason."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from cli.say import as_json, say
from cli.surroundings import DONE, Clock, opened
from cli.who import known_person
from cli.words import day
from planning.duty import Shift
from services.change import reopen as reopen_occurrence
from services.change import waive as waive_occurrence
from services.extend import extend as extend_occurrence
from services.extension_requests import ask_extension
from services.hand_over import hand_over as hand_occurrence_over
from services.sign_off import review as record_review
from services.sign_off import sign_off as sign_occurrence_off
from services.snooze import snooze as snooze_occurrence

Ref = Annotated[str, Parameter(help="办理项编号，如 study-law:2026-Q1（suishi list 里有）")]
By = Annotated[str, Parameter(help="谁（代号或姓名）")]
Reason = Annotated[str, Parameter(help="理由")]
Json = Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")]
NOW = Clock()


def review(
    ref: Ref, /, *, by: By, note: Annotated[str, Parameter(help="复核情况")], json: Json = False, clock: Clock = NOW
) -> int:
    """登记一次复核。长期坚持的事项不办结，只复核。"""
    with opened(clock) as app:
        person = app.roster.people[known_person(by, app.roster.people)]
        outcome = record_review(
            app.store,
            ref,
            by=person.key,
            by_name=person.name,
            recorded_by=person.key,
            note=note,
            via="cli",
            now=app.now(),
            done_on=app.today(),
            workdays=app.workdays,
            as_of=app.today(),
        )
    return _told(outcome, f"✓ 已登记复核：{ref}", json=json)


def reopen(ref: Ref, /, *, by: By, reason: Reason, json: Json = False, clock: Clock = NOW) -> int:
    """撤回办结或免办；原来的记录留着。"""
    with opened(clock) as app:
        who = known_person(by, app.roster.people)
        outcome = reopen_occurrence(app.store, ref, by=who, reason=reason, via="cli", now=app.now())
    return _told(outcome, f"✓ 已撤回：{ref} 重新待办", json=json)


def waive(ref: Ref, /, *, by: By, reason: Reason, json: Json = False, clock: Clock = NOW) -> int:
    """免办，写明理由。"""
    with opened(clock) as app:
        who = known_person(by, app.roster.people)
        outcome = waive_occurrence(app.store, ref, by=who, reason=reason, via="cli", now=app.now())
    return _told(outcome, f"✓ 已免办：{ref}", json=json)


def extend(
    ref: Ref,
    /,
    *,
    to: Annotated[date, Parameter(help="新的时限，如 2026-04-30")],
    by: By,
    reason: Reason,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """延期。只能在到期之前；原定时限留着，考核仍按原定时限。设置里要求批准的，先提交申请。"""
    with opened(clock) as app:
        who = app.roster.people[known_person(by, app.roster.people)]
        approval = app.settings.extension_approval
        if approval == "none":
            outcome = extend_occurrence(
                app.store,
                ref,
                to=to,
                by=who.key,
                reason=reason,
                via="cli",
                now=app.now(),
                tz=app.tz,
                workdays=app.workdays,
                remind_at=app.settings.remind_at,
            )
            return _told(outcome, f"✓ 已延期：{ref} 到 {day(to)}", json=json)
        outcome = ask_extension(
            app.store,
            ref,
            to=to,
            by=who.key,
            by_name=who.name,
            reason=reason,
            via="cli",
            now=app.now(),
            tz=app.tz,
            approval=approval,
        )
    return _told(outcome, f"✓ 已提交延期申请：{ref} 拟延至 {day(to)}，批复之前显示“延期待批”", json=json)


def snooze(
    ref: Ref,
    /,
    *,
    by: By,
    until: Annotated[date, Parameter(help="推迟到哪一天再提醒，如 2026-03-03")],
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """稍后提醒：本人的提醒推迟到某个工作日。时限不变，到期当日和逾期后的提醒不能推迟。"""
    with opened(clock) as app:
        who = known_person(by, app.roster.people)
        outcome = snooze_occurrence(
            app.store,
            ref,
            person=who,
            until=until,
            by=who,
            via="cli",
            now=app.now(),
            workdays=app.workdays,
            remind_at=app.settings.remind_at,
            tz=app.tz,
        )
        again = app.workdays.roll(until, Shift.FORWARD)
    return _told(outcome, f"✓ 已推迟：{ref} 到 {day(again)} 再提醒", json=json)


def hand_over(
    ref: Ref,
    /,
    *,
    to: By,
    by: By,
    reason: Reason,
    from_person: Annotated[str | None, Parameter(name="--from", help="从谁手里移交；承办不止一人时要写")] = None,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """移交他人承办。"""
    with opened(clock) as app:
        people = app.roster.people
        new, who = people[known_person(to, people)], known_person(by, people)
        outcome = hand_occurrence_over(
            app.store,
            ref,
            to=new.key,
            to_name=new.name,
            by=who,
            reason=reason,
            via="cli",
            now=app.now(),
            from_person=None if from_person is None else known_person(from_person, people),
        )
    return _told(outcome, f"✓ 已移交：{ref} 由{new.name}承办", json=json)


def sign_off(
    ref: Ref, /, *, by: By, note: Annotated[str, Parameter(help="验收意见")] = "", json: Json = False, clock: Clock = NOW
) -> int:
    """销号：由办理人以外的人验收。"""
    with opened(clock) as app:
        who = known_person(by, app.roster.people)
        outcome = sign_occurrence_off(app.store, ref, by=who, note=note, via="cli", now=app.now())
    return _told(outcome, f"✓ 已销号：{ref}", json=json)


def _told(outcome: object, sentence: str, *, json: bool) -> int:
    if json:
        as_json(outcome)
    else:
        say(sentence)
    return DONE
