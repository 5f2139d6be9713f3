"""``account``: who may come in, from the console. Codes are printed once; passwords are set by their owners in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from cli.say import as_json, say, table, warn
from cli.surroundings import DONE, NO, Clock, Wrong, opened
from cli.who import known_person
from cli.words import ACCOUNT_ROLES, ACCOUNT_STATES, moment
from config.security_log import SecurityEvent, SecurityLog
from planning.access import AccountRole
from reports.accounts import account_line, account_lines
from services.accounts import ACTIVATION_LASTS, disable, enable, open_account, renew_activation, unlock
from services.ending import Ended
from services.errors import Refused
from services.set_up import LASTS, new_set_up_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.app import App as Home

Who = Annotated[str, Parameter(help="代号或姓名（people.yaml 里的）")]
Json = Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")]
NOW = Clock()
CONSOLE = "console"

app = App(name="account")


@app.command(name="list")
def listing(*, json: Json = False, clock: Clock = NOW) -> int:
    """列出账号：角色、范围、状态、最近登录。90天没有用过的会标出来。"""
    with opened(clock) as home:
        lines = account_lines(home.store, now=home.now())
        zone, units = home.tz, home.roster.units
        gone = {line.person for line in lines if not _in_office(home, line.person)}
    if json:
        as_json({"total": len(lines), "accounts": lines})
        return DONE
    if not lines:
        say("还没有账号。运行 suishi account code 取启用码，在网页上设立第一个管理员。")
        return DONE
    rows = (
        (
            line.name,
            line.person,
            ACCOUNT_ROLES[line.role],
            "全部单位" if line.scope is None else units[line.scope].name if line.scope in units else line.scope,
            ACCOUNT_STATES[line.state] + ("，已离任" if line.person in gone else "") + ("，90天未用" if line.unused else ""),
            "有" if line.second_factor else "",
            moment(line.signed_in_at, zone) or "没有",
        )
        for line in lines
    )
    table(("姓名", "账号", "角色", "范围", "状态", "动态码", "最近登录"), rows)
    return DONE


@app.command
def add(
    person: Who,
    /,
    *,
    role: Annotated[AccountRole, Parameter(help="admin 管理员、leader 领导、office 科室、staff 工作人员、auditor 审计员")],
    scope: Annotated[str | None, Parameter(help="单位代号：只管这个单位和下属；不写就是全部单位")] = None,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """给名单里的一个人开设账号，打印激活码（7天内有效，只显示这一次）。"""
    with opened(clock) as home:
        key = known_person(person, home.roster.people)
        if not _in_office(home, key):
            raise Wrong(f"{home.roster.people[key].name}已离任，不能开设账号")
        if scope is not None and scope not in home.roster.units:
            raise Wrong(f"没有代号为 {scope} 的单位：请写 people.yaml 里 units 的 key")
        name = home.roster.people[key].name
        code = open_account(home.store, person=key, name=name, role=role, scope=scope, by=CONSOLE, now=home.now())
        _note(home, f"open {key} {role.value} {scope or '*'}")
    return _told(key, name, code, json=json)


@app.command
def renew(
    person: Who,
    /,
    *,
    keep_access: Annotated[
        bool, Parameter(negative="", help="只是忘了密码，没有别人知道：接口密钥、日历订阅和已发出的提醒链接照旧")
    ] = False,
    json: Json = False,
    clock: Clock = NOW,
) -> int:
    """重新生成激活码：忘了密码或丢了手机时用。

    原来的密码、动态码、已登录的浏览器、接口密钥、日历订阅和已发出的提醒链接立即失效；下一次提醒带新的链接。
    """
    with opened(clock) as home:
        key = _account(home, person)
        renewed = renew_activation(home.store, key, keep_access=keep_access, now=home.now())
        name = home.roster.people[key].name if key in home.roster.people else key
        _note(home, f"{'renew_keep' if keep_access else 'renew'} {key}")
    return _told(key, name, renewed.code, ended=renewed.ended, json=json)


@app.command(name="unlock")
def unlocking(person: Who, /, *, clock: Clock = NOW) -> int:
    """解锁：连续输错密码被暂停登录的，马上可以再试。"""

    def let_in(home: Home, key: str) -> str:
        unlock(home.store, key, now=home.now())
        return "可以重新登录了"

    return _changed(person, "unlock", let_in, clock)


@app.command(name="disable")
def disabling(person: Who, /, *, clock: Clock = NOW) -> int:
    """停用账号：不能登录，接口密钥、日历订阅和已发出的提醒链接也失效；办理记录不受影响。"""

    def end(home: Home, key: str) -> str:
        ended = disable(home.store, key, in_office=lambda one: _in_office(home, one), now=home.now())
        return f"已停用。{ended.sentence}{ended.rest if _in_office(home, key) else ''}"

    return _changed(person, "disable", end, clock)


@app.command(name="enable")
def enabling(person: Who, /, *, clock: Clock = NOW) -> int:
    """恢复停用的账号，密码照旧；接口密钥和日历订阅要重新生成。"""

    def give_back(home: Home, key: str) -> str:
        enable(home.store, key)
        return "已恢复，密码照旧；接口密钥和日历订阅要重新生成"

    return _changed(person, "enable", give_back, clock)


@app.command
def code(*, json: Json = False, clock: Clock = NOW) -> int:
    """取一个新的启用码（30分钟内有效）：还没有人能登录时，凭它在网页上设立第一个管理员。"""
    with opened(clock) as home:
        made = new_set_up_code(home.store, now=home.now())
        address = f"{home.settings.base_url}/set-up"
        if made:
            _note(home, "set-up code")
    if not made:
        warn("已经有人能登录，不需要启用码。管理员忘了密码的话：suishi account renew 代号")
        return NO
    if json:
        as_json({"code": made, "address": address, "minutes": int(LASTS.total_seconds()) // 60})
    else:
        say(*set_up_lines(made, address))
    return DONE


def set_up_lines(made: str, address: str) -> tuple[str, ...]:
    """What the console says to whoever sets up."""
    return (
        f"首次启用  用浏览器打开 {address}",
        f"启用码  {made}  （{int(LASTS.total_seconds()) // 60}分钟内有效；过期了运行 suishi account code 再取）",
    )


def _changed(person: str, change: str, act: Callable[[Home, str], str], clock: Clock) -> int:
    """``act`` says what is so now."""
    with opened(clock) as home:
        key = _account(home, person)
        try:
            said = act(home, key)
        except Refused as refusal:
            _note(home, f"{change} {key}", refusal.code)
            raise
        _note(home, f"{change} {key}")
    say(f"✓ {key}：{said}")
    return DONE


def _told(key: str, name: str, made: str, *, ended: Ended | None = None, json: bool) -> int:
    if json:
        of_renewal = {} if ended is None else {"ended": ended}
        as_json({"person": key, "code": made, "days": ACTIVATION_LASTS.days, **of_renewal})
        return DONE
    if ended is not None and ended.sentence:
        say(ended.sentence)
    say(f"{name}（账号 {key}）的激活码  {made}")
    say(f"请当面或打电话告诉本人，由他在网页的“设置密码”里使用。{ACTIVATION_LASTS.days}天内有效，只显示这一次。")
    return DONE


def _account(home: Home, person: str) -> str:
    """The key of an account: also of somebody who is no longer in people.yaml."""
    if person.isprintable() and account_line(home.store, person, now=home.now()) is not None:
        return person
    return known_person(person, home.roster.people)


def _in_office(home: Home, person: str) -> bool:
    known = home.roster.people.get(person)
    return known is not None and (known.left_on is None or home.today() < known.left_on)


def _note(home: Home, about: str, outcome: str = "ok") -> None:
    """The console is written down like the page."""
    at = home.now().astimezone(home.tz)
    try:
        SecurityLog(home.home / "logs").write(SecurityEvent(at, "account", outcome, CONSOLE, "", about[:100]))
    except OSError as error:  # the code that was made must be told all the same
        warn(f"安全日志写不进 {home.home / 'logs'}：{error.strerror}。请检查权限和磁盘空间。")
