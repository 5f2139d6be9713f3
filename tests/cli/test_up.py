from __future__ import annotations

import os
import socket
import subprocess
from datetime import date
from pathlib import Path

import pytest

from cli.children import Places, children, free_port, prefect_settings
from cli.first_steps import main as first_steps
from cli.up import only_one, up
from config.app import open_app
from config.clock import system_time
from config.init import write_home
from services.passwords import NewPassword
from services.set_up import set_up


def test_a_second_up_on_the_same_home_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_home(tmp_path / "home", pack="township-law", as_of=date(2026, 3, 2))
    with only_one(tmp_path / "home"):
        assert up(tmp_path / "home", prefect=False) == 3
    assert f"已经有一个岁时在运行（进程 {os.getpid()}）" in capsys.readouterr().out


def test_the_home_is_free_again_afterwards(tmp_path: Path) -> None:
    with only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_up_without_a_home_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert up(tmp_path / "nowhere") == 3
    assert "suishi" in capsys.readouterr().out
    assert not (tmp_path / "nowhere").exists()


def test_a_taken_port_gives_way_to_the_next() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port("127.0.0.1", port) != port
    assert free_port("127.0.0.1", port) == port


def test_without_prefect_only_the_page_is_started(tmp_path: Path) -> None:
    (page,) = children(tmp_path, Places("127.0.0.1", 8600, None), environ={}, demo=False)
    assert page.name == "page"


def test_the_page_needs_nobody_and_the_worker_waits_for_the_server(tmp_path: Path) -> None:
    page, server, worker = children(tmp_path, Places("127.0.0.1", 8600, 4200), environ={}, demo=False)
    assert page.after is None
    assert server.after is None
    assert worker.after is server.is_up


def test_prefect_hears_nothing_of_the_shells_own_settings(tmp_path: Path) -> None:
    shell = {"PATH": "/usr/bin", "PREFECT_API_URL": "https://elsewhere.example/api", "PREFECT_LOGGING_LEVEL": "DEBUG"}
    page, server, _ = children(tmp_path, Places("127.0.0.1", 8600, 4200), environ=shell, demo=True)
    assert not [name for name in page.environ if name.startswith("PREFECT")]
    assert server.environ["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert "PREFECT_LOGGING_LEVEL" not in server.environ
    assert (server.environ["PATH"], server.environ["SUISHI_DEMO"]) == ("/usr/bin", "1")


def test_prefect_stays_on_this_machine_and_tells_nobody(tmp_path: Path) -> None:
    settings = prefect_settings(tmp_path, 4200)
    assert settings["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert settings["DO_NOT_TRACK"] == "1"
    assert settings["PREFECT_SERVER_UI_V2_ENABLED"] == "false"  # 3.8.8: the browser would call an analytics host
    assert Path(settings["PREFECT_HOME"]) == tmp_path / "prefect"
    _, server, _ = children(tmp_path, Places("0.0.0.0", 8600, 4200), environ={}, demo=False)
    assert server.command[server.command.index("--host") + 1] == "127.0.0.1"


def test_a_page_for_the_whole_network_is_shown_as_this_machines_address() -> None:
    assert Places("0.0.0.0", 8600, None).page == "http://127.0.0.1:8600/"


def test_reminders_go_out_by_a_plain_command_while_prefect_is_out_of_order(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_home(home, pack="township-law", as_of=date(2026, 3, 2))
    *_, worker = children(home, Places("127.0.0.1", 8600, 4200), environ=os.environ, demo=False)
    ended = subprocess.run(worker.stand_in, env=dict(worker.environ), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip()


def test_the_page_tells_how_to_set_up_once_and_a_demonstration_never(tmp_path: Path) -> None:
    page, *_ = children(tmp_path, Places("0.0.0.0", 8600, 4200), environ={}, demo=False)
    assert page.herald[1:] == ("-m", "cli.first_steps", "--home", str(tmp_path), "--page", "http://127.0.0.1:8600/")
    page, *_ = children(tmp_path, Places("0.0.0.0", 8600, 4200), environ={}, demo=True)
    assert page.herald == ()


def test_whoever_starts_it_first_gets_a_code_until_somebody_can_sign_in(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_home(home, pack="township-law", as_of=date(2026, 3, 2))
    page, *_ = children(home, Places("127.0.0.1", 8611, None), environ=os.environ, demo=False)

    def told() -> str:
        return subprocess.run(page.herald, env=dict(page.environ), capture_output=True, text=True, check=True).stdout

    first = told()
    assert "首次启用  用浏览器打开 http://127.0.0.1:8611/set-up\n" in first
    code = first.partition("启用码  ")[2].partition("  ")[0]
    app = open_app(home, environ={}, clock=system_time)
    wanted = NewPassword("Qing-Shan-92", "dengbao2")
    assert set_up(app.store, code, person="zhangwei", name="张伟", wanted=wanted, now=app.now())
    app.close()
    assert told() == ""


def test_a_home_that_cannot_be_opened_is_not_the_heralds_to_tell(tmp_path: Path) -> None:
    assert first_steps(["--home", str(tmp_path / "nowhere"), "--page", "http://127.0.0.1:8600/"]) == 3
