"""账号: the admin opens and ends accounts, hands over codes, and never knows a password."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from config.security_log import SecurityEvent, SecurityLog
from models.access import accounts
from models.message import messages
from planning.access import AccountRole
from reports.accounts import account_line
from reports.problems import open_problems
from services.accounts import disable
from services.errors import Refused
from services.sign_in import Offered, sign_in
from services.tick import tick
from tests.web.conftest import PASSWORD


def press(town: Any, person: str, change: str, **typed: str) -> Any:
    return town.post(f"/accounts/{person}/{change}", data={"code": town.form_code(), **typed})


def add(town: Any, **typed: str) -> Any:
    return town.post("/accounts", data={"code": town.form_code(), "role": "staff", "scope": "", **typed})


def account(town: Any, person: str) -> Any:
    with town.app.store.read() as db:
        return db.execute(select(accounts).where(accounts.c.person == person)).one()


def noted(town: Any) -> list[tuple[str, str]]:
    """Outcome and object of what the security log says of accounts, the newest first."""
    return [(one.outcome, one.about) for one in SecurityLog(town.app.home / "logs").newest(20) if one.event == "account"]


def fail(town: Any, person: str, times: int = 5) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            sign_in(town.app.store, Offered(person, "wrong"), link_key=town.app.link_key, rules="dengbao2", now=town.clock.now)


@pytest.fixture
def sunlei(town: Any) -> Any:
    """The town with somebody new in people.yaml."""
    people = town.app.home / "people.yaml"
    line = (
        "  - {key: sunlei, name: 孙磊, posts: [{unit: sifasuo, title: 司法所干部}], "
        "destinations: [{channel: outbox, address: sl@caohui.example}]}\n"
    )
    people.write_text(people.read_text("utf-8") + line, "utf-8")
    town.app.reload()
    return town


def test_the_list_tells_name_role_scope_state_and_last_sign_in(town: Any) -> None:
    town.sign_in("chenxia", AccountRole.OFFICE, scope="sifasuo")
    town.sign_in()
    fail(town, "chenxia")
    page = town.get("/accounts").text
    row = page[page.index("陈霞") : page.index("</tr>", page.index("陈霞"))]
    for words in ("科室", "司法所", "暂停登录", "2026-01-04"):
        assert words in row
    assert ">解锁<" in row
    assert "argon2" not in page


def test_somebody_of_the_roster_gets_an_account_and_a_code_that_is_shown_once(sunlei: Any) -> None:
    assert '<option value="sunlei">孙磊（司法所干部）</option>' in sunlei.get("/accounts").text
    answer = add(sunlei, person="sunlei", role="office", scope="sifasuo")
    code = re.search(r'孙磊（账号 sunlei） 的激活码：<b class="code">([a-z0-9-]{14})</b>', answer.text)
    assert code
    assert '<option value="sunlei">' not in sunlei.get("/accounts").text
    row = account(sunlei, "sunlei")
    assert (row.role, row.scope, row.created_by) == ("office", "sifasuo", "zhangwei")
    assert noted(sunlei)[0] == ("ok", "open sunlei office sifasuo")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"person": "nobody"}, "请选择一个人"),
        ({"person": ""}, "请选择一个人"),
        ({"person": "sunlei", "role": "king"}, "请选择角色"),
        ({"person": "sunlei", "scope": "nowhere"}, "没有这个单位"),
        ({"person": "wangmin"}, "王敏已经有账号"),
    ],
)
def test_what_does_not_fit_is_said_and_the_form_stays_as_it_was(sunlei: Any, typed: dict[str, str], sentence: str) -> None:
    answer = add(sunlei, **{"role": "office", **typed})
    assert (answer.status_code, sentence in answer.text) == (409, True)
    if typed.get("role", "office") == "office":
        assert '<option value="office" selected>' in answer.text[answer.text.index("开设账号") :]
    assert account_line(sunlei.app.store, "sunlei", now=sunlei.clock.now) is None


def test_a_locked_account_is_told_as_a_problem_and_unlocked_by_a_press(town: Any) -> None:
    fail(town, "wangmin")
    assert "王敏的账号连续5次密码错误" in town.get("/problems").text
    assert "系统有 1 个问题需要处理" in town.get("/list").text
    assert "可以重新登录了" in press(town, "wangmin", "unlock").text
    assert open_problems(town.app.store) == ()
    assert sign_in(town.app.store, Offered("wangmin", PASSWORD), link_key=town.app.link_key, rules="dengbao2", now=town.clock.now)
    assert noted(town)[0] == ("ok", "unlock wangmin")


def send(town: Any) -> list[str]:
    """Let the town's messages go out; the texts of those to the admin himself, the newest last."""
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=town.clock.now)
    theirs = select(messages.c.text).where(messages.c.kind == "office", messages.c.person == "zhangwei")
    with town.app.store.read() as db:
        return list(db.execute(theirs.order_by(messages.c.id)).scalars())


LOCKED = "王敏的账号连续5次密码错误，暂停登录15分钟"


def test_the_admin_is_written_to_about_a_lock_and_about_its_end(town: Any) -> None:
    fail(town, "wangmin")
    first = send(town)
    assert sum(LOCKED in text for text in first) == 1
    town.clock.now += timedelta(minutes=20)
    assert send(town) == first  # once is enough for a day
    town.sign_in()
    press(town, "wangmin", "unlock")
    town.clock.now += timedelta(days=1)
    assert sum(f"已消除：{LOCKED}" in text for text in send(town)) == 1


def test_a_lock_that_nobody_came_back_to_leaves_the_list_by_itself(town: Any) -> None:
    """It happened, it was told, and it is over: nobody must unlock what has unlocked itself."""
    fail(town, "wangmin")
    send(town)
    town.clock.now += timedelta(days=5)
    assert sum(LOCKED in text for text in send(town)) == 1
    assert not [one for one in open_problems(town.app.store) if one.kind == "access"]


def test_an_ended_account_is_signed_out_at_once_and_can_be_given_back(town: Any) -> None:
    town.sign_in("wangmin", AccountRole.STAFF)
    held = town.client.cookies["sid"]
    town.sign_in()
    assert "账号已停用" in press(town, "wangmin", "disable").text
    assert "已停用" in town.get("/accounts").text
    town.sign_out()
    town.client.cookies.set("sid", held, domain="town.example", path="/")
    assert town.get("/list").status_code == 303
    town.sign_in()
    assert "账号已恢复" in press(town, "wangmin", "enable").text
    assert account(town, "wangmin").disabled_at is None


def test_nobody_ends_his_own_account_and_the_last_admin_stays(town: Any) -> None:
    answer = press(town, "zhangwei", "disable")
    assert (answer.status_code, "不能停用自己的账号" in answer.text) == (409, True)
    assert press(town, "zhangjun", "rights", role="leader", scope="").status_code == 200
    answer = press(town, "zhangwei", "rights", role="staff", scope="")
    assert (answer.status_code, "最后一个能登录的管理员" in answer.text) == (409, True)
    assert noted(town)[0] == ("last_admin", "rights zhangwei")


def test_an_admin_who_left_does_not_count_as_one(town: Any) -> None:
    people = town.app.home / "people.yaml"
    people.write_text(people.read_text("utf-8").replace("{key: zhangjun,", "{key: zhangjun, left_on: 2026-04-01,"), "utf-8")
    town.app.reload()
    assert "已离任" in town.get("/accounts").text
    assert press(town, "zhangwei", "rights", role="staff", scope="").status_code == 409


def test_a_new_code_ends_password_phone_and_browsers(town: Any) -> None:
    answer = press(town, "wangmin", "renew")
    assert re.search(r'王敏（账号 wangmin） 的激活码：<b class="code">[a-z0-9-]{14}</b>', answer.text)
    assert account(town, "wangmin").password_hash == ""
    assert "未激活" in town.get("/accounts").text


def test_other_rights_are_written_down_with_what_they_are(town: Any) -> None:
    assert "角色和范围已修改" in press(town, "wangmin", "rights", role="office", scope="sifasuo").text
    assert (account(town, "wangmin").role, account(town, "wangmin").scope) == ("office", "sifasuo")
    assert noted(town)[0] == ("ok", "rights wangmin office sifasuo")


@pytest.mark.parametrize(("person", "change"), [("wangmin", "nonsense"), ("nobody", "disable"), ("no%00body", "renew")])
def test_what_there_is_not_cannot_be_changed(town: Any, person: str, change: str) -> None:
    assert press(town, person, change).status_code in {404, 409}


def test_the_code_for_a_password_is_never_the_admins_to_choose(town: Any) -> None:
    """Whatever else a form says: the codes are ours, the hashes nobody's to give."""
    before = account(town, "chenxia")
    press(town, "chenxia", "rights", role="staff", scope="", password_hash="x", activation_sha256="y", fails="-1")
    after = account(town, "chenxia")
    assert (after.password_hash, after.activation_sha256, after.fails) == (
        before.password_hash,
        before.activation_sha256,
        before.fails,
    )


def test_an_account_that_nobody_used_for_ninety_days_is_marked(town: Any) -> None:
    with town.app.store.write() as db:
        old = town.clock.now - timedelta(days=91)
        db.execute(update(accounts).where(accounts.c.person == "wangmin").values(created_at=old, signed_in_at=old))
    page = town.get("/accounts").text
    row = page[page.index("王敏") : page.index("</tr>", page.index("王敏"))]
    assert "90天未用" in row


def test_who_may_not_see_the_accounts_does_not_see_the_way_there(town: Any) -> None:
    for role in (AccountRole.LEADER, AccountRole.OFFICE, AccountRole.STAFF, AccountRole.AUDITOR):
        town.sign_in("wangmin", role)
        assert "/accounts" not in town.get("/").text
        assert town.get("/accounts").status_code == 403
        assert press(town, "chenxia", "disable").status_code == 403
    assert account(town, "chenxia").disabled_at is None


def test_a_refusal_is_written_down(town: Any) -> None:
    town.sign_in("wangmin", AccountRole.STAFF)
    town.get("/accounts")
    (newest,) = SecurityLog(town.app.home / "logs").newest(1)
    assert (newest.event, newest.outcome, newest.actor, newest.about) == ("refused", "not_allowed", "wangmin", "/accounts")


def test_an_admin_whose_account_was_ended_meanwhile_does_nothing_more(town: Any) -> None:
    disable(town.app.store, "zhangwei", now=town.clock.now)
    assert press(town, "wangmin", "disable").status_code == 401
    assert account(town, "wangmin").disabled_at is None


def test_the_security_log_names_whose_account_it_was_and_what_it_may_do(sunlei: Any) -> None:
    add(sunlei, person="sunlei")
    press(sunlei, "sunlei", "rights", role="office", scope="sifasuo")
    press(sunlei, "sunlei", "disable")

    page = sunlei.get("/security").text

    for words in ("开设 孙磊 工作人员 全部单位", "修改角色和范围 孙磊 科室 司法所", "停用 孙磊"):
        assert f"<td>{words}</td>" in page


@pytest.mark.parametrize(
    ("event", "about", "said"),
    [
        ("files", "new person limei people.yaml", "添加人员 limei people.yaml"),
        ("files", "person wangmin people.yaml", "修改人员 王敏 people.yaml"),
        ("files", "hand_over chenxia wangmin 0/40", "离任移交 陈霞 王敏 0/40"),
        ("files", "duty study-law calendar/office.yaml", "修改事项 中心组法治专题学习 calendar/office.yaml"),
        ("files", "new item 整改-007 calendar/90-items.yaml", "交办临时事项 整改-007 calendar/90-items.yaml"),
        ("files", "settings suishi.yaml", "修改设置 suishi.yaml"),
        ("run", "test_channel outbox", "发测试消息 outbox"),
        ("token", "make unit_feed sifasuo", "生成单位日历的订阅地址 司法所"),
        ("sign_out", "others: 2", "其他浏览器 2"),
        ("second_factor", "on", "开启"),
    ],
)
def test_the_security_page_says_what_was_done_in_words(town: Any, event: str, about: str, said: str) -> None:
    SecurityLog(town.app.home / "logs").write(SecurityEvent(town.clock.now, event, "ok", "zhangwei", "10.1.2.3", about))
    page = town.get("/security").text
    assert f"<td>{said}</td>" in page
    assert '<td class="half">张伟</td>' in page


def test_a_refused_address_stays_readable_in_the_security_log(town: Any) -> None:
    town.sign_in("wangmin", AccountRole.STAFF)
    town.get("/duties/整改-007")
    (place,) = (town.app.home / "logs").glob("security-*.log")
    assert "/duties/整改-007" in place.read_text(encoding="utf-8")
    town.sign_in()
    page = town.get("/security").text
    assert "整改-007" in page
    assert "\\u" not in page
