"""JSON Schemas for the office's files, so that editors complete and check while the clerk types.

What a schema cannot say (that a person exists, that a date does) is said by ``suishi check``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from config.calendar_schema import calendar_schema
from config.channel_kinds.usage import DETAIL_NAMES
from config.channel_schema import channels_schema
from config.delivery_section import FLAGS, LISTS, LONGEST_LIST, NUMBERS
from config.letters import letters_schema
from config.schema_parts import (
    KEY_PATTERN,
    Schema,
    choice,
    clock,
    day,
    document,
    flag,
    key,
    listed,
    mapping,
    named,
    reference,
    text,
    whole,
)
from config.settings import APPROVAL_NAMES, KINDS, PASSWORD_RULE_NAMES

FOLDER = ".schema"


def settings_schema() -> Schema:
    ladder = text("提醒阶梯，如 T-7 T-3 T0 T+1=owner,overseer", longest=1000, pattern=r"^\s*([Tt]\s*[-+0]|assigned)")
    window: Schema = {
        "type": "string",
        "pattern": r"^[0-9０-９]{1,2}[:：][0-9０-９]{2}\s*[-~－～—至到]\s*[0-9０-９]{1,2}[:：][0-9０-９]{2}$",
    }
    fields = {
        "office": text("单位全称"),
        "title": text("页面名称，也是消息标题【】里的字", longest=30),
        "timezone": text("时区，如 Asia/Shanghai"),
        "production": flag("正式启用；true 时不接受演练用的时间参数"),
        "silent_before": day("启用日：此前到期的不提醒，也不算逾期"),
        "admin": reference("管理员：people.yaml 里一个人的代号"),
        "second_admin": reference("第二管理员的代号：出了问题也告诉此人"),
        "ping_url": text(
            "外部值守的网址：岁时定时打卡，停了由对方报警；含密钥的写成 ${file:…} 或 ${env:…}",
            longest=1000,
            pattern=r"^\s*(https?://|\$\{(file|env):)",
        ),
        "extension_approval": choice("延期由谁批准", APPROVAL_NAMES),
        "password_rules": choice("密码的规矩", PASSWORD_RULE_NAMES),
        "idle_minutes": whole("多少分钟没有操作就退出登录", 5, 720),
        "base_url": text("消息里链接的开头", pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"),
        "listen": text("网页监听的地址和端口", pattern=r"^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$"),
        "prefect_port": whole("流程日历的端口", 1, 65535),
        "database_url": {"type": "string", "maxLength": 1000, "description": "数据库；留空用 data/suishi.db，密码放环境变量"},
        "remind_at": clock("每天的提醒在这个时刻汇总"),
        "day_ends_at": clock("只写日期的时限指当天这个时刻"),
        "windows": {**listed("只在工作日的这些时段发消息", window, unique=True), "minItems": 1},
        "stale_after_days": whole("迟了这么多天的提醒不再补发（也可写在 delivery 里）", 1, 366),
        "delivery": _delivery_schema(),
        "message_detail": choice("消息写多少", DETAIL_NAMES),
        "mail_domain": text("邮件编号里用的域名", pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"),
        "ladders": {**named("提醒阶梯，必须有 standard", ladder, KEY_PATTERN), "required": ["standard"]},
        "default_ladders": mapping(
            "各类事项默认的阶梯", {kind: reference(f"{name}类默认的阶梯") for kind, name in KINDS.items()}
        ),
    }
    return document("总设置", mapping("suishi.yaml", fields, ["office", "admin"]))


def _delivery_schema() -> Schema:
    fields: dict[str, Schema] = {name: whole(one.meaning, one.least, one.most) for name, one in NUMBERS.items()}
    for name, one in LISTS.items():
        several = listed(one.meaning, whole("分钟", one.least, one.most))
        fields[name] = {**several, "minItems": 1, "maxItems": LONGEST_LIST}
    fields |= {name: flag(meaning) for name, meaning in FLAGS.items()}
    return mapping("发送的规矩：重试、补发、多久告诉管理员", fields)


def people_schema() -> Schema:
    unit = {
        "key": key("单位代号"),
        "name": text("单位名"),
        "kind": text("单位类别，如 county、town、office、village"),
        "parent": reference("上级单位的代号"),
        "head": reference("负责人的代号"),
        "contact": reference("联系人的代号：事项写给单位时由他承办"),
    }
    post = {
        "unit": reference("单位代号"),
        "title": text("职务，如 司法所所长"),
        "roles": listed("岗位：事项用 role:岗位 找人", text("岗位"), unique=True),
    }
    destination = {"channel": reference("渠道代号"), "address": text("地址；群机器人可以不写，写了就在群里提醒到他")}
    stand_in = {"person": reference("代理人的代号"), "since": day("开始"), "until": day("结束（含当天）")}
    person = {
        "key": key("人员代号"),
        "name": text("姓名"),
        "posts": {**listed("职务；第一个是主要职务", mapping("职务", post, ["unit", "title"])), "minItems": 1},
        "destinations": listed("接收地址；写在前面的先用", mapping("接收地址", destination, ["channel"])),
        "stand_ins": listed("代理（A/B角）", mapping("代理", stand_in, ["person", "since", "until"])),
        "left_on": day("离任日：从这一天起不再派新的事"),
    }
    fields = {
        "units": listed("单位，按正式排序", mapping("单位", unit, ["key", "name", "kind"])),
        "people": listed("人员，按正式排序", mapping("人员", person, ["key", "name", "posts"])),
    }
    return document("单位和人员", mapping("people.yaml", fields, ["units", "people"]))


def holidays_schema() -> Schema:
    entry: dict[str, Schema] = {
        "name": {"type": "string", "minLength": 1, "description": "节日名"},
        "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "日期"},
        "isOffDay": {"type": "boolean", "description": "true 放假，false 上班"},
    }
    table: Schema = {
        "type": "object",
        "description": "国务院办公厅的放假安排",
        "properties": {
            "year": {"type": "integer", "minimum": 1990, "maximum": 2199, "description": "年份，与文件名一致"},
            "papers": listed("通知的文号或网址", {"type": "string"}),
            "days": {**listed("放假和调休的日子", mapping("一天", entry, ["name", "date", "isOffDay"])), "minItems": 1},
        },
        "required": ["year", "days"],
    }
    return document("放假表", table)


def local_days_schema() -> Schema:
    fields = {"date": day("日期"), "off": flag("true 休息，false 上班"), "reason": text("原因，如 停工令", longest=60)}
    row = mapping("一天", fields, ["date", "off", "reason"])
    return document("本地调整", {"type": ["array", "null"], "description": "本地与全国不同的日子", "items": row})


SCHEMAS: dict[str, Callable[[], Schema]] = {
    "suishi.json": settings_schema,
    "people.json": people_schema,
    "channels.json": channels_schema,
    "calendar.json": calendar_schema,
    "holidays.json": holidays_schema,
    "local.json": local_days_schema,
    "letters.json": letters_schema,
}


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema into ``folder``, replacing older ones."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = []
    for name, build in SCHEMAS.items():
        path = folder / name
        path.write_text(json.dumps(build(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return written
