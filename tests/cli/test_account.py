"""``suishi account``: who may come in, from the console."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cli.demo_accounts import open_demo_accounts
from cli.main import app as door
from cli.surroundings import DONE, NO, WRONG_USAGE, run
from config.app import App, open_app
from config.init import write_home
from config.security_log import SecurityLog
from planning.access import AccountRole, TokenKind
from reports.accounts import account_line, account_lines
from services.accounts import activate
from services.errors import Refused
from services.passwords import NewPassword
from services.set_up import set_up
from services.sign_in import Offered, sign_in
from services.tokens import make_token, program_account

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLOCK = ("--now", "2026-03-02T09:00+08:00")
GOOD = NewPassword("Qing-Shan-92", "dengbao2")

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    write_home(made, pack="township-law", as_of=date(2026, 3, 2))
    return made


@pytest.fixture
def town(home: Path) -> Iterator[App]:
    opened = open_app(home, environ={}, clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def suishi(home: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """The command as it is typed; its exit code and all that it said."""

    def typed(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        line = ["--home", str(home), "account", *words, *CLOCK]
        answer = run(lambda: door.meta(line, exit_on_error=False, print_error=False))
        heard = capsys.readouterr()
        return answer, heard.out + heard.err

    return typed


def noted(town: App) -> list[tuple[str, str, str]]:
    return [(one.actor, one.outcome, one.about) for one in SecurityLog(town.home / "logs").newest(20)]


def comes_in(town: App, person: str) -> bool:
    offered = Offered(person, GOOD.password)
    try:
        sign_in(town.store, offered, link_key=town.link_key, rules="dengbao2", now=NOW)
    except Refused:
        return False
    return True


def opened(town: App, suishi: Say, person: str = "wangmin", role: str = "staff") -> None:
    """With a password, so that the person may sign in."""
    _, said = suishi("add", person, "--role", role, "--json")
    activate(town.store, person, json.loads(said)["code"], GOOD, now=NOW)


def test_the_first_code_opens_the_first_admin(town: App, suishi: Say) -> None:
    answer, said = suishi("code")
    found = re.search(r"启用码  ([a-z0-9-]{14})  （30分钟内有效", said)
    assert answer == DONE
    assert found
    assert "http://127.0.0.1:8600/set-up" in said
    set_up(town.store, found[1], person="zhangwei", name="张伟", wanted=GOOD, now=NOW)
    assert comes_in(town, "zhangwei")
    answer, said = suishi("code")
    assert (answer, "suishi account renew" in said) == (NO, True)
    assert suishi("list")[1].count("张伟") == 1


def test_a_code_as_json_and_nothing_else(suishi: Say) -> None:
    answer, said = suishi("code", "--json")
    assert answer == DONE
    assert json.loads(said)["minutes"] == 30
    assert set(json.loads(said)) == {"code", "address", "minutes"}


def test_an_account_is_opened_by_key_or_name_and_the_code_is_told_once(town: App, suishi: Say) -> None:
    answer, said = suishi("add", "王敏", "--role", "office", "--scope", "sifasuo")
    found = re.search(r"王敏（账号 wangmin）的激活码  ([a-z0-9-]{14})", said)
    assert answer == DONE
    assert found
    activate(town.store, "wangmin", found[1], GOOD, now=NOW)
    line = account_line(town.store, "wangmin", now=NOW)
    assert line is not None
    assert (line.role, line.scope) == ("office", "sifasuo")
    assert noted(town)[0] == ("console", "ok", "open wangmin office sifasuo")
    assert found[1] not in suishi("list")[1]


@pytest.mark.parametrize(
    ("words", "answer", "sentence"),
    [
        (("add", "nobody", "--role", "staff"), WRONG_USAGE, "人员名单里没有«nobody»"),
        (("add", "wangmin", "--role", "staff", "--scope", "nowhere"), WRONG_USAGE, "没有代号为 nowhere 的单位"),
        (("add", "wangmin", "--role", "king"), WRONG_USAGE, "king"),
        (("add", "wangmin"), WRONG_USAGE, ""),
        (("unlock", "wangmin"), NO, "没有 wangmin 的账号"),
        (("renew", "陈霞"), NO, "没有 chenxia 的账号"),
        (("disable", "nobody"), WRONG_USAGE, "人员名单里没有«nobody»"),
    ],
)
def test_what_cannot_be_done_is_said(suishi: Say, words: tuple[str, ...], answer: int, sentence: str) -> None:
    code, said = suishi(*words)
    assert code == answer
    assert sentence in said


def test_nobody_gets_two_accounts_and_nobody_who_left_gets_one(home: Path, suishi: Say) -> None:
    assert suishi("add", "wangmin", "--role", "staff")[0] == DONE
    answer, said = suishi("add", "wangmin", "--role", "staff")
    assert (answer, "王敏已经有账号" in said) == (NO, True)
    people = home / "people.yaml"
    people.write_text(people.read_text("utf-8").replace("name: 孙磊\n", "name: 孙磊\n    left_on: 2026-03-02\n"), "utf-8")
    answer, said = suishi("add", "sunlei", "--role", "staff")
    assert (answer, "孙磊已离任" in said) == (WRONG_USAGE, True)


def test_the_list_says_where_each_account_stands(town: App, suishi: Say) -> None:
    assert "还没有账号" in suishi("list")[1]
    opened(town, suishi)
    suishi("add", "chenxia", "--role", "office", "--scope", "sifasuo")
    _, said = suishi("list")
    for words in ("王敏", "工作人员", "全部单位", "正常", "陈霞", "科室", "司法所", "未激活"):
        assert words in said
    answer, said = suishi("list", "--json")
    found = json.loads(said)
    assert (answer, found["total"]) == (DONE, 2)
    assert found["accounts"][0]["person"] == "wangmin"
    assert not [key for one in found["accounts"] for key in one if "hash" in key or "sha256" in key]


def test_a_forgotten_password_gets_a_new_code(town: App, suishi: Say) -> None:
    opened(town, suishi)
    answer, said = suishi("renew", "王敏", "--json")
    assert answer == DONE
    assert not comes_in(town, "wangmin")
    activate(town.store, "wangmin", json.loads(said)["code"], NewPassword("Lan-Tian-47", "dengbao2"), now=NOW)
    assert noted(town)[0] == ("console", "ok", "renew wangmin")


def held(town: App) -> str:
    """A key for a program that acts for 王敏."""
    return make_token(town.store, TokenKind.PROGRAM, "wangmin", note="县级平台", by="zhangwei", now=NOW)


def test_a_new_code_ends_keys_and_feeds_unless_the_password_was_only_forgotten(town: App, suishi: Say) -> None:
    opened(town, suishi)
    key = held(town)
    _, said = suishi("renew", "王敏", "--keep-access")
    assert "一起失效" not in said
    assert program_account(town.store, key, now=NOW) is not None
    answer, said = suishi("renew", "王敏")
    assert (answer, "一起失效的：接口密钥1个。" in said) == (DONE, True)
    assert program_account(town.store, key, now=NOW) is None
    held(town)
    assert json.loads(suishi("renew", "王敏", "--json")[1])["ended"]["keys"] == 1
    assert [about for _, _, about in noted(town)][:3] == ["renew wangmin", "renew wangmin", "renew_keep wangmin"]


def test_an_ended_account_says_what_ended_with_it(town: App, suishi: Say) -> None:
    opened(town, suishi)
    key = held(town)
    assert suishi("disable", "王敏") == (DONE, "✓ wangmin：已停用。一起失效的：接口密钥1个。\n")
    assert "接口密钥和日历订阅要重新生成" in suishi("enable", "王敏")[1]
    assert program_account(town.store, key, now=NOW) is None


def test_an_account_is_unlocked_ended_and_given_back(town: App, suishi: Say) -> None:
    opened(town, suishi)
    opened(town, suishi, "zhangwei", "admin")
    for _ in range(5):
        with pytest.raises(Refused):
            sign_in(town.store, Offered("wangmin", "wrong"), link_key=town.link_key, rules="dengbao2", now=NOW)
    assert "暂停登录" in suishi("list")[1]
    assert suishi("unlock", "wangmin") == (DONE, "✓ wangmin：可以重新登录了\n")
    assert comes_in(town, "wangmin")
    assert suishi("disable", "王敏")[0] == DONE
    assert not comes_in(town, "wangmin")
    assert suishi("enable", "wangmin")[0] == DONE
    assert comes_in(town, "wangmin")
    assert [about for _, _, about in noted(town)][:3] == ["enable wangmin", "disable wangmin", "unlock wangmin"]


def test_the_last_admin_stays_from_the_console_as_well(town: App, suishi: Say) -> None:
    opened(town, suishi, "zhangwei", "admin")
    answer, said = suishi("disable", "zhangwei")
    assert (answer, "最后一个能登录的管理员" in said) == (NO, True)
    assert noted(town)[0] == ("console", "last_admin", "disable zhangwei")


def test_somebody_who_is_no_longer_in_the_file_can_still_be_ended(home: Path, town: App, suishi: Say) -> None:
    opened(town, suishi, "malin")
    people = home / "people.yaml"
    text = people.read_text("utf-8")
    people.write_text(re.sub(r"  - key: malin\n(    .*\n|      .*\n)+", "", text).replace(", head: malin", ""), "utf-8")
    assert "已离任" in suishi("list")[1]
    assert suishi("disable", "malin")[0] == DONE


def test_a_log_that_cannot_be_written_does_not_lose_the_code(home: Path, suishi: Say) -> None:
    (home / "logs").write_text("in the way", "utf-8")
    answer, said = suishi("add", "wangmin", "--role", "staff")
    assert answer == DONE
    assert "的激活码" in said
    assert "安全日志写不进" in said


def test_the_demonstration_has_one_of_each_role_and_no_passwords(town: App) -> None:
    found = open_demo_accounts(town)
    assert list(dict.fromkeys(role for _, role in found)) == list(AccountRole)
    assert open_demo_accounts(town) == found  # said again, it opens nothing twice
    lines = account_lines(town.store, now=NOW + timedelta(days=30))
    assert len(lines) == len(found)
    assert {line.state for line in lines} == {"waiting"}
    assert found[0] == ("张伟", AccountRole.ADMIN)


def test_the_demonstrations_auditor_has_nothing_to_decide_and_its_verifier_can_sign_off(town: App) -> None:
    roles = dict(open_demo_accounts(town))
    deciding = {"县级验收人", "镇级验收人", "主要领导", "分管法治领导", "分管宣传领导", "分管执法领导"}
    of_person = {person.name: {one for post in person.posts for one in post.roles} for person in town.roster.people.values()}
    auditors = [name for name, role in roles.items() if role is AccountRole.AUDITOR]
    assert all(not of_person[name] & deciding for name in auditors)
    verifiers = [name for name in roles if "县级验收人" in of_person[name]]
    assert [roles[name] for name in verifiers] == [AccountRole.STAFF]
