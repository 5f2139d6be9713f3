"""The JSON Schema of a calendar file."""

from __future__ import annotations

from config.duty_reader import BASIS_MARKS, SHIFTS
from config.ladder_reader import ROLES
from config.rule_reader import SPAN_NAMES
from config.schema_parts import (
    Schema,
    choice,
    day,
    document,
    flag,
    key,
    listed,
    mapping,
    month_day,
    named,
    text,
    whole,
)
from config.settings import KINDS
from planning.lunar import SOLAR_TERMS

_PARTY = r"^\s*(person|unit)\s*[:：]\s*\S+\s*$|^\s*role\s*[:：]\s*[^@＠]+([@＠][^@＠]+)?$"
_PART_OF_YEAR = "^(0?[1-9]|1[0-2]|[Qq][1-4](-[0-9]+)?|[Hh][12](-[0-9]+)?|[Ww][0-9]{2}|[MmRr][0-9]{1,3})$"
_STEP = r"^[Tt]([-+][0-9]{1,3}|0)$|^assigned$"


def calendar_schema() -> Schema:
    return document("事项", mapping("一个事项文件", {"duties": listed("事项清单", _duty())}, ["duties"]))


def _duty() -> Schema:
    fields = {
        "key": key("代号：小写英文字母、数字和短横，定了就不再改"),
        "kind": choice("类别", KINDS),
        "title": text("标题；与 for_each 同用时 {unit} 换成单位名"),
        "basis": text("法律依据", least=0, longest=500),
        "basis_mark": choice("依据的可靠程度", BASIS_MARKS),
        "owner": _party("承办"),
        "partners": listed("配合", _party("配合"), unique=True),
        "overseer": _party("分管领导"),
        "leader": _party("主要领导"),
        "verifier": _party("验收人"),
        "rule": _rule(),
        "shift": choice("遇休息日怎么办；不写则按时限的种类", SHIFTS),
        "ladder": _ladder(),
        "evidence": listed("应有的佐证材料", text("材料名"), unique=True),
        "evidence_required": flag("没有佐证不能办结；默认 false"),
        "measures": listed("办结时填一次的指标", _measure()),
        "sign_off": flag("办结后须由验收人销号；默认 false"),
        "zero_report": flag("无事报平安也算办结；默认 false"),
        "login_required": flag("从提醒链接登记时须先登录；默认 false"),
        "for_each": text("单位类别：这一类每个单位各办一项"),
        "themes": named("分期标题：月份 1 到 12，或 Q1、H1", text("这一期的标题"), _PART_OF_YEAR),
        "period": text("只办一次的事项的期号，如 整改-007", longest=40, pattern=r"^[^\s:.：。/\\?#%]+$"),
        "note": text("说明", least=0, longest=4000),
        "from_year": whole("从哪一年开始", 1990, 2199),
        "until_year": whole("到哪一年为止", 1990, 2199),
    }
    return mapping("一个事项", fields, ["key", "kind", "title", "owner", "rule"])


def _party(what: str) -> Schema:
    description = f"{what}：person:代号、role:岗位、role:岗位@单位代号 或 unit:单位代号"
    return {"type": "string", "pattern": _PARTY, "description": description}


def _measure() -> Schema:
    fields = {"name": text("指标名，如 场次"), "unit": text("单位，如 场", longest=20), "required": flag("必填；默认 false")}
    return mapping("一个指标", fields, ["name"])


def _ladder() -> Schema:
    audience = listed("发给谁", choice("对象", ROLES), unique=True)
    at = {"type": "string", "pattern": _STEP, "description": "T-7、T0、T+3 或 assigned（交办当天）"}
    step = mapping("一个时点", {"at": at, "to": audience, "say": text("这一步特别要说的话")}, ["at"])
    steps = listed("逐个时点", step)
    written = text("suishi.yaml 里一个阶梯的名字，或 T-7 T-3 T0 T+1=owner,overseer", longest=1000)
    return {"description": "提醒阶梯", "anyOf": [written, {**steps, "minItems": 1}]}


def _rule() -> Schema:
    written = text("公文写法：3月底、上半年、3月15日前、12月4日、每月底、长期坚持")
    return {"description": "时限", "anyOf": [written, *_rule_forms()]}


def _rule_forms() -> list[Schema]:
    months = listed("月份", whole("月", 1, 12), unique=True)
    weekday = {"type": ["string", "integer"], "minimum": 1, "maximum": 7, "description": "星期：monday、五、周五、5"}
    place = {
        "type": ["string", "integer"],
        "description": "第几个；-1 或 last 是最后一个",
        "pattern": "^（-?[0-9]+|last|最后|末）$",
    }
    per = choice("每", SPAN_NAMES)
    dates = named("编号：日期", day("日期"), r"^[^\s:.：。/\\?#%]{1,40}$")
    market = {
        "anyOf": [listed("日子的尾数", whole("尾数", 0, 10)), {"type": ["string", "integer"]}],
        "description": "赶场的日子：[2, 5, 8] 或 二五八",
    }
    return [
        mapping("每年这一天；写上年份则只办一次", {"on": {"anyOf": [month_day("月日"), day("日期")]}}, ["on"]),
        mapping("每月这一天", {"day": whole("几日；31 是月末", 1, 31), "months": months}, ["day"]),
        mapping("一段日子，到最后一天为止", {"from": month_day("起"), "to": month_day("止")}, ["from", "to"]),
        mapping("包含这一天的那一周", {"week_of": month_day("月日")}, ["week_of"]),
        mapping("每周这一天", {"weekly": weekday}, ["weekly"]),
        mapping("第几个星期几", {"nth_weekday": place, "weekday": weekday, "months": months}, ["nth_weekday", "weekday"]),
        mapping("农历", {"lunar": text("农历月日，如 9-9 或 九月初九")}, ["lunar"]),
        mapping("节气", {"solar_term": {"enum": list(SOLAR_TERMS), "description": "二十四节气之一"}}, ["solar_term"]),
        mapping("每段时间至少几次", {"at_least": whole("次数", 1, 31), "per": per}, ["at_least", "per"]),
        mapping("这一天之前（不含当天）", {"before": month_day("月日")}, ["before"]),
        mapping("到这一天为止（含当天）", {"by": month_day("月日")}, ["by"]),
        mapping("某事之后若干工作日", {"workdays_after": whole("工作日", 1, 1000), "events": dates}, ["workdays_after"]),
        mapping("某事之后若干自然日", {"days_after": whole("自然日", 1, 3660), "events": dates}, ["days_after"]),
        mapping(
            "到期之前若干月",
            {"months_before_expiry": whole("月数", 0, 120), "expiries": dates},
            ["months_before_expiry"],
        ),
        mapping(
            "赶场日",
            {"market_days": market, "lunar": flag("按农历"), "every": whole("每几场一次", 1, 31)},
            ["market_days"],
        ),
        mapping(
            "日期以通知为准",
            {"as_notified": month_day("通知来之前按这一天"), "dates": named("年份：日期", day("日期"), "^[0-9０-９]{4}$")},
            ["as_notified"],
        ),
        mapping("第几个工作日", {"workday": place, "of": per, "months": months}, ["workday", "of"]),
        mapping(
            "RFC 5545 重复规则",
            {"rrule": text("如 FREQ=MONTHLY;BYDAY=2TU", longest=500), "starts": day("起始日")},
            ["rrule", "starts"],
        ),
        mapping("长期坚持，每年这一天复核", {"standing": month_day("复核日")}, ["standing"]),
    ]
