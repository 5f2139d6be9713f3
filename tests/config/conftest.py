"""A small good home, and a way to change one of its files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.calendar import Calendar
from config.office import Office, read_office

GOOD_HOME = {
    "suishi.yaml": """\
office: 某某镇人民政府
title: 法治工作提醒
admin: zhangsan
silent_before: 2026-03-01
mail_domain: caohui.example
ladders:
  standard: "T-7 T-3 T-1 T0 T+1=owner,overseer T+3=owner,overseer,leader"
  quick: "T-1 T0"
default_ladders: {rectification: quick}
""",
    "people.yaml": """\
units:
  - {key: zhen, name: 某某镇, kind: town, head: lisi}
  - {key: bangongshi, name: 党政办公室, kind: office, parent: zhen, head: lisi, contact: zhangsan}
  - {key: dongcun, name: 东村, kind: village, parent: zhen, head: wangwu}
  - {key: xicun, name: 西村, kind: village, parent: zhen, head: wangwu}
people:
  - key: lisi
    name: 李四
    posts: [{unit: zhen, title: 镇长, roles: [主要领导, 分管领导]}]
    destinations: [{channel: mail, address: lisi@caohui.example}]
  - key: zhangsan
    name: 张三
    posts: [{unit: bangongshi, title: 党政办主任, roles: [学习秘书, 联络员]}]
    destinations: [{channel: mail, address: zhangsan@caohui.example}, {channel: outbox, address: zhangsan}]
    stand_ins: [{person: lisi, since: 2026-07-01, until: 2026-07-15}]
  - key: wangwu
    name: 王五
    posts:
      - {unit: dongcun, title: 村主任}
      - {unit: xicun, title: 村主任}
    destinations: [{channel: outbox, address: wangwu}]
""",
    "channels.yaml": """\
channels:
  mail:
    type: mail
    host: smtp.caohui.example
    user: fazhi@caohui.example
    password: ${file:secrets/smtp.pw}
    sender: 某某镇法治办 <fazhi@caohui.example>
  outbox: {type: outbox}
""",
    "calendar/10-good.yaml": """\
duties:
  - key: annual-report
    kind: routine
    title: 报送年度报告
    owner: unit:bangongshi
    overseer: role:分管领导
    rule: {before: 03-01}

  - key: study-law
    kind: study
    title: 专题学习
    owner: role:学习秘书
    rule: {at_least: 1, per: quarter}
""",
    "secrets/smtp.pw": "canary-Passw0rd\n",
}

CalendarOf = Callable[[str], Calendar]


class Home:
    """A home on disk whose files can be rewritten."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in GOOD_HOME.items():
            self.write(name, text)
        (folder / "secrets/smtp.pw").chmod(0o600)

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def read(self, **environ: str) -> Office:
        return read_office(self.folder, environ=environ)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "曹回 镇")


@pytest.fixture
def calendar_of(home: Home) -> CalendarOf:
    """The calendar when this text stands in a file beside the good one."""

    def read(text: str) -> Calendar:
        home.write("calendar/20-more.yaml", text)
        return home.read().calendar

    return read
