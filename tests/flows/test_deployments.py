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


def test_the_year_lives_in_five_flows_and_four_keep_it_going() -> None:
    from flows.deployments import DEPLOYED

    assert {one.flow.name for one in DEPLOYED} == {*YEARLY, "send-reminders", "report-to-leaders", "watch", "back-up"}
    assert len({one.name for one in DEPLOYED}) == len(DEPLOYED)


def test_every_schedule_is_in_the_offices_time_and_has_a_name_for_ever() -> None:
    from flows.deployments import DEPLOYED, schedule_of

    for one in DEPLOYED:
        made = schedule_of(one, "Asia/Shanghai")
        assert made.schedule.timezone == "Asia/Shanghai"
        assert made.slug
        assert re.fullmatch(r"[a-z0-9-]+", made.slug)


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
    assert flow_named("send-reminders").fn().message == "发出 2 条"
    assert flow_named("send-reminders").fn().message == "没有要发的提醒"
    assert flow_named("watch").fn().message == "一切正常"
    assert "逾期未办0项" in flow_named("report-to-leaders").fn().message
    assert "已备份 suishi-" in flow_named("back-up").fn().message
    assert len(list((quiet / "backups").glob("suishi-*.db"))) == 1


def test_a_flow_that_fails_opens_a_problem_until_it_succeeds(quiet: Path) -> None:
    from flows.rim import open_home, opened
    from reports.problems import open_problems

    with pytest.raises(ValueError, match="坏了"), opened("备份"):
        raise ValueError("坏了")
    app = open_home()
    assert "“备份”没有跑完：坏了" in open_problems(app.store)[0].text
    with opened("备份"):
        pass
    assert list(open_problems(app.store)) == []
    app.close()
