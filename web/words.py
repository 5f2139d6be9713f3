"""Codes become words: what a state, a kind or a date is called on the pages. Colour never stands alone."""

from __future__ import annotations

import re
from calendar import month_abbr
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from planning.periods import ONCE
from planning.wording import weekday_name
from reports.conditions import SOON_WORKDAYS
from reports.occurrences import OccurrenceLine
from reports.outbox import MessageLine
from reports.sentences import MESSAGE_STATES, OUTCOMES, ROLES, outcome_of, state_of, step_words
from reports.stagnation import STAGNANT_WORKDAYS
from web.catalogue import plural
from web.languages import as_typed

__all__ = [
    "ACCOUNT_CHANGES",
    "ACCOUNT_ROLES",
    "ACCOUNT_STATES",
    "CHANNELS",
    "ENGLISH_FILTERS",
    "KINDS",
    "MESSAGE_LOOKS",
    "MESSAGE_STATES",
    "OUTCOMES",
    "PEOPLE",
    "ROLES",
    "ROLE_MEANINGS",
    "SECURITY_EVENTS",
    "SECURITY_OUTCOMES",
    "SOON_WORKDAYS",
    "STAGNANT_WORKDAYS",
    "UNIT_KINDS",
    "Tag",
    "day",
    "for_page",
    "for_reader",
    "marks",
    "message_tag",
    "moment",
    "month",
    "names",
    "outcome_of",
    "period_words",
    "span_name",
    "status",
    "step_words",
]

KINDS = {"study": "学习", "inspection": "检查", "publicity": "普法", "rectification": "整改", "routine": "常规"}

UNIT_KINDS = {
    "county": "县",
    "bureau": "县级部门",
    "town": "镇（街道）",
    "office": "内设机构",
    "team": "队伍",
    "village": "村（社区）",
}
"""Those of the packs; an office may use words of its own."""

ACCOUNT_ROLES = {"admin": "管理员", "leader": "领导", "office": "科室", "staff": "工作人员", "auditor": "审计员"}

ROLE_MEANINGS = {
    "admin": "管理账号、人员、事项和发送",
    "leader": "看完成情况，批复延期、销号",
    "office": "为范围内的单位登记，添加临时事项",
    "staff": "办理自己的事项",
    "auditor": "看全部记录，什么也不改",
}

ACCOUNT_CHANGES = {
    "open": "开设",
    "disable": "停用",
    "enable": "恢复",
    "unlock": "解锁",
    "renew": "重新生成激活码",
    "renew_keep": "重新生成激活码（密钥和订阅照旧）",
    "rights": "修改角色和范围",
}

SECURITY_EVENTS = {
    "sign_in": "登录",
    "sign_out": "退出登录",
    "set_up": "首次启用",
    "activate": "设置密码",
    "password": "修改密码",
    "second_factor": "动态码",
    "account": "账号管理",
    "token": "订阅地址和接口密钥",
    "refused": "越权被拒",
    "files": "修改文件",
    "run": "运行操作",
}

SECURITY_OUTCOMES = {
    "ok": "成功",
    "sign_in": "账号或密码不对",
    "locked": "暂停登录中",
    "disabled": "账号已停用",
    "left": "已离任",
    "second_factor": "动态码不对",
    "busy": "同时登录的太多",
    "too_often": "失败次数太多",
    "activation_code": "激活码不对",
    "set_up_code": "启用码不对",
    "set_up_done": "已有管理员",
    "wrong_password": "密码不对",
    "password_again": "两次不一样",
    "password_length": "密码长度不对",
    "password_classes": "密码种类不够",
    "password_guessable": "密码太容易猜",
    "password_used": "密码用过",
    "edited_meanwhile": "别处刚改过",
    "draft_faulty": "文件会出错",
    "many_changes": "改动太大",
    "last_admin": "最后一个管理员",
    "own_account": "自己的账号",
    "account_exists": "已有账号",
    "unknown_account": "没有账号",
    "not_allowed": "没有权限",
    "stale_form": "页面已过期",
    "failed": "没有写进去",
    "address_bad": "收件地址不对",
    "backup_failed": "备份没有成功",
    "faulty_file": "文件里有错误",
}

ACCOUNT_STATES = {"waiting": "未激活", "active": "正常", "locked": "暂停登录", "disabled": "已停用"}

_PERIOD = re.compile(r"(\d{4})(?:-(W\d\d|Q[1-4]|H[12]|0[1-9]|1[0-2]))?(?:-[MR]?(\d{1,2}))?")
"""As planning.candidates names the periods of rules."""

PEOPLE = frozenset({"人", "人次", "名"})
"""Units of measures that count who came: a sign-in sheet answers them."""

CHANNELS = {"mail": "邮件", "outbox": "发件箱"}
"""Channels whose key in channels.yaml is the customary one; another key is shown as the admin wrote it."""

_PARTS_OF_YEAR = {"H1": "上半年", "H2": "下半年", "Q1": "第一季度", "Q2": "第二季度", "Q3": "第三季度", "Q4": "第四季度"}

_COMMAND_HINT = re.compile(r"[,，]?[(（][^()（）]*(suishi |--)[^()（）]*[)）]|[,，;；]?或用 suishi \w+[^。]*")

_ADDRESS_HINT = re.compile("（网址末尾是 [^（）]*）")

MESSAGE_LOOKS = {"pending": "open", "leased": "open", "sent": "done", "failed": "today", "dead": "today", "cancelled": "quiet"}


@dataclass(frozen=True, slots=True)
class Tag:
    look: str  # overdue, today, open, done, late, quiet: a CSS class
    words: str


def message_tag(message: MessageLine) -> Tag:
    """What became of a message; a channel whose answer proves nothing is not said to have sent it."""
    if message.only_written:
        return Tag("today", state_of(message))
    if message.state == "sent" and not message.verified:
        return Tag("today", "渠道已收（无法核实）")
    return Tag(MESSAGE_LOOKS[message.state], MESSAGE_STATES[message.state])


def status(line: OccurrenceLine, as_of: date) -> Tag:
    """The one tag that says where an occurrence stands; red is for overdue and nothing else."""
    closed = {"withdrawn": Tag("quiet", "撤回"), "waived": Tag("quiet", "免办")}.get(line.state)
    if closed is not None:
        return closed
    if line.state == "done":
        return Tag("late", "逾期办结") if line.late else Tag("done", "已复核" if line.standing else "已办结")
    if line.extension_to is not None:
        return Tag("today", "延期待批")
    if line.overdue:
        return Tag("overdue", f"逾期 {-line.workdays_left} 个工作日" if line.workdays_left < 0 else "逾期")
    if line.awaiting_notice:
        return Tag("open", "待通知定日期")
    if line.due_on < as_of:
        return Tag("quiet", "启用前到期")
    return _still_open(line, as_of)


def _still_open(line: OccurrenceLine, as_of: date) -> Tag:
    if line.due_on == as_of:
        return Tag("today", "今日到期")
    if line.workdays_left == 0:  # nothing but rest days in between
        return Tag("today", f"{(line.due_on - as_of).days} 天后到期")
    if line.workdays_left <= SOON_WORKDAYS:
        return Tag("today", f"剩 {line.workdays_left} 个工作日")
    return Tag("quiet", "长期坚持") if line.standing else Tag("open", "待办")


def marks(line: OccurrenceLine) -> list[str]:
    """Further facts beside the tag, in words."""
    found = []
    if line.extension_to is not None:
        found.append(f"申请延至 {line.extension_to}")
    if line.provisional:
        found.append("暂定")
    if line.extensions:
        found.append(f"延期 {line.extensions} 次")
    if line.state == "done" and line.sign_off_needed and line.signed_off_at is None:
        found.append("待销号")
    if line.signed_off_at is not None:
        found.append("已销号")
    if line.state == "done" and line.proved:
        found.append("有佐证")
    return found


def _english_day(value: date | None) -> str:
    return "—" if value is None else f"{value.isoformat()} {value:%a}"


def _english_short_day(value: date, *, with_year: bool = False) -> str:
    """22 Oct 2026."""
    return f"{value.day} {value:%b %Y}" if with_year else f"{value.day} {value:%b}"


def _english_weekday(value: date) -> str:
    return f" {value:%a}"


def _english_month(number: int) -> str:
    return month_abbr[number]


ENGLISH_FILTERS = {
    "day": _english_day,
    "cn_day": _english_short_day,
    "weekday": _english_weekday,
    "month": _english_month,
    "names": lambda people: ", ".join(people) or "—",
    "plural": plural,
    "as_typed": as_typed,
}
"""What an English page has instead of the Chinese filters, or besides: its templates are written by web/languages.py."""


def day(value: date | None) -> str:
    """2026-10-29 周四."""
    return "—" if value is None else f"{value.isoformat()} {weekday_name(value)}"


def moment(value: datetime | None, tz: ZoneInfo) -> str:
    """2026-10-29 08:45 in the office's zone."""
    return "—" if value is None else value.astimezone(tz).strftime("%Y-%m-%d %H:%M")


def month(number: int) -> str:
    return f"{number}月"


def span_name(period: str) -> str:
    """2026年, 2026年上半年, 2026年第一季度, 2026年3月."""
    year, _, part = period.partition("-")
    if not part:
        return f"{year}年"
    return f"{year}年{_PARTS_OF_YEAR.get(part) or f'{int(part)}月'}"


def period_words(period: str) -> str:
    """2026年3月, 2026年第47周, 2026年上半年第2次; a name of the office's own (整改-007) as it is.

    The unit behind the point is left out: it stands beside. The period of what happens one time says nothing.
    """
    whole = period.partition(".")[0]
    named = _PERIOD.fullmatch(whole)
    if named is None:
        return "" if whole == ONCE else whole
    year, part, number = named.groups()
    week = f"{year}年第{int(part[1:])}周" if part and part[0] == "W" else ""
    said = week or span_name(f"{year}-{part}" if part else year)
    return f"{said}第{int(number)}次" if number else said


def names(people: Iterable[str]) -> str:
    return "、".join(people) or "—"


def for_page(sentence: str) -> str:
    """A service's sentence without its hint at the command line, which readers of pages do not have."""
    return _COMMAND_HINT.sub("", sentence)


def for_reader(problem: str) -> str:
    """A problem's text without the address that stands in it for who reads it in a mail."""
    return _ADDRESS_HINT.sub("", problem)
