"""What is deployed, and the flows as plain functions: Prefect is imported, no server is started."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
YEARLY = ("study-sessions", "inspections", "publicity-themes", "rectifications", "routine-duties")


@pytest.fixture
def quiet(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No server may be looked for, let alone started."""
    monkeypatch.setenv("SUISHI_HOME", str(home))
    monkeypatch.setenv("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "false")
    monkeypatch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    return home


def flow_named(name: str) -> Any:
    from flows.deployments import DEPLOYED

    return next(one.flow for one in DEPLOYED if one.flow.name == name)


def test_the_year_lives_in_five_flows_and_five_keep_it_going() -> None:
    from flows.deployments import DEPLOYED

    others = {"send-reminders", "report-to-leaders", "watch", "back-up", "check-record"}
    assert {one.flow.name for one in DEPLOYED} == {*YEARLY, *others}
    assert len({one.name for one in DEPLOYED}) == len(DEPLOYED)


def test_every_schedule_is_in_the_offices_time_and_has_a_name_for_ever() -> None:
    from flows.deployments import DEPLOYED, schedule_of

    for one in DEPLOYED:
        made = schedule_of(one, "Asia/Shanghai")
        assert made.schedule.timezone == "Asia/Shanghai"
        assert made.slug
        assert re.fullmatch(r"[a-z0-9-]+", made.slug)


def test_the_ticks_keep_off_the_round_minutes_whoever_is_installed() -> None:
    """WeCom and Feishu ask for it; towns of one county spread over the minutes."""
    from flows.deployments import DEPLOYED, deployed_at, tick_cron
    from services.installation import tick_minute

    assert [one.cron for one in DEPLOYED if one.alone] == ["3,13,23,33,43,53 7-19 * * *"]
    minutes = {tick_minute(f"installation {number}") for number in range(200)}
    assert minutes == set(range(1, 10))
    for minute in minutes:
        listed = {int(one) for one in tick_cron(minute).split()[0].split(",")}
        assert len(listed) == 6
        assert not listed & {0, 30}
    moved = deployed_at(7)
    assert [one.cron for one in moved if one.alone] == ["7,17,27,37,47,57 7-19 * * *"]
    assert [one.cron for one in moved if not one.alone] == [one.cron for one in DEPLOYED if not one.alone]


@pytest.mark.parametrize(
    ("windows", "hours"),
    [
        ((), "7-19"),
        (("08:30-12:00", "14:30-17:30"), "7-19"),
        (("08:00-20:00",), "7-19"),
        (("08:00-23:50",), "7-23"),
        (("00:00-24:00",), "0-23"),
        (("05:10-06:00", "22:00-23:00"), "5,7-19,22"),
        (("06:00-07:30",), "6-19"),
    ],
)
def test_the_ticks_and_the_watch_come_in_every_hour_in_which_the_office_sends(windows: tuple[str, ...], hours: str) -> None:
    from flows.deployments import TICK, WATCH, deployed_at
    from planning.windows import parse_windows

    moved = {one.flow.name: one.cron for one in deployed_at(3, parse_windows(windows) if windows else ())}
    assert moved[TICK] == f"3,13,23,33,43,53 {hours} * * *"
    assert moved[WATCH] == f"5,20,35,50 {hours} * * *"


def test_the_hours_are_those_of_the_settings_as_they_are_now(quiet: Path) -> None:
    from config.app import HomeUnusable
    from flows.rim import home_hours

    def write(old: str, new: str) -> None:
        place = quiet / "suishi.yaml"
        place.write_text(place.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    assert [str(one) for one in home_hours().windows] == ["00:00-23:59"]
    write("00:00-23:59", "08:00-22:00")
    assert [str(one) for one in home_hours().windows] == ["08:00-22:00"]
    write("08:00-22:00", "22:00-08:00")
    with pytest.raises(HomeUnusable, match="发送时段"):
        home_hours()


def test_an_installation_keeps_its_name_and_so_its_minute(quiet: Path) -> None:
    from flows.rim import home_hours

    first = home_hours().minute
    assert first in range(1, 10)
    assert home_hours().minute == first


def test_nothing_that_sends_is_tried_again_by_prefect() -> None:
    from flows.deployments import DEPLOYED

    assert [one.flow.name for one in DEPLOYED if one.flow.retries] == []


def test_the_tick_alone_gives_way_to_a_tick_under_way() -> None:
    from flows.deployments import DEPLOYED

    assert [one.flow.name for one in DEPLOYED if one.alone] == ["send-reminders"]


def test_the_standard_alternative_deploys_the_same() -> None:
    from flows.deployments import DEPLOYED, TAG

    listed = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    written = {one["name"]: (one["entrypoint"], one["schedules"], one["tags"], "concurrency_limit" in one) for one in listed}
    ours = {
        one.name: (
            f"{one.flow.fn.__module__}.{one.flow.fn.__name__}",
            [{"cron": one.cron, "timezone": "Asia/Shanghai", "slug": one.slug}],
            [TAG],
            one.alone,
        )
        for one in DEPLOYED
    }
    assert written == ours


@pytest.mark.parametrize("name", YEARLY)
def test_the_admin_may_ask_for_a_year(name: str) -> None:
    from prefect.utilities.callables import parameter_schema

    assert list(parameter_schema(flow_named(name)).properties) == ["year", "day"]


def test_a_flow_is_a_plain_function_that_works_without_a_server(quiet: Path) -> None:
    assert "新增12项" in flow_named("study-sessions").fn().message
    assert "新增0项" in flow_named("routine-duties").fn().message
    assert re.fullmatch("发出 [23] 条", flow_named("send-reminders").fn().message)  # from 08:30 on with the day's line
    assert flow_named("send-reminders").fn().message == "没有要发的提醒"
    assert flow_named("watch").fn().message == "一切正常"
    assert "逾期未办0项" in flow_named("report-to-leaders").fn().message
    assert "已备份 suishi-" in flow_named("back-up").fn().message
    assert len(list((quiet / "backups").glob("suishi-*.db"))) == 1
    assert flow_named("check-record").fn().message == "1条记录、0个佐证文件，都相符"  # the plan's own


def test_a_file_of_evidence_that_was_changed_is_a_problem_by_the_end_of_the_week(quiet: Path) -> None:
    from flows.rim import open_home
    from reports.occurrences import Filters, listing
    from reports.problems import open_problems
    from reports.record_check import last_check
    from services.complete import complete
    from services.evidence import NewEvidence

    flow_named("study-sessions").fn()
    app = open_home()
    [line, *_] = listing(app.store, Filters(kinds=("study",)), as_of=app.today(), workdays=app.workdays).lines
    doing: dict[str, Any] = {"by": "wangmin", "by_name": "王敏", "recorded_by": "wangmin", "via": "cli", "now": app.now()}
    proof = {"evidence": [NewEvidence("照片.pdf", b"%PDF-1")], "folder": app.evidence_folder}
    complete(app.store, line.ref, done_on=app.today(), as_of=app.today(), workdays=app.workdays, **doing, **proof)
    assert flow_named("check-record").fn().message == "2条记录、1个佐证文件，都相符"
    [file] = app.evidence_folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(b"%PDF-2")
    assert flow_named("check-record").fn().message == "1处不符"
    assert "发现1处不符（其中佐证文件1处）。请运行 suishi log verify" in open_problems(app.store)[0].text
    found = last_check(app.store)
    assert found is not None
    assert (found.files, found.file_faults, found.entries) == (1, 1, 2)
    file.write_bytes(whole)
    flow_named("check-record").fn()
    assert list(open_problems(app.store)) == []
    app.close()


def test_a_flow_that_fails_opens_a_problem_until_it_succeeds(quiet: Path) -> None:
    from flows.rim import open_home, opened
    from reports.problems import open_problems

    with pytest.raises(ValueError, match="坏了"), opened("备份"):
        raise ValueError("坏了")
    app = open_home()
    assert "“备份”没有跑完：坏了" in open_problems(app.store)[0].text
    assert (quiet / "PROBLEM").is_file()
    with opened("备份"):
        pass
    assert list(open_problems(app.store)) == []
    assert not (quiet / "PROBLEM").exists()
    app.close()


def test_a_database_that_takes_nothing_is_told_in_the_file_beside_it(quiet: Path) -> None:
    from flows.rim import opened

    with pytest.raises(ValueError, match="坏了"), opened("备份") as app:
        app.store.close()
        (quiet / "data" / "suishi.db").unlink()
        (quiet / "data" / "suishi.db").mkdir()
        raise ValueError("坏了")
    assert "“备份”没有跑完：坏了" in (quiet / "PROBLEM").read_text(encoding="utf-8")


def test_the_watch_gives_a_sign_outside_and_three_misses_are_a_problem(quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from config.secret import Secret
    from flows import outside
    from flows.rim import open_home
    from reports.problems import open_problems

    asked: list[str] = []
    answers = ["HTTP 500", "HTTP 500", "HTTP 500", ""]

    def ping(url: str) -> str:
        asked.append(url)
        return answers[len(asked) - 1]

    monkeypatch.setattr(outside, "ping", ping)
    app = open_home()
    outside.tell_outside(app)
    assert asked == []  # no address, no sign
    app.office  # noqa: B018 - read the files before a setting is put over them
    app._office = replace(app.office, settings=replace(app.settings, ping_url=Secret("http://127.0.0.1:1/abc")))
    for _ in range(3):
        outside.tell_outside(app)
    assert [one.key for one in open_problems(app.store)] == ["ping:outside"]
    outside.tell_outside(app)
    assert list(open_problems(app.store)) == []
    app.close()
