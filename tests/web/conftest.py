"""A small town on SQLite: its files, its year planned, a clock that tests set, and a browser that is no browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.app import App, open_app
from services.complete import complete
from services.links import expiry, ensure_link, token_of
from services.plan import plan
from web.app import create_app

SETTINGS = """
office: 曹回镇人民政府
title: 法治工作提醒
admin: zhangwei
silent_before: 2026-01-01
base_url: http://town.example
"""

PEOPLE = """
units:
  - {key: caohui, name: 曹回镇, kind: town, head: liguoqiang}
  - {key: dangzhengban, name: 党政办公室, kind: office, parent: caohui, head: zhangwei}
  - {key: sifasuo, name: 司法所, kind: office, parent: caohui, head: chenxia, contact: wangmin}
  - {key: huilong, name: 回龙村, kind: village, parent: caohui, head: fenggang}
people:
  - {key: liguoqiang, name: 李国强, posts: [{unit: caohui, title: 镇长, roles: [主要领导]}], destinations: [{channel: outbox, address: li@caohui.example}]}
  - {key: zhangjun, name: 张军, posts: [{unit: caohui, title: 政法委员, roles: [分管领导]}], destinations: [{channel: outbox, address: zj@caohui.example}]}
  - {key: zhangwei, name: 张伟, posts: [{unit: dangzhengban, title: 党政办主任}], destinations: [{channel: outbox, address: zw@caohui.example}]}
  - {key: chenxia, name: 陈霞, posts: [{unit: sifasuo, title: 司法所所长}], destinations: [{channel: outbox, address: cx@caohui.example}]}
  - {key: wangmin, name: 王敏, posts: [{unit: sifasuo, title: 司法助理员}], destinations: [{channel: outbox, address: wm@caohui.example}]}
  - {key: fenggang, name: 冯刚, posts: [{unit: huilong, title: 村主任}], destinations: [{channel: outbox, address: fg@caohui.example}]}
"""

CHANNELS = """
channels:
  outbox: {type: outbox}
"""

DUTIES = """
duties:
  - {key: study-law, kind: study, title: 中心组法治专题学习, basis: 中心组学习规则, basis_mark: 见, owner: person:chenxia, overseer: role:分管领导, leader: role:主要领导,
     rule: {at_least: 1, per: quarter}, evidence: [签到表], measures: [{name: 场次, unit: 场, required: true}, {name: 人次, unit: 人次}]}
  - {key: report, kind: routine, title: 法治政府建设年度报告, basis: 督察工作规定, basis_mark: 记, owner: person:zhangwei, rule: 3月1日前}
  - {key: safe, kind: routine, title: 重点人员排查, owner: unit:sifasuo, rule: {day: 20}, zero_report: true}
  - {key: theme, kind: publicity, title: 一月一主题普法, basis: 普法责任制, basis_mark: 推, owner: person:wangmin, rule: {day: 28}, themes: {3: 消费者权益保护, 12: 宪法宣传周}}
  - {key: fix, kind: rectification, title: 整改反馈问题, owner: person:wangmin, verifier: person:chenxia, sign_off: true, period: 整改-007, rule: {on: 2026-06-30}}
  - {key: discipline, kind: routine, title: 依法决策, owner: person:zhangwei, rule: {standing: 12-15}}
"""


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Town:
    app: App
    clock: Clock
    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop = field(repr=False)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.client.get(path, **more))

    def head(self, path: str, **more: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.client.head(path, **more))

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.client.post(path, **more))

    def done(self, ref: str, on: date, *, by: str = "chenxia", name: str = "陈霞", **more: Any) -> None:
        complete(
            self.app.store,
            ref,
            by=by,
            by_name=name,
            recorded_by=by,
            via="cli",
            now=self.clock.now,
            as_of=self.app.today(),
            done_on=on,
            workdays=self.app.workdays,
            **more,
        )

    def link(self, ref: str, person: str, role: str = "owner") -> str:
        """The token that a reminder to this person would carry."""
        from sqlalchemy import select

        from models.occurrence import assignments, occurrences

        duty_key, period = ref.split(":")
        wanted = (
            select(assignments.c.id, occurrences.c.due_at)
            .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
            .where(occurrences.c.duty_key == duty_key, occurrences.c.period == period)
            .where(assignments.c.person == person, assignments.c.role == role)
        )
        with self.app.store.write() as db:
            row = db.execute(wanted).one()
            until = expiry(row.due_at, now=self.clock.now)
            sent = ensure_link(db, row.id, link_key=self.app.link_key, now=self.clock.now, expires_at=until)
        return token_of(self.app.link_key, row.id, sent.serial)


def write_home(home: Path) -> Path:
    (home / "calendar").mkdir(parents=True)
    (home / "secrets").mkdir()
    for name, text in {
        "suishi.yaml": SETTINGS,
        "people.yaml": PEOPLE,
        "channels.yaml": CHANNELS,
        "calendar/all.yaml": DUTIES,
        "secrets/app.key": "ab" * 32,
    }.items():
        (home / name).write_text(text, encoding="utf-8")
    (home / "secrets" / "app.key").chmod(0o600)
    return home


def planned_app(home: Path, clock: Callable[[], datetime], *, demo: bool = False) -> App:
    """The town's year, planned on the first workday of 2026."""
    app = open_app(write_home(home), environ={}, clock=clock, demo=demo)
    assert [problem.message for problem in app.office.errors] == []
    plan(app.store, app.plan_basis((2026, 2027)), now=datetime(2026, 1, 4, 1, 0, tzinfo=UTC))
    return app


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    clock = Clock(datetime(2026, 4, 8, 1, 30, tzinfo=UTC))  # Wednesday, half past nine in the town
    app = planned_app(tmp_path / "home", clock)
    loop = asyncio.new_event_loop()
    transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://town.example")
    yield Town(app, clock, client, loop)
    loop.run_until_complete(client.aclose())
    loop.close()
    app.close()
