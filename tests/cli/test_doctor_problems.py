"""``doctor`` answers no while a problem is open, and names it; advice alone is no illness."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cli.doctor import doctor
from cli.surroundings import DONE, NO, Clock, stand_in
from config.app import open_app
from config.init import write_home
from services.problems import close_problem, report_problem

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    write_home(made, pack="township-law", as_of=date(2026, 3, 2))
    stand_in(made)
    return made


def test_an_open_problem_makes_the_answer_no_and_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = open_app(home, environ={}, clock=lambda: NOW)
    clock = Clock("2026-03-02T09:00+08:00")
    assert doctor(quick=True, clock=clock) == DONE
    with app.store.write() as db:
        report_problem(db, key="hint", kind="advice", text="再补一个渠道。", now=NOW)
    assert doctor(quick=True, clock=clock) == DONE
    assert "! 再补一个渠道。" in capsys.readouterr().out
    with app.store.write() as db:
        report_problem(db, key="calendar", kind="plan", text="日历有错，请运行 suishi check。", now=NOW)
    assert doctor(quick=True, clock=clock) == NO
    assert "✗ 日历有错，请运行 suishi check。" in capsys.readouterr().out
    assert doctor(quick=True, json=True, clock=clock) == NO
    assert not json.loads(capsys.readouterr().out)["ok"]
    with app.store.write() as db:
        close_problem(db, key="calendar", now=NOW)
    assert doctor(quick=True, clock=clock) == DONE
    app.close()
