from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reports.verification import verify
from services.change import extend, hand_over, reopen, waive
from services.complete import prove
from services.evidence import NewEvidence
from services.sign_off import review, sign_off

CHINA = ZoneInfo("Asia/Shanghai")


def test_a_year_of_every_act_passes(office: Any, clock: Any, tmp_path: Path) -> None:
    page = {"via": "page", "by": "wangmin"}
    rest = {"workdays": office.workdays, "remind_at": time(9), "tz": CHINA, "reason": "出差", **page}
    office.duty("guard", standing=True)
    standing = office.occurrence("guard", "2026-Q1", standing=True)
    mixed = office.occurrence(period="2026-06", due=date(2026, 3, 10))
    office.duty("rectify", kind="rectification", sign_off=True)
    rectified = office.occurrence("rectify", "整改-001", sign_off_needed=True)
    silent = office.occurrence(period="2025-12", due=date(2025, 12, 31), silent=True)
    waiting = office.occurrence(period="2026-07", due=date(2026, 3, 1), awaiting_notice=True)
    asked = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "wangmin", "via": "page", "done_on": date(2026, 3, 9)}
    review(office.store, standing, now=clock(3, 9), note="仍有效", workdays=office.workdays, **asked)
    extend(office.store, mixed, to=date(2026, 3, 12), now=clock(3, 9), **rest)
    hand_over(office.store, mixed, to="liqiang", to_name="李强", reason="调离", now=clock(3, 9), **page)
    hand_over(office.store, mixed, to="chenxia", to_name="陈霞", reason="回来", now=clock(3, 9), **page)
    office.done(mixed, clock(3, 16))
    prove(office.store, mixed, evidence=[NewEvidence("单.pdf", b"%PDF-1")], folder=tmp_path / "e", now=clock(3, 16), **page)
    reopen(office.store, mixed, reason="点错", now=clock(3, 17), **page)
    waive(office.store, mixed, reason="取消", now=clock(3, 17), **page)
    assert verify(office.store).ok
    reopen(office.store, mixed, reason="仍要办", now=clock(3, 17), **page)
    assert verify(office.store).ok
    office.done(mixed, clock(3, 18), done_on=date(2026, 3, 11))
    office.done(silent, clock(3, 18), done_on=date(2025, 12, 30), via="import")
    office.done(waiting, clock(3, 18))
    office.done(rectified, clock(3, 18))
    sign_off(office.store, rectified, now=clock(3, 19), note="属实", **page)
    assert verify(office.store).ok, verify(office.store).sentences
