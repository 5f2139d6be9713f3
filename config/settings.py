"""suishi.yaml: the office's settings, each with its default beside its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from config.channel_kinds.usage import DETAIL_NAMES
from config.channel_kinds.wire import read_secret_url
from config.delivery_section import read_delivery
from config.fields import KEY, Section, top_section
from config.mail_address import is_domain
from config.problems import Code, Problem, Sheet, did_you_mean, shown
from config.secret import Secret
from config.strict_yaml import read_yaml
from planning.delivery_rules import DeliveryRules
from planning.duty import Kind, Step
from planning.ladder import parse_ladder
from planning.windows import Window, parse_windows

FILE = "suishi.yaml"
DATABASE_VARIABLE = "SUISHI_DATABASE_URL"
STANDARD = "standard"
STANDARD_LADDER = "T-7 T-3 T-1 T0 T+1=owner,overseer T+3=owner,overseer,leader T+7=owner,overseer,leader"
WINDOWS = ("08:30-12:00", "14:30-17:30")
KINDS = {"study": "学习", "inspection": "检查", "publicity": "普法", "rectification": "整改", "routine": "常规"}

Detail = Literal["full", "title", "number"]
_DETAILS: dict[str, Detail] = {"full": "full", "title": "title", "number": "number"}
Approval = Literal["none", "overseer", "leader"]
_APPROVALS: dict[str, Approval] = {"none": "none", "overseer": "overseer", "leader": "leader"}
PasswordRules = Literal["dengbao2", "asvs"]
_PASSWORD_RULES: dict[str, PasswordRules] = {"dengbao2": "dengbao2", "asvs": "asvs"}
PASSWORD_RULE_NAMES = {"dengbao2": "等保二级：三种字符，90天一换", "asvs": "只看长度，不强制更换"}
APPROVAL_NAMES = {"none": "不用批准，当即延期", "overseer": "分管领导批准", "leader": "主要领导批准"}
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_LISTEN = re.compile(r"(?P<host>\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")
_DATABASE = re.compile(r"(postgresql\+psycopg|sqlite(\+pysqlite)?)://.*")
_DATABASE_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]*@")
_HIGHEST_PORT = 65535
_LONGEST_IDLE = 720  # minutes: no session lasts longer anyway


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the page listens."""

    host: str = "127.0.0.1"
    port: int = 8600


@dataclass(frozen=True, slots=True)
class Settings:
    """What the office has chosen. Moments of the day are in ``timezone``."""

    office: str = ""  # 曹回镇人民政府
    title: str = "工作提醒"  # on the pages and, in 【】, in subjects
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    production: bool = False  # True: --now and failpoints are refused
    silent_before: date | None = None  # 启用日: what was due before is neither reminded nor counted as overdue
    admin: str = ""  # person key: is told of problems
    second_admin: str = ""  # person key: is told as well
    ping_url: Secret = field(default_factory=lambda: Secret(""))  # outside watch that misses us when we stop; holds a token
    extension_approval: Approval = "none"  # who has to say yes before an extension counts
    password_rules: PasswordRules = "dengbao2"  # noqa: S105 - the name of the rules
    idle_minutes: int = 30  # without a page opened for so long, a browser is signed out
    base_url: str = "http://127.0.0.1:8600"  # in links; without a slash at the end
    listen: Listen = field(default_factory=Listen)
    prefect_port: int = 4200
    database_url: Secret = field(default_factory=lambda: Secret(""))  # empty: SQLite in data/; may hold a password
    remind_at: time = time(8, 45)  # when a day's reminders fall due
    day_ends_at: time = time(17, 30)  # a due day without a time ends here
    windows: tuple[Window, ...] = field(default_factory=lambda: tuple(parse_windows(list(WINDOWS))))
    delivery: DeliveryRules = field(default_factory=DeliveryRules)
    message_detail: Detail = "full"
    mail_domain: str = "suishi.invalid"  # right side of Message-ID
    ladders: Mapping[str, tuple[Step, ...]] = field(default_factory=lambda: {STANDARD: parse_ladder(STANDARD_LADDER)})
    default_ladders: Mapping[Kind, str] = field(default_factory=dict)

    def ladder_for(self, kind: Kind) -> tuple[Step, ...]:
        return self.ladders[self.default_ladders.get(kind, STANDARD)]


def read_settings(
    home: Path, *, environ: Mapping[str, str], people: Collection[str] | None = None
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Read suishi.yaml; a field with a fault takes its default, and the fault is reported.

    ``people`` (keys) lets the admin be checked. None instead of settings: the file as a whole makes no sense.
    SUISHI_DATABASE_URL in ``environ`` stands over the file.
    """
    tree, problems = read_yaml(home / FILE, name=FILE)
    sheet = Sheet(FILE)
    sheet.take(problems)
    top = top_section(tree, sheet, "文件", "office: 曹回镇人民政府")
    if top is None:
        return None, tuple(sheet.problems)
    top.require("office", "admin")
    _check_admins(top, people)
    default = Settings()
    ladders = _read_ladders(top)
    settings = Settings(
        office=top.text("office"),
        title=top.text("title", default.title, longest=30),
        timezone=_read_timezone(top, default.timezone),
        production=top.flag("production", default=False),
        silent_before=top.day("silent_before"),
        admin=top.text("admin"),
        second_admin=top.text("second_admin"),
        ping_url=_read_ping_url(top, home, environ),
        extension_approval=_APPROVALS[top.choice("extension_approval", APPROVAL_NAMES, default.extension_approval)],
        password_rules=_PASSWORD_RULES[top.choice("password_rules", PASSWORD_RULE_NAMES, default.password_rules)],
        idle_minutes=top.whole("idle_minutes", default.idle_minutes, least=5, most=_LONGEST_IDLE),
        base_url=_read_base_url(top, default.base_url),
        listen=_read_listen(top, default.listen),
        prefect_port=top.whole("prefect_port", default.prefect_port, least=1, most=_HIGHEST_PORT),
        database_url=_read_database(top, environ),
        remind_at=top.clock("remind_at", default.remind_at),
        day_ends_at=top.clock("day_ends_at", default.day_ends_at),
        windows=_read_windows(top, default.windows),
        delivery=read_delivery(top, default.delivery),
        message_detail=_DETAILS[top.choice("message_detail", DETAIL_NAMES, default.message_detail)],
        mail_domain=_read_mail_domain(top, default.mail_domain),
        ladders=ladders,
        default_ladders=_read_default_ladders(top, ladders),
    )
    top.close()
    return settings, tuple(sheet.problems)


def _check_admins(top: Section, people: Collection[str] | None) -> None:
    for name in ("admin", "second_admin"):
        key = top.text(name)
        if key and people is not None and key not in people:
            hint = did_you_mean(key, people, otherwise="写 people.yaml 里一个人的代号")
            top.error(Code.ADMIN_UNKNOWN, name, f"写了 {shown(key)}，人员名单里没有", hint)
    if top.text("admin") and top.text("admin") == top.text("second_admin"):
        what = f"{top.what}的 second_admin 与 admin 是同一个人，出了问题只有一个人知道"
        top.sheet.warning(Code.FIELD_TWICE, top.line("second_admin"), what, "换成另一个人，或删去这一行")


def _read_ping_url(top: Section, home: Path, environ: Mapping[str, str]) -> Secret:
    """A variable that is not set, as in a clerk's own shell, only ends the pings; the outside watch then misses them."""
    aside = Section(top.node, Sheet(FILE), top.what, discreet=True)
    url = read_secret_url(aside, "ping_url", home, environ)
    top.get("ping_url")
    for problem in aside.sheet.problems:
        missing = problem.code is Code.SECRET_MISSING
        top.sheet.take([replace(problem, severity="warning") if missing else problem])
    return url or Secret("")


def _read_timezone(top: Section, default: ZoneInfo) -> ZoneInfo:
    name = top.text("timezone")
    try:
        return ZoneInfo(name) if name else default
    except (LookupError, ValueError, OSError):  # unknown; outside the table's folder; a folder (Asia)
        top.error(Code.TIMEZONE, "timezone", f"{shown(name)} 不是时区名", "写 Asia/Shanghai")
        return default


def _read_base_url(top: Section, default: str) -> str:
    written = top.text("base_url")
    if not written or _URL.fullmatch(written):
        return written.rstrip("/") or default
    top.error(Code.ADDRESS_OF_PAGE, "base_url", f"{shown(written)} 不是网址", "写成 http://127.0.0.1:8600，不带 ? 和 #")
    return default


def _read_listen(top: Section, default: Listen) -> Listen:
    written = top.text("listen")
    if not written:
        return default
    found = _LISTEN.fullmatch(written)
    if found and 1 <= int(found["port"]) <= _HIGHEST_PORT:
        return Listen(found["host"].strip("[]"), int(found["port"]))
    top.error(Code.ADDRESS_OF_PAGE, "listen", f"{shown(written)} 不是监听地址", "写成 127.0.0.1:8600，端口 1 到 65535")
    return default


def _read_database(top: Section, environ: Mapping[str, str]) -> Secret:
    """The environment stands over the file; a password belongs in the environment only, and is never repeated."""
    written = top.text("database_url", longest=1000)
    if written and not _DATABASE.fullmatch(written):
        hint = "写 postgresql+psycopg://用户@主机/库名；留空则用 data/suishi.db"
        top.error(Code.DATABASE_URL, "database_url", "不是数据库地址", hint)
        written = ""
    elif _DATABASE_PASSWORD.search(written):
        hint = f"把带密码的地址放进环境变量 {DATABASE_VARIABLE}，这里留空"
        top.error(Code.SECRET_LITERAL, "database_url", "里直接写了密码", hint)
        written = ""
    given = environ.get(DATABASE_VARIABLE, "")
    if given and not _DATABASE.fullmatch(given):
        message = f"环境变量 {DATABASE_VARIABLE} 不是数据库地址"
        top.sheet.error(Code.DATABASE_URL, None, message, "写 postgresql+psycopg://用户：密码@主机/库名，或去掉这个变量")
    return Secret(given or written)


def _read_windows(top: Section, default: tuple[Window, ...]) -> tuple[Window, ...]:
    written = top.texts("windows")
    if not written:
        return default
    try:
        return tuple(parse_windows(list(written)))
    except ValueError as error:
        top.error(Code.WINDOWS, "windows", f"写得不对：{error}", '写成 ["08:30-12:00", "14:30-17:30"]')
        return default


def _read_mail_domain(top: Section, default: str) -> str:
    written = top.text("mail_domain")
    if not written or (is_domain(written) and written.isascii()):
        return written or default
    top.error(Code.HOST, "mail_domain", f"{shown(written)} 不是域名", "写成 caohui.example")
    return default


def _read_ladders(top: Section) -> dict[str, tuple[Step, ...]]:
    ladders = {STANDARD: parse_ladder(STANDARD_LADDER)}
    section = top.section("ladders", "ladders ")
    if section is None:
        return ladders
    if STANDARD not in section.values:
        hint = f'补上一行 standard: "{STANDARD_LADDER}"'
        section.sheet.error(Code.LADDER, top.line("ladders"), "ladders 里缺少 standard", hint)
    for name in section.names:
        text = section.text(name, longest=1000)
        if not KEY.fullmatch(name):
            section.error(Code.FIELD_KEY, name, "不能作提醒阶梯的名字", "只用小写英文字母、数字和短横")
        elif text:
            try:
                ladders[name] = parse_ladder(text)
            except ValueError as error:
                section.error(Code.LADDER, name, f"{shown(text)} 写得不对：{error}", "写成 T-7 T-3 T-1 T0 T+1=owner,overseer")
        else:
            section.require(name)
    return ladders


def _read_default_ladders(top: Section, ladders: Collection[str]) -> dict[Kind, str]:
    section = top.section("default_ladders", "default_ladders ")
    found: dict[Kind, str] = {}
    if section is None:
        return found
    for kind in Kind:
        name = section.text(kind.value)
        if name and name not in ladders:
            hint = did_you_mean(name, ladders, otherwise="先在 ladders 里写上这个阶梯")
            section.error(Code.LADDER_UNKNOWN, kind.value, f"写了 {shown(name)}，没有这个阶梯", hint)
        elif name:
            found[kind] = name
    section.close()
    return found
