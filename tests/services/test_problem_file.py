"""The file PROBLEM: there while nobody could be told, gone when there is nothing to tell."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from models.store import Store
from notifications.envelope import Channel
from planning.roster import Destination
from services.outside_ping import note_ping
from services.problem_file import FILE, keep_problem_file, write_problem_file
from services.problems import close_problem, report_problem
from tests.services.delivery.town import DOWN, TZ, Town, Wire, at, policy

ADMIN = "liguoqiang"
MORNING = at("2026-03-02", "09:00")
POLICY = policy(admin=ADMIN, destinations={ADMIN: (Destination("mail", "li@caohui.example"), Destination("wecom", "liguoqiang"))})


class Home:
    def __init__(self, store: Store, folder: Path) -> None:
        self.town, self.folder, self.wecom = Town(store), folder, Wire("wecom")

    def report(self, key: str, *, kind: str = "plan") -> None:
        with self.town.store.write() as db:
            report_problem(db, key=key, kind=kind, text=f"{key}坏了，请检查。", now=MORNING)

    def tick(self, minutes: int = 0) -> None:
        channels: dict[str, Channel] = {"wecom": self.wecom}
        self.town.tick(MORNING + timedelta(minutes=minutes), policy=POLICY, channels=channels)

    def kept(self) -> bool:
        there = keep_problem_file(self.town.store, self.folder, admins=(ADMIN, ""), now=MORNING.astimezone(TZ))
        assert there == (self.folder / FILE).exists()
        return there


@pytest.fixture
def home(store: Store, tmp_path: Path) -> Home:
    return Home(store, tmp_path)


def test_without_a_problem_there_is_no_file(home: Home) -> None:
    assert not home.kept()
    home.report("hint", kind="advice")
    assert not home.kept()


def test_it_stands_until_a_channel_took_the_message(home: Home) -> None:
    home.report("calendar")
    assert home.kept()
    text = (home.folder / FILE).read_text(encoding="utf-8")
    assert "2026-03-02 09:00 岁时有问题，而且没能通知到管理员" in text
    assert "- calendar坏了，请检查。" in text
    assert "suishi doctor" in text
    home.tick()
    assert not home.kept()


def test_with_every_channel_down_it_stays_and_one_channel_is_enough(home: Home) -> None:
    home.report("calendar")
    home.town.wire.script = [DOWN] * 20
    home.wecom.script = [DOWN] * 3
    home.tick()
    assert home.kept()
    home.tick(60)
    home.wecom.script = []
    home.tick(120)
    home.tick(130)
    assert not home.kept()


def test_one_untold_problem_brings_all_open_ones_into_the_file(home: Home) -> None:
    home.report("calendar")
    home.tick()
    home.report("backup")
    assert home.kept()
    text = (home.folder / FILE).read_text(encoding="utf-8")
    assert "calendar" in text
    assert "backup" in text
    with home.town.store.write() as db:
        for key in ("calendar", "backup"):
            close_problem(db, key=key, now=MORNING)
    assert not home.kept()


def test_a_disk_that_takes_nothing_breaks_nothing(tmp_path: Path) -> None:
    write_problem_file(tmp_path / "gone", ["数据库打不开。"], now=MORNING)
    assert not (tmp_path / "gone").exists()


def test_three_silent_pings_in_a_row_are_a_problem_until_one_is_answered(store: Store) -> None:
    town = Town(store)
    assert [note_ping(store, "HTTP 500", now=MORNING) for _ in range(2)] == [1, 2]
    assert note_ping(store, "", now=MORNING) == 0
    assert [note_ping(store, "没有应答", now=MORNING) for _ in range(2)] == [1, 2]
    assert town.open_problems == {}
    assert note_ping(store, "没有应答", now=MORNING) == 3
    assert "外部监测地址连续3次没有应答（没有应答）" in town.open_problems["ping:outside"]
    assert note_ping(store, "", now=MORNING) == 0
    assert town.open_problems == {}
