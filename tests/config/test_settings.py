from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

import pytest

from config.problems import Problem
from config.settings import Listen, Settings, read_settings
from planning.duty import Kind

if TYPE_CHECKING:
    from tests.config.conftest import Home


def settings_of(home: Home, extra: str = "", **environ: str) -> tuple[Settings | None, tuple[Problem, ...]]:
    home.write("suishi.yaml", "office: 某某镇\nadmin: zhangsan\n" + extra)
    return read_settings(home.folder, environ=environ)


def test_every_setting_is_read(home: Home) -> None:
    settings, problems = settings_of(
        home,
        """\
title: 提醒
timezone: Asia/Urumqi
production: true
silent_before: 2026年3月1日
base_url: https://fazhi.caohui.example/suishi/
listen: "[::1]:8700"
prefect_port: ４３００
database_url: postgresql+psycopg://suishi@db/suishi
remind_at: "９：00"
day_ends_at: 18:00
windows: ["09:00-12:00"]
stale_after_days: 7
message_detail: title
mail_domain: caohui.example
ladders: {standard: T-1 T0, quick: T0}
default_ladders: {study: quick}
""",
    )

    assert problems == ()
    assert settings is not None
    assert str(settings.timezone) == "Asia/Urumqi"
    assert settings.production
    assert settings.silent_before == date(2026, 3, 1)
    assert settings.base_url == "https://fazhi.caohui.example/suishi"
    assert settings.listen == Listen("::1", 8700)
    assert settings.prefect_port == 4300
    assert settings.database_url.reveal() == "postgresql+psycopg://suishi@db/suishi"
    assert (settings.remind_at, settings.day_ends_at) == (time(9), time(18))
    assert [str(window) for window in settings.windows] == ["09:00-12:00"]
    assert (settings.delivery.stale_after_days, settings.message_detail, settings.mail_domain) == (7, "title", "caohui.example")
    assert [step.name for step in settings.ladder_for(Kind.STUDY)] == ["T0"]
    assert [step.name for step in settings.ladder_for(Kind.ROUTINE)] == ["T-1", "T0"]


def test_two_lines_are_enough(home: Home) -> None:
    settings, problems = settings_of(home)

    assert problems == ()
    assert settings == Settings(office="某某镇", admin="zhangsan")


def test_the_environment_stands_over_the_file(home: Home) -> None:
    url = "postgresql+psycopg://suishi:canary@db/suishi"
    settings, problems = settings_of(home, "database_url: sqlite:///other.db\n", SUISHI_DATABASE_URL=url)

    assert problems == ()
    assert settings.database_url.reveal() == url
    assert "canary" not in repr(settings)


def test_a_database_variable_that_is_no_address_is_told_and_not_repeated(home: Home) -> None:
    _, problems = settings_of(home, SUISHI_DATABASE_URL="canary@db")

    assert [(problem.code.value, problem.line) for problem in problems] == [("SET007", None)]
    assert "canary" not in str(problems)


def test_a_password_in_the_file_is_refused_and_not_repeated(home: Home) -> None:
    settings, problems = settings_of(home, "database_url: postgresql+psycopg://suishi:canary@db/suishi\n")

    assert [problem.code.value for problem in problems] == ["CHN001"]
    assert "canary" not in str(problems)
    assert not settings.database_url


def test_the_admin_must_be_somebody(home: Home) -> None:
    home.write("suishi.yaml", "office: 某某镇\nadmin: zhangsna\n")

    _, problems = read_settings(home.folder, environ={}, people={"zhangsan", "lisi"})

    assert [(problem.code.value, problem.line, problem.hint) for problem in problems] == [("SET006", 2, "是不是 zhangsan?")]


def test_every_fault_is_told_at_once(home: Home) -> None:
    _, problems = settings_of(home, "timezone: Mars\nwindows: [x]\nremind_at: noon\nproduction: yes\nunknown: 1\n")

    assert [(problem.code.value, problem.line) for problem in problems] == [
        ("SET001", 3),
        ("FLD008", 6),
        ("FLD007", 5),
        ("SET002", 4),
        ("FLD001", 7),
    ]


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://a b", "http://user@host", "http://x/?q=1", "localhost:8600"])
def test_what_is_no_page_address_is_refused(home: Home, url: str) -> None:
    _, problems = settings_of(home, f'base_url: "{url}"\n')

    assert [problem.code.value for problem in problems] == ["SET005"]
