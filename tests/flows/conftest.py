"""A small office whose windows stand open, so that a real clock may tick at any hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.init import write_home

SETTINGS = """
office: 曹回镇人民政府
title: 法治工作提醒
silent_before: "{today}"
admin: chenxia
listen: 127.0.0.1:8600
base_url: http://127.0.0.1:8600
windows: ["00:00-23:59"]
remind_at: "08:45"
ladders:
  standard: "assigned T-3 T0 T+1=owner,overseer"
"""

PEOPLE = """
units:
  - {key: caohui, name: 曹回镇, kind: town}
  - {key: sifasuo, name: 司法所, kind: office, parent: caohui, head: chenxia, contact: wangmin}
people:
  - key: chenxia
    name: 陈霞
    posts: [{unit: sifasuo, title: 司法所所长, roles: [分管领导]}]
    destinations: [{channel: outbox, address: chenxia@caohui.example}]
  - key: wangmin
    name: 王敏
    posts: [{unit: sifasuo, title: 司法助理员, roles: [学习秘书]}]
    destinations: [{channel: outbox, address: wangmin@caohui.example}]
"""

CALENDAR = """
duties:
  - key: study-law
    kind: study
    title: 中心组法治专题学习
    owner: role:学习秘书
    overseer: role:分管领导
    rule: {at_least: 1, per: quarter}
  - {key: constitution-day, kind: publicity, title: 国家宪法日宣传, owner: "person:wangmin", rule: {on: 12-04}}
  - {key: annual-report, kind: routine, title: 法治政府建设年度报告, owner: "person:chenxia", rule: {before: 03-01}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Its files are read and its database is made by whoever comes first."""
    made = tmp_path / "home"
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    write_home(made, pack=None, as_of=today)
    for place in (made / "calendar").iterdir():
        place.unlink()
    (made / "suishi.yaml").write_text(SETTINGS.replace("{today}", today.isoformat()), encoding="utf-8")
    (made / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (made / "channels.yaml").write_text("channels:\n  outbox: {type: outbox}\n", encoding="utf-8")
    (made / "calendar" / "office.yaml").write_text(CALENDAR, encoding="utf-8")
    # Messages go out on workdays only: the day on which the test runs, and the next, are worked here.
    worked = "".join(f"- {{date: {today + timedelta(days=n)}, off: false, reason: 补班}}\n" for n in (0, 1))
    (made / "holidays" / "local.yaml").write_text(worked, encoding="utf-8")
    return made
