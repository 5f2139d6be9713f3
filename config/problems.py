"""What is wrong in the office's files, as values: code, file, line, sentence, and what to do.

A reader never raises for a fault in a file; it notes a :class:`Problem` on its :class:`Sheet` and goes on, so
that the admin sees everything at once. Values of secrets never enter a sentence.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

Severity = Literal["error", "warning"]
_SHOWN_LENGTH = 40
_ALIKE, _ALIKE_IN_CHINESE = 0.6, 0.75  # difflib's ratio; a Chinese character says as much as several letters
_DEPUTY = "副"  # 党委书记 and 党委副书记 are two people, however alike the words
_REASONS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOENT: "不存在",
    errno.ENOTDIR: "路径中有一段不是目录",
    errno.EISDIR: "是一个目录",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "名字太长",
    errno.ELOOP: "链接绕成了圈",
}


class Code(StrEnum):
    """The catalogue: every code with one line on what it means (docs/ is tested against it)."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    # the file as a whole
    FILE_UNREADABLE = "YML001", "文件读不出来（没有权限、不是普通文件）"
    FILE_TOO_LARGE = "YML002", "文件超过 512 KB"
    NOT_UTF8 = "YML003", "文件不是 UTF-8 编码（多半是 GBK）"
    UTF16 = "YML004", "文件是 UTF-16 或 UTF-32 编码"
    CONTROL_CHARACTER = "YML005", "文件里有看不见的控制字符"
    TAB = "YML006", "用制表符(Tab)缩进"
    FILE_EMPTY = "YML007", "文件是空的"
    SYNTAX = "YML008", "不合 YAML 或 JSON 的写法"
    CUT_OFF = "YML009", "引号或括号没有闭合，文件可能不完整"
    DUPLICATE_NAME = "YML010", "同一处把一个字段写了两遍"
    ALIAS = "YML011", "用了锚点、别名或合并键"
    TAG = "YML012", "用了 YAML 标签"
    TOO_DEEP = "YML013", "嵌套超过 20 层"
    MORE_DOCUMENTS = "YML014", "一个文件里有多份文档"
    COMPLEX_NAME = "YML015", "字段名不是一段文字"
    TOO_MANY_FAULTS = "YML016", "问题太多，只列出前面的"
    FILE_MISSING = "YML017", "缺少文件或目录"
    FILE_IGNORED = "YML018", "文件名不对，没有读取"
    # one field
    FIELD_UNKNOWN = "FLD001", "不认识的字段"
    FIELD_MISSING = "FLD002", "缺少必填的字段"
    FIELD_SHAPE = "FLD003", "字段的形状不对（应为文字、列表或一组字段）"
    FIELD_CHOICE = "FLD004", "字段的值不在可选范围内"
    FIELD_NUMBER = "FLD005", "不是整数或超出范围"
    FIELD_DATE = "FLD006", "日期读不懂或不存在"
    FIELD_TIME = "FLD007", "时间读不懂"
    FIELD_FLAG = "FLD008", "不是 true 或 false"
    FIELD_TEXT = "FLD009", "文字太长或含有不该有的字符"
    FIELD_KEY = "FLD010", "代号含有不允许的字符"
    FIELD_TWICE = "FLD011", "列表里有重复的值"
    # suishi.yaml
    TIMEZONE = "SET001", "时区不存在"
    WINDOWS = "SET002", "发送时段写得不对"
    LADDER = "SET003", "提醒阶梯写得不对"
    LADDER_UNKNOWN = "SET004", "没有这个名字的提醒阶梯"
    ADDRESS_OF_PAGE = "SET005", "网址或监听地址写得不对"
    ADMIN_UNKNOWN = "SET006", "管理员不在人员名单里"
    DATABASE_URL = "SET007", "数据库地址写得不对"
    # people.yaml
    KEY_TWICE = "PPL001", "两处用了同一个代号"
    UNIT_UNKNOWN = "PPL002", "没有这个单位"
    PERSON_UNKNOWN = "PPL003", "没有这个人"
    UNITS_CIRCULAR = "PPL004", "单位的上下级绕成了圈"
    STAND_INS_CIRCULAR = "PPL005", "代理关系绕成了圈"
    STAND_IN_DATES = "PPL006", "代理的起止日期不对"
    NO_DESTINATION = "PPL007", "这个人没有接收地址"
    MAIL_ADDRESS = "PPL008", "邮箱地址写得不对"
    CHANNEL_UNKNOWN = "PPL009", "没有这个渠道"
    NO_POST = "PPL010", "这个人没有职务"
    ADDRESS = "PPL011", "地址不合这个渠道的写法"
    # channels.yaml
    SECRET_LITERAL = "CHN001", "密码直接写在文件里"
    SECRET_MISSING = "CHN002", "密码所在的文件或环境变量不存在"
    SECRET_OPEN = "CHN003", "密码文件别人也能读"
    SECURITY_NONE = "CHN004", "不加密的连接只许用在本机"
    SENDER = "CHN005", "发件人写得不对"
    HOST = "CHN006", "服务器名写得不对"
    CA_FILE = "CHN007", "证书文件不存在"
    SECRET_VALUE = "CHN008", "存放的密钥不像这个渠道的密钥"
    BASE_URL = "CHN009", "接口的网址写得不对"
    LINKS_IN_A_GROUP = "CHN010", "发给群的消息里带个人链接"
    APPRISE_URL = "CHN011", "这种 Apprise 地址不在允许之列"
    # calendar/*.yaml
    DUTY_TWICE = "CAL001", "两个事项用了同一个代号"
    RULE_UNKNOWN = "CAL002", "看不出是哪一种时限规则"
    RULE_VALUE = "CAL003", "时限规则里的值不对"
    RULE_MIXED = "CAL004", "时限规则混用了几种写法"
    PARTY = "CAL005", "责任人写法不对"
    ROLE_EMPTY = "CAL006", "没有人担任这个职务或岗位"
    KIND_OF_UNIT = "CAL007", "没有这一类单位"
    YEARS = "CAL008", "起止年份不对"
    THEMES = "CAL009", "分期标题写得不对"
    MEASURES = "CAL010", "指标写得不对"
    PERIOD = "CAL011", "期号写得不对"
    DUTY_UNSOUND = "CAL012", "事项里有写法错误，整条未采用"
    NO_DUTY = "CAL013", "没有任何事项"
    SIGN_OFF = "CAL014", "要求销号却没有验收人"
    # holidays/
    HOLIDAY_TABLE = "HOL001", "放假表没有通过核对"
    HOLIDAY_NAME = "HOL002", "放假表的文件名与年份不符"
    HOLIDAY_DOUBT = "HOL003", "放假表有可疑之处"
    HOLIDAY_DAY = "HOL004", "同一天写了两次"
    # the home
    HOME_MISSING = "HOM001", "工作目录不存在或还没有初始化"
    HOME_EXISTS = "HOM002", "工作目录已经初始化过"
    PACK_UNKNOWN = "HOM003", "没有这个样板"
    # ready to be relied on
    NOBODY_RECEIVES = "RDY001", "只有发件箱渠道，没有人会收到消息"
    DEAD_LINKS = "RDY002", "消息里的链接只有服务器自己打得开"
    SAMPLE_PEOPLE = "RDY003", "还有样例的人员和地址"
    SAMPLE_EVENTS = "RDY004", "事项里还有样例"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. ``file`` is relative to the home; ``line`` counts from 1, None where the whole file is meant."""

    code: Code
    file: str
    line: int | None
    message: str
    hint: str
    severity: Severity = "error"
    field: str = ""  # where it lies in one named field: the field, and
    fault: str = ""  # what is wrong with its value, for a form that shows the field under a name of its own


class Sheet:
    """Collects the problems of one file while it is read."""

    def __init__(self, file: str) -> None:
        # A name on disk may hold bytes that are no text, or line breaks; a sentence may not.
        self.file = "".join(c if c.isprintable() else "·" for c in file)
        self.problems: list[Problem] = []
        self.errors = 0

    def error(self, code: Code, line: int | None, message: str, hint: str, *, field: str = "", fault: str = "") -> None:
        self.errors += 1
        self.problems.append(Problem(code, self.file, line, message, hint, field=field, fault=fault))

    def warning(self, code: Code, line: int | None, message: str, hint: str) -> None:
        self.problems.append(Problem(code, self.file, line, message, hint, "warning"))

    def take(self, problems: Iterable[Problem]) -> None:
        """Add what another reader of the same file found."""
        for problem in problems:
            self.errors += problem.severity == "error"
            self.problems.append(problem)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Errors before warnings, then by file, line and code; each sentence once."""
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (p.severity != "error", p.file, p.line or 0, p.code.value, p.message)))


def line_text(problem: Problem) -> str:
    """One line for a terminal or a log: ``calendar/10-study.yaml 第12行:…。怎么办:…``."""
    place = problem.file if problem.line is None else f"{problem.file} 第{problem.line}行"
    return f"{place}：{_ended(problem.message)}怎么办：{_ended(problem.hint)}"


def to_json(problem: Problem) -> dict[str, str | int | None]:
    return {
        "code": problem.code.value,
        "severity": problem.severity,
        "file": problem.file,
        "line": problem.line,
        "message": problem.message,
        "hint": problem.hint,
    }


def reason_of(error: OSError) -> str:
    """Say in Chinese why the system refused."""
    return _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


def shown(value: str) -> str:
    """Quote a value from a file for a sentence: one line, no control characters, cut after 40 characters."""
    flat = "".join(c if c.isprintable() else "·" for c in " ".join(value.split()))
    return f"「{flat[:_SHOWN_LENGTH]}…」" if len(flat) > _SHOWN_LENGTH else f"「{flat}」"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, if any."""
    from difflib import get_close_matches  # only needed once something is wrong

    known = [one for one in known if (_DEPUTY in one) == (_DEPUTY in word)]
    close = get_close_matches(word.lower(), known, n=1, cutoff=_ALIKE if word.isascii() else _ALIKE_IN_CHINESE)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """Build a hint: ask for the nearest known word, or fall back to ``otherwise``."""
    near = nearest(word, known)
    return f"是不是 {near}?" if near else otherwise


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("。", "?", "？")) else sentence + "。"
