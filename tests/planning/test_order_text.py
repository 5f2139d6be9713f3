"""Orders as they are forwarded to a township (all names invented), read on Tuesday 24 November 2026 at ten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.order_text import Order, read_order
from planning.order_title import LONGEST
from planning.spoken_day import SpokenDay
from planning.workdays import Workdays, builtin_years

KNOWN = Workdays(builtin_years())
TUESDAY = date(2026, 11, 24)
PEOPLE = {
    "luohui": "罗辉",
    "zhangjun": "张军",
    "zhangwei": "张伟",
    "zhoubin": "周斌",
    "wutao": "吴涛",
    "wangmin": "王敏",
    "hejing": "何静",
    "gaofei": "高飞",
}
UNITS = {
    "dianjiang": "垫江县",
    "xiansifaju": "县司法局",
    "caohui": "曹回镇",
    "dangzhengban": "党政办公室",
    "pingan": "平安法治办公室",
    "sifasuo": "司法所",
    "zongzhi": "综治中心",
    "huilong": "回龙村",
    "shiliang": "石梁村",
}


def order(text: str) -> Order:
    return read_order(text, on=TUESDAY, at=time(10), workdays=KNOWN, people=PEOPLE, units=UNITS)


def people_of(read: Order) -> tuple[str, ...]:
    return tuple(one.key for one in read.doers if one.is_person)


def units_of(read: Order) -> tuple[str, ...]:
    return tuple(one.key for one in read.doers if not one.is_person)


@dataclass(frozen=True)
class Told:
    """A message and what it proposes."""

    text: str
    title: str
    day: date | None
    at: time | None = None
    words: str = ""
    others: tuple[date, ...] = ()
    source: str = ""
    people: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


def in_november(day: int) -> date:
    return date(2026, 11, day)


MESSAGES = {
    "in one line, with the body in brackets": Told(
        "【县司法局】请各乡镇于明天下班前报送三季度普法情况，联系人罗辉，电话74512345。",
        title="报送三季度普法情况",
        day=in_november(25),
        words="明天下班前",
        source="县司法局",
        contacts=("luohui",),
    ),
    "full-width figures and a bracket that names nobody": Told(
        "【紧急通知】各村（社区）：\n请于１１月２７日１７：００前将《法治建设自查表》报司法所王敏处，逾期不候。谢谢！",
        title="报送《法治建设自查表》",
        day=in_november(27),
        at=time(17),
        words="１１月２７日１７：００前",
    ),
    "a notice with its heading, its points and its foot": Told(
        "转发：【县委依法治县办】关于做好2026年度法治建设考核工作的通知\r\n各乡镇（街道）：\r\n现将有关事项通知如下：\r\n"
        "一、请于12月10日前完成自评；\r\n二、12月21日前报送自评报告（纸质一式两份）。\r\n县委依法治县办\r\n2026年11月20日",
        title="做好2026年度法治建设考核工作",
        day=date(2026, 12, 18),
        words="12月21日前",
        others=(date(2026, 12, 9),),
        source="县委依法治县办",
    ),
    "copied from a group, with who wrote when": Told(
        "张伟 2026/11/24 09:12\n@所有人 本周五下班前交一下法律明白人花名册，发我邮箱，辛苦大家[抱拳]",
        title="交法律明白人花名册",
        day=in_november(27),
        words="本周五下班前",
    ),
    "by telephone, passed on": Told(
        "接县司法局通知，请司法所务必于本周四中午12点前报送行政复议案件统计表。",
        title="报送行政复议案件统计表",
        day=in_november(26),
        at=time(12),
        words="本周四中午12点前",
        source="县司法局",
        units=("sifasuo",),
    ),
    "quoted, with an answer below": Told(
        "「罗辉：请各乡镇周五下班前反馈行政执法证到期人员名单」\n- - - - - - - - - - - - - - -\n收到，请何静办理",
        title="反馈行政执法证到期人员名单",
        day=in_november(27),
        words="周五下班前",
        people=("hejing",),
    ),
    "quoted line by line": Told(
        "> 请各乡镇司法所11月底前完成一村一法律顾问合同续签\n> 并上传系统",
        title="完成一村一法律顾问合同续签",
        day=in_november(30),
        words="11月底前",
        units=("sifasuo",),
    ),
    "a meeting as a list": Told(
        "会议通知\n时间：11月26日（周四）下午3:00\n地点：镇二楼会议室\n内容：法治建设推进会\n参加人员：各办所负责人、各村（社区）书记",
        title="法治建设推进会",
        day=in_november(26),
        at=time(15),
        words="11月26日（周四）下午3:00",
    ),
    "a meeting as a letter": Told(
        "通知\n全体村干部：\n经研究，定于11月25日上午9时在镇政府三楼会议室召开平安建设工作例会，请准时参加，不得缺席。\n"
        "曹回镇平安法治办公室\n2026年11月23日",
        title="召开平安建设工作例会",
        day=in_november(25),
        at=time(9),
        words="11月25日上午9时",
        source="曹回镇平安法治办公室",
    ),
    "with a report of what was done": Told(
        "根据县委政法委要求，请综治中心吴涛同志对照清单认真排查矛盾纠纷，月底前完成化解。截至11月20日，全镇已化解矛盾纠纷50件。",
        title="对照清单认真排查矛盾纠纷",
        day=in_november(30),
        words="月底前",
        source="县委政法委",
        people=("wutao",),
        units=("zongzhi",),
    ),
    "greeting first, the order last": Told(
        "各位领导好！宪法宣传周活动方案已发群里，请各单位结合实际抓紧组织实施，12月8日下班前将活动总结及照片报党政办张伟。",
        title="报送活动总结及照片",
        day=date(2026, 12, 8),
        words="12月8日下班前",
    ),
    "two deadlines and one beyond which nothing goes": Told(
        "请各村于周四前报初稿，11月30日前报终稿，最迟不得超过12月2日。",
        title="报送终稿",
        day=date(2026, 12, 2),
        words="12月2日",
        others=(in_november(25), in_november(27)),
    ),
    "the body before a colon": Told(
        "县普法办：请各乡镇尽快上报“八五”普法总结，时间截止到11月30日。",
        title="上报“八五”普法总结",
        day=in_november(30),
        words="11月30日",
        source="县普法办",
    ),
    "the reason first": Told(
        "【垫江县司法局】为做好年底考核，现需统计今年上半年规范性文件备案情况，请明天上午10点前在群里回复。",
        title="统计今年上半年规范性文件备案情况",
        day=in_november(25),
        at=time(10),
        words="明天上午10点前",
        source="垫江县司法局",
    ),
    "somebody comes": Told(
        "明天下午3点县司法局来我镇检查法治建设工作，请平安法治办准备好台账资料。",
        title="县司法局来我镇检查法治建设工作",
        day=in_november(25),
        at=time(15),
        words="明天下午3点",
        units=("xiansifaju", "pingan"),
    ),
    "where to send it is not what to send": Told(
        "各执法单位：请认真填写《行政检查计划表》，于11月27日下班前报送县司法局行政执法监督科邮箱 zfjd@dj.example，"
        "联系人：罗辉 023-74512345。",
        title="填写《行政检查计划表》",
        day=in_november(27),
        words="11月27日下班前",
        contacts=("luohui",),
    ),
    "every month, and this time today": Told(
        "刚接县局电话，要求我们每月5日前报上月调解案件数，本月的请今天下班前补报。",
        title="本月的补报",
        day=TUESDAY,
        words="今天下班前",
        source="县局",
    ),
    "numbered, each with its own day": Told(
        "①请各村（社区）于11月26日下班前张贴宪法宣传海报；②11月30日下班前报送照片；③下周三下班前报送总结。",
        title="报送总结",
        day=date(2026, 12, 2),
        words="下周三下班前",
        others=(in_november(26), in_november(30)),
    ),
    "two persons by name": Told(
        "请高飞、何静两位同志于12月1日上午9点到县司法局参加执法培训，请带执法证。",
        title="到县司法局参加执法培训",
        day=date(2026, 12, 1),
        at=time(9),
        words="12月1日上午9点",
        people=("gaofei", "hejing"),
    ),
    "who leads and who helps": Told(
        "2026-11-24 08:30:12 张军\n请平安法治办周斌牵头，司法所配合，3天内拿出整改方案",
        title="拿出整改方案",
        day=in_november(27),
        words="3天内",
        people=("zhoubin",),
        units=("pingan", "sifasuo"),
    ),
    "a bureau asks for opinions": Told(
        "市司法局关于征求《乡镇法治建设指引（征求意见稿）》意见的函：请于收到之日起7个工作日内书面反馈意见，逾期未反馈视为无意见。",
        title="征求《乡镇法治建设指引（征求意见稿）》意见",
        day=date(2026, 12, 3),
        words="7个工作日内",
        source="市司法局",
    ),
    "a long official notice": Told(
        "关于开展2026年“宪法宣传周”活动的通知\n\n各乡镇人民政府、街道办事处，县级有关部门：\n"
        "    为深入宣传宪法，根据市司法局《关于开展2026年宪法宣传周活动的通知》（司发〔2026〕88号）要求，现就有关事项通知如下。\n"
        "    一、活动时间\n    2026年11月30日至12月6日。\n    二、有关要求\n    （一）请各乡镇于11月27日下班前报送活动方案。\n"
        "    （二）活动结束后3个工作日内报送总结、图片（不少于3张），发至邮箱pf@dj.example。\n"
        "    联系人：罗辉，联系电话：023-74512345。\n\n"
        "                                    垫江县普法办\n                                    2026年11月20日",
        title="开展2026年“宪法宣传周”活动",
        day=in_november(27),
        words="11月27日下班前",
        others=(date(2026, 12, 6),),
        source="垫江县普法办",
        contacts=("luohui",),
    ),
    "an oral order without a verb in front": Told(
        "提醒：行政执法证年审材料还没交的抓紧，本周四下班前必须交到司法所，过期不再受理",
        title="行政执法证年审材料还没交的抓紧",
        day=in_november(26),
        words="本周四下班前",
    ),
    "a list whose last line sounds like a body": Told(
        "请各村安排人员：\n明天下午参加法治培训会",
        title="参加法治培训会",
        day=in_november(25),
        words="明天下午",
    ),
    "a meeting in three short lines": Told(
        "请参加法治建设推进会\n11月26日15:00\n镇会议室",
        title="参加法治建设推进会",
        day=in_november(26),
        at=time(15),
        words="11月26日15:00",
    ),
    "the limit after the order": Told(
        "【提醒】各单位抓紧报送11月份普法信息，每单位不少于2篇，截止时间本月27日。",
        title="报送11月份普法信息",
        day=in_november(27),
        words="本月27日",
    ),
    "an afterthought in a group": Told(
        "转发群里：大家把各自包村的法律明白人培训照片（3张以上）传一下，周四中午前",
        title="发送各自包村的法律明白人培训照片（3张以上）",
        day=in_november(26),
        at=time(12),
        words="周四中午前",
    ),
    "a paper and what it asks": Told(
        "收文：司发〔2026〕45号 关于报送2026年度行政执法数据的通知，要求12月15日前在系统填报",
        title="报送2026年度行政执法数据",
        day=date(2026, 12, 14),
        words="12月15日前",
    ),
    "visitors": Told(
        "11月25日（星期三）14:30，县司法局罗辉科长一行到回龙村调研，请回龙村做好准备，司法所王敏陪同。",
        title="县司法局罗辉科长一行到回龙村调研",
        day=in_november(25),
        at=time(14, 30),
        words="11月25日（星期三）14:30",
        people=("luohui", "wangmin"),
        units=("xiansifaju", "huilong", "sifasuo"),
    ),
    "no deadline at all": Told("报送法治政府建设年度报告", title="报送法治政府建设年度报告", day=None),
    "no order at all": Told("你好", title="", day=None),
    "nothing": Told("", title="", day=None),
}


@pytest.mark.parametrize("told", MESSAGES.values(), ids=MESSAGES)
def test_a_forwarded_order_proposes_what_by_when_from_whom(told: Told) -> None:
    read = order(told.text)

    assert read.title == told.title
    due = read.due or SpokenDay(date.max, None, "", "")
    assert (due.day, due.at, due.words) == (told.day or date.max, told.at, told.words)
    assert tuple(other.day for other in read.other_days) == told.others
    assert read.source == told.source
    assert (people_of(read), units_of(read), read.contacts) == (told.people, told.units, told.contacts)
    assert read.note == told.text


def test_what_was_assumed_of_the_deadline_is_said() -> None:
    read = order("请各村于11月30日前报送总结，晚于12月5日的不再受理")

    assert read.due is not None
    assert read.due.explanation == "“前”不含11月30日当天；原定11月29日，遇周日，提前至11月27日"


@pytest.mark.parametrize(
    "text",
    [
        "11月20日，县司法局在曹回镇召开会议。",
        "我镇已于11月10日前完成自查。",
        "3月5日召开的推进会纪要请查收。",
        "请报送前三季度普法数据。",
        "请各村做好每月5日前的报表工作。",
        "请查收〔2026〕12号文件，经费3.5万元。",
        "县司法局\n2026年11月30日",
        "请在《12月5日前完成清单》上签字。",
        "请准备发言，不超过2小时。",
        "请安排培训，时间3天。",
    ],
)
def test_a_day_that_is_no_deadline_is_not_taken_for_one(text: str) -> None:
    assert order(text).due is None


WHO = [
    ("请各村（社区）、司法所于11月30日前将矛盾纠纷排查台账报平安法治办公室。", "village", "sifasuo", "pingan"),
    ("各村（社区）：请于11月28日前将“法律明白人”名单报司法所王敏处。", "village", "", "sifasuo wangmin"),
    ("接县委依法治县办通知，请各办（所、中心）于12月5日前报送工作总结，联系人：罗辉。", "office", "", ""),
    ("本月底前何静报检查清单。", "", "hejing", ""),
    ("请王敏、何静11月27日前完成执法案卷自查，并将自查报告交司法所。", "", "wangmin hejing", "sifasuo"),
    ("@王敏 周五前把宪法宣传周方案报我，抄送县司法局", "", "wangmin", "xiansifaju"),
    ("由司法所牵头，平安法治办公室配合，12月15日前完成人民调解案卷评查。", "", "sifasuo pingan", ""),
    ("责成综治中心11月25日下班前核实石梁村信访件并反馈。", "", "zongzhi", "shiliang"),
    ("请司法所起草《曹回镇2027年度普法责任清单》，12月20日前送党政办公室审核。", "", "sifasuo", "dangzhengban"),
    ("下周三下午3点在镇三楼会议室召开联席会，请周斌、何静准时参加。", "", "zhoubin hejing", ""),
    ("请高飞尽快办理执法证换证，材料11月26日前交党政办公室。", "", "gaofei", "dangzhengban"),
    ("吴涛：请你于本周内走访石梁村涉诉信访户，并填写走访记录表。", "", "wutao", "shiliang"),
    ("请平安法治办公室会同司法所，于12月12日前完成研判报告。", "", "pingan sifasuo", ""),
    ("请把11月份法治工作简报发给张伟汇总，每月25日前报。", "", "", "zhangwei"),
    ("12月25日前将执行情况自查报告（盖章扫描件）发何静。", "", "", "hejing"),
    ("转王敏办理，12月1日前回复。", "", "wangmin", ""),
    ("请石梁村调委会在3个工作日内调处完毕邻里纠纷。", "", "shiliang", ""),
]


@pytest.mark.parametrize(("text", "kind", "doing", "mentioned"), WHO, ids=[text[:12] for text, *_ in WHO])
def test_who_does_it_is_told_from_whom_it_is_handed_to(text: str, kind: str, doing: str, mentioned: str) -> None:
    read = order(text)

    assert " ".join(read.kinds) == kind
    assert {one.key for one in read.doers} == set(doing.split())
    assert set(read.mentioned) == set(mentioned.split())


TITLES = [
    ("请党政办将《述法报告》送县委办，12月10日前完成。", "报送《述法报告》"),
    ("将《2026年宪法宣传周活动小结》报县司法局，12月8日前。", "报送《2026年宪法宣传周活动小结》"),
    ("@王敏 周五前把宪法宣传周方案报我，抄送县司法局", "报送宪法宣传周方案"),
    ("请各述法对象12月14日前将述法报告报党政办公室。", "报送述法报告"),
    ("请何静把整改情况说明盖章后扫描发县司法局工作群，明天中午12点前。", "发送整改情况说明"),
    ("12月25日前将执行情况自查报告（盖章扫描件）发何静。", "发送执行情况自查报告（盖章扫描件）"),
    ("请把11月份法治工作简报发给张伟汇总，12月2日前。", "发送11月份法治工作简报"),
    ("请司法所起草《普法责任清单（征求意见稿）》，12月20日前送党政办公室审核。", "起草《普法责任清单（征求意见稿）》"),
    ("请张军同志审定《法治建设年度报告》，周五前反馈意见。", "审定《法治建设年度报告》"),
    ("务必于今天下班前把第三季度“信用+执法”检查台账补齐。", "补齐第三季度“信用+执法”检查台账"),
    ("12月8日前，何静完成涉企检查“扫码入企”数据核对。", "完成涉企检查“扫码入企”数据核对"),
    ("县司法局要求12月1日前上报“八五”普法总结验收自评材料，请王敏抓紧准备。", "上报“八五”普法总结验收自评材料"),
    ("责成综治中心11月25日下班前核实石梁村信访件并反馈。", "核实石梁村信访件并反馈"),
    ("请石梁村调委会在3个工作日内调处完毕邻里纠纷并上传系统。", "调处完毕邻里纠纷并上传系统"),
    ("请司法所王敏对接县融媒体中心，12月4日上午9点前布置宪法宣传展台。", "布置宪法宣传展台"),
    ("何静，麻烦今天把处罚公示补上", "补上处罚公示"),
    ("请王敏写一篇宪法宣传周信息，下周一上午交", "写一篇宪法宣传周信息"),
    ("法律顾问合同12月31日到期，请党政办公室12月10日前办理续签。", "办理续签"),
    ("请将材料报县委宣传部，12月3日前。", "报送材料"),
]


@pytest.mark.parametrize(("text", "title"), TITLES, ids=[title for _, title in TITLES])
def test_a_title_says_what_and_no_word_inside_a_paper_is_a_verb(text: str, title: str) -> None:
    assert order(text).title == title


def test_a_span_that_is_asked_about_is_no_deadline() -> None:
    due = order("务必于今天下班前把第三季度“信用+执法”检查台账补齐。").due

    assert due is not None
    assert due.day == TUESDAY


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("请王 敏负责", ("wangmin",)),
        ("交王敏、何静", ("wangmin", "hejing")),
        ("司法所王敏所长参加", ("wangmin",)),
        ("@张伟 请处理", ("zhangwei",)),
        ("愿大家展翅高飞起来", ()),
        ("张军民同志负责", ()),
        ("由高飞牵头", ("gaofei",)),
        ("请王敏办理，王敏联系县里", ("wangmin",)),
    ],
)
def test_a_person_is_named_only_between_words_that_may_stand_beside_a_name(text: str, people: tuple[str, ...]) -> None:
    assert people_of(order(text)) == people


def test_two_people_of_one_name_are_not_told_apart() -> None:
    read = read_order(
        "请王敏和何静参加",
        on=TUESDAY,
        at=None,
        workdays=KNOWN,
        people={"one": "王敏", "two": "王 敏", "hejing": "何静"},
        units={},
    )

    assert people_of(read) == ("hejing",)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("请党政办落实", ("dangzhengban",)),
        ("请党政办公室落实", ("dangzhengban",)),
        ("请平安法治办、司法所落实", ("pingan", "sifasuo")),
        ("曹回镇司法所落实", ("sifasuo",)),
        ("澄溪镇司法所落实", ()),
        ("各乡镇司法所落实", ("sifasuo",)),
        ("报垫江县财政局", ()),
        ("曹回镇人民政府落实", ("caohui",)),
        ("回龙村、石梁村落实", ("huilong", "shiliang")),
    ],
)
def test_a_unit_is_named_by_its_name_or_its_short_form(text: str, units: tuple[str, ...]) -> None:
    assert units_of(order(text)) == units


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("【转发】【县司法局】请报送总结", "县司法局"),
        ("[县委办]请报送总结", "县委办"),
        ("【县司法局通知】请报送总结", "县司法局"),
        ("【温馨提示】请报送总结", ""),
        ("按照县委政法委部署，请报送总结", "县委政法委"),
        ("根据工作安排，请报送总结", ""),
        ("根据上级部门要求，请报送总结", ""),
        ("各乡镇：请报送总结", ""),
        ("司法所：请报送总结", ""),
        ("垫江县人民政府办公室关于报送总结的通知\n各乡镇：", "垫江县人民政府办公室"),
        ("请报送总结。\n垫江县司法局\n二〇二六年十一月二十日", "垫江县司法局"),
        ("请报送总结。\n垫江县司法局2026年11月20日", "垫江县司法局"),
    ],
)
def test_the_body_that_ordered_it_is_named_or_left_empty(text: str, source: str) -> None:
    assert order(text).source == source


def test_a_long_title_is_cut_and_wears_chinese_punctuation() -> None:
    read = order("请明天下班前报送" + "行政规范性文件备案审查情况(含附件:清单)、" * 5)

    assert len(read.title) == LONGEST
    assert read.title.startswith("报送行政规范性文件备案审查情况（含附件：清单）")
    assert read.title.endswith("…")


PIECES = st.sampled_from(
    [
        *(told.text for told in MESSAGES.values()),
        *(
            "【",
            "】",
            "[",
            "「",
            "」",
            "《",
            "》",
            "（",
            "）",
            "：",
            "，",
            "。",
            "\n",
            "\r\n",
            ">",
            "@",
            "请",
            "各",
            "于",
            "前",
            "将",
            "报",
        ),
        *(
            "关于",
            "的通知",
            "王敏",
            "司法所",
            "县",
            "局",
            "节",
            "每",
            "农历",
            "11月20日",
            "至",
            "一",
            "1",
            "http://",
            "‼️",
            "\u200b",
            "\ud800",
        ),
    ]
)


@given(st.text(max_size=5000) | st.lists(PIECES, max_size=60).map("".join))
def test_any_text_is_read(text: str) -> None:
    read = order(text)

    assert read.note == text
    assert len(read.title) <= LONGEST
    assert set(people_of(read)) | set(read.contacts) <= set(PEOPLE)
    assert set(units_of(read)) <= set(UNITS)
    assert set(read.mentioned) <= set(PEOPLE) | set(UNITS)
    assert not {one.key for one in read.doers} & {*read.contacts, *read.mentioned}


@pytest.mark.parametrize(
    "piece", ["节", "请各", "《", "【", "年底", "11月20日至", "王敏", "(", ">", "\n", "一", "请", "点一", "@"]
)
def test_a_text_of_one_thing_over_and_over_is_read_at_once(piece: str) -> None:
    # A pattern that goes back over what it read would need hours for this.
    text = piece * (20_000 // len(piece))

    assert order(text).note == text
