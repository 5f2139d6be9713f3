"""A short title for a forwarded order: what is asked, without salutation, deadline and politeness."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from planning.spoken_leads import Grade
from planning.spoken_text import Mention

LONGEST = 40
"""Characters of a title."""

_CUT = "\0"  # stands where a deadline was: the plain text has none of its own
_SHORTEST, _SHORTEST_WITHOUT_VERB = 3, 5
_HEADING_LINES = 4  # lines in which a heading is looked for
_READ = 200  # characters of a clause; nobody writes a longer one
_STRIPS = 12  # words that are taken off a clause's front or back
_CLAUSE = re.compile(r"(?:\([^()\n]{0,60}\)|《[^《》\n]{1,120}》|“[^“”\n]{1,60}”|(?<=[0-9]):(?=[0-9])|[^,。!?;:\n「」…])+")
_SENTENCE_END = re.compile(r"[。!?;\n]")
_HEAD = re.compile(r"(?m)^[\s>@]{0,4}(?:转发?:?)?(?:(?:【[^【】\n]{1,40}】|\[[^\[\]\n]{1,40}\]|〔[^〔〕\n]{1,40}〕)){1,3}")
_FACE = re.compile(r"\[[一-龥]{1,4}\]")  # [抱拳]: how a face is pasted
_HEADING = re.compile(
    r"(?!根据|按照?|依据|据|为)(?:[^,。\n]{0,40}?[:号】局委办府院厅会组])?关于(.{2,60}?)的"
    r"(?:紧急|补充|预备)?(?:通知|函|提示|提醒|方案|公告|通报)(?=[:,。]|$)"
)
_TOPIC = re.compile(
    r"(?m)^(?:[0-9一二三四五六七八九十]{1,2}[.、])?(?:会议|工作|活动)?(?:内容|议题|主题|名称|事项|任务)(?:名称)?:(.{2,60})$"
)
_WHEN = re.compile(r"(?:[0-9一二三四五六七八九十]{1,2}[.、])?(?:会议|培训|活动|报送|上报|报到|截止)?(?:时间|时限|日期)?$")

# Of two that begin alike the longer one stands first.
_VERB = (
    r"报送|上报|填报|申报|填写|提交|反馈|回复|完成|落实|开展|组织|参加|准备|做好|核实|核对|核查|排查|摸排|自查|梳理|整理|统计|汇总|收集|征集"
    r"|对照|安排|督促|通知|转发|确认|补充|修改|完善|更新|前往|结合|加强|配合|协助|制定|研究|查收|学习|传达|审核|审阅|提供|推荐|选派|指定|明确|报名"
    r"|起草|草拟|拟定|拟订|撰写|审定|评查|布置|补上|补齐|补全|登记|录制|拍摄|对接|陪同|迎接|盘点|排定|编制|印制|发放|悬挂|写"
    r"|登录|下载|召开|举办|举行|宣传|张贴|整改|办理|办结|处理|按照|领取|签收|签订|公示|公开|录入|上传|清理|检查|培训|调处|化解|走访|接受|参会"
    r"|报|交|发|按|将|把|对(?![象方口应])"
)
_BEGINS_WITH_VERB = re.compile(_VERB)
_ASKS = re.compile(r"请|务必|须|需要|要求")
_ONLY_VERBS = re.compile(
    rf"(?:{_VERB}|到位|完毕|至|到|在|要求|系统|我处|我局|我办|我们?|并|即可|超过|能不能|能否|可以|你看|上[去来]|过来|县局|本处|工作群|群里?|邮箱|[A-Za-z0-9@._-])+"
)
# 报送县司法局执法监督科邮箱: whom to, not what.
_ONLY_WHERE = re.compile(
    r"(?:通过.{1,10})?(?:报送?|上报|抄送|发送?|送|交|提交|反馈|回复)(?:至|到|给|回)?[^《》]{0,30}?"
    r"(?:邮箱|[科局办室所股处队]|工作群|群里?)[A-Za-z0-9@._: -]{0,60}(?:\([^()]{0,40}\))?"
    r"(?:审[核定阅批签]|备案|汇总|存档|会签|把关)?"
    r"|(?:报|反馈|回复|提交|提出)(?:我|意见|情况|结果|意见建议)|填?附件.{0,4}"
)
_SHORT_TASK = re.compile(
    r"(?:完成|开展|做好|组织|进行|抓好)(?:一次)?(?:自查|排查|摸排|整改|核查|核对|梳理|清理|走访|宣传|学习|培训|检查|统计|整理|报名)(?:工作)?"
)
"""Verbs alone, and yet it is clear what is to be done."""
_GREETING = re.compile(
    r"(?:各|全[体镇县]|尊敬|亲爱|大家|你好|您好|领导|同志们|@|接(?![受待收种访])|根据"
    r"|按照.{0,20}(?:要求|通知|安排|部署)$|据|为(?!民)|联系|电话|附件|收到|谢谢|特此)"
)
# What stands within 《》 or quotes names a paper: no verb is read inside it (《宣传方案》 passes nothing on).
_WHOLE = rf"(?:《[^《》{_CUT}]{{1,80}}》|“[^“”{_CUT}]{{1,60}}”|[^《》“”{_CUT}])"
_ASKED = r"(?:烦请|敬请|恳请|务请|还请|麻烦|拜托|辛苦|责成|责令|请|望|希)"
_POLITE = re.compile(_ASKED)
_THEM = r"(?:各|你|您|贵|有关|相关|全体|大家|所有|以上|上述|本[镇村办所])"
_ASKED_THEM = re.compile(rf"{_ASKED}?{_THEM}(?P<whom>[^{_CUT}]{{0,30}}?){_CUT}")
_CALLED = re.compile(
    r"(?:[两二三四]位)?(?:调委会|村委会|居委会|党支部|两委|负责人|干部|同志|副?(?:主任|所长|镇长|书记|委员|队长|站长|组长)|老师)?[、和及与,]?"
)
_ASKED_SHORT = re.compile(
    rf"(?:{_ASKED}{_THEM}|各位?|大家|全体|所有|你们)(?:{_WHOLE}{{0,30}}?)(?=认真|及时|抓紧|尽快|务必|高度|严格|切实|{_VERB})"
)
_REQUIRED = re.compile(rf".{{2,20}}?(?:要求|通知|安排)(?:(?:各|我|全)[^{_CUT}]{{0,12}}?)?(?={_VERB})")
_BEFORE_ALL = re.compile(
    r"(?:[0-9]{1,2}[.、)]|[一二三四五六七八九十]{1,3}、|\([0-9一二三四五六七八九十]{1,3}\)|@[^\s@,:]{1,12} ?"
    r"|认真|抓紧|及时|尽快|按时|按要求|迅速|立即|切实|严格|高度重视|务必|必须|另外|同时|统一|一并|[、的]"
    r"|并(?![联网购轨案列])|现(?![场状金有代行任])|还(?![款原贷建])|再(?![次生])|[须于]|需要?(?![求])|应(?![急用对诉收届])|要(?![点素求闻件]))"
)
_AFTER_ALL = re.compile(r"(?:谢谢|为盼|为感|为荷|收到请?回复|特此通知|辛苦了?|为要|等?为准|即可|一下|[哦哈呢啊吧了~、])$")
# 简报, 自查报告, 宣传, 交通, 发展 hand nothing over.
_HANDS = (
    r"报送|上报|填报|提交|反馈|上传|发送|报告(?=[县市区镇党])|(?<![移提上])交(?![通警流易办接])|(?<![抄])送(?!达)"
    r"|(?<![简公汇通月季年周日海晚画情预播举警])报(?!告)|(?<![开颁印下转])发(?![展放布现生票改证动])|(?<!宣)传"
)
# The last word of handing over is the one: 将述法报告报党政办公室.
_HANDED = re.compile(
    rf"(?:(?!{_VERB})[^将把]){{0,12}}?[将把]({_WHOLE}{{1,60}})(?:(?:(?:盖章|签字|签章|扫描|书面|统一|一并|及时|汇总|整理|打印)(?:后|并)?){{1,3}})?"
    rf"({_HANDS})(?:至|到|给|往)?(.{{0,20}})"
)
_DONE = re.compile(rf"[将把]({_WHOLE}{{2,60}}?)(补上|补齐|补全|做好|改好|写好|理好|备齐|填好|办好|整理好)")
_REPORTS = re.compile(r"^报(?![送告名备批废案警考到销请])")
_AND_THEN = re.compile(r"(?:盖章|签字|签章|扫描|书面|打印|后|并){1,6}$")
_PLACE = re.compile(r"^在[^,]{2,20}?(?=召开|举行|举办)")
_FORMAL = {"报": "报送", "送": "报送", "交": "提交", "发": "发送", "传": "发送"}
_FULL_WIDTH = str.maketrans({"(": "（", ")": "）", ",": "，", ";": "；", "?": "？", "!": "！"})


class _Clause(NamedTuple):
    start: int
    end: int
    sentence: int
    text: str


def title_of(plain: str, found: Sequence[Mention], due: Mention | None, ours: Sequence[str]) -> str:
    """The title; empty when the text does not clearly ask for something.

    ``ours`` are the names of people and units that may stand before the verb (请司法所王敏报送…).
    """
    cut = _without_deadlines(plain, found if due is None else (*found, replace(due, grade=Grade.DUE)))
    cut = _FACE.sub(lambda face: "," * len(face[0]), _HEAD.sub(lambda head: "\n" * len(head[0]), cut))
    heading = _heading(cut)
    if heading:
        return heading
    clauses = tuple(_clauses(cut))
    own = next((n for n, one in enumerate(clauses) if due is not None and one.start <= due.start < one.end), None)
    topic = _TOPIC.search(cut)
    if topic is not None and (own is None or _WHEN.fullmatch(clauses[own].text.strip(_CUT)) is not None):
        return _shown(topic[1].strip(_CUT))
    near = _near(clauses, own)
    titles = [_cleaned(clauses[number].text, ours) for number in near]
    asked = [_cleaned(one.text, ours) for one in _asking(clauses, own)]
    # 自查表每个单位都要交，12月5日截止: beside the deadline what is asked may do without a verb.
    return _shown(
        next((title for title in titles if _is_title(title) and not _ONLY_WHERE.fullmatch(title)), "")
        or next((title for title in titles if _is_talk(title) and not _ONLY_WHERE.fullmatch(title)), "")
        or next((title for title in [*asked, *titles] if _is_title(title)), "")
        or next((title for title in titles if _SHORT_TASK.fullmatch(title)), "")
    )


def _without_deadlines(plain: str, found: Sequence[Mention]) -> str:
    """The text with each deadline, and the words that lead to it, cut out; every other character keeps its place."""
    signs = list(plain)
    for mention in found:
        if mention.grade >= Grade.DUE:
            signs[mention.lead : mention.end] = _CUT * (mention.end - mention.lead)
    return "".join(signs)


def _heading(text: str) -> str:
    """关于报送三季度普法情况的通知 on a line of its own: what it is about."""
    lines = [line for line in text.split("\n") if line][:_HEADING_LINES]
    found = next((match for line in lines if (match := _HEADING.match(line)) is not None), None)
    return _shown(found[1].replace(_CUT, "")) if found is not None else ""


def _clauses(text: str) -> Iterator[_Clause]:
    end, sentence = 0, 0
    for found in _CLAUSE.finditer(text):
        if _SENTENCE_END.search(text, end, found.start()) is not None:
            sentence += 1
        end = found.end()
        yield _Clause(found.start(), end, sentence, found[0][:_READ])


def _near(clauses: Sequence[_Clause], own: int | None) -> list[int]:
    """The deadline's clause, or the one that follows it when nothing else is in it; then those before it in its sentence."""
    if own is None:
        return []
    same = [number for number, one in enumerate(clauses) if one.sentence == clauses[own].sentence]
    after = [number for number in same if number == own + 1 and not clauses[own].text.strip(_CUT)]
    return [*after, *(number for number in reversed(same) if number <= own)]


def _asking(clauses: Sequence[_Clause], own: int | None) -> list[_Clause]:
    """Those that follow in the deadline's sentence, then all that ask for something.

    Without a deadline the first clause comes last: who types an order begins with its verb.
    """
    asking = [one for one in clauses if _ASKS.search(one.text)]
    if own is None:
        return [*asking, *clauses[:1]]
    return [*(one for one in clauses[own + 1 :] if one.sentence == clauses[own].sentence), *asking]


def _cleaned(text: str, ours: Sequence[str]) -> str:
    """What is asked, from its verb on."""
    text = _without_addressee(text.strip(_CUT + " "), ours).replace(_CUT, "").replace("()", "").replace("一下", "")
    text = _stripped(text, lambda rest: _strip_front(rest, ours))
    text = _PLACE.sub("", _stripped(text, lambda rest: _AFTER_ALL.sub("", rest)))
    handed = _HANDED.fullmatch(text)
    if handed is not None:
        return f"{_FORMAL.get(handed[2], handed[2])}{_AND_THEN.sub('', handed[1])}"
    done = _DONE.fullmatch(text)
    return f"{done[2]}{done[1]}" if done is not None else _REPORTS.sub("报送", text)


def _stripped(text: str, strip: Callable[[str], str]) -> str:
    for _ in range(_STRIPS):
        shorter = strip(text)
        if shorter == text:
            break
        text = shorter
    return text


def _without_addressee(text: str, ours: Sequence[str]) -> str:
    """What follows 请各乡镇于…前, 司法所于…前: whoever stands before the deadline is asked."""
    whom = _ASKED_THEM.match(text)
    if whom is not None and _BEGINS_WITH_VERB.search(whom["whom"]) is None:
        return text[whom.end() :]
    rest = _without_names(text, ours)
    return rest if rest.startswith(_CUT) else text


def _without_names(text: str, ours: Sequence[str]) -> str:
    def strip(rest: str) -> str:
        name = next((name for name in ours if rest.startswith(name)), "")
        return _CALLED.sub("", rest[len(name) :], count=1) if name else rest

    return _stripped(text, strip)


def _strip_front(text: str, ours: Sequence[str]) -> str:
    asked = _ASKED_SHORT.match(text) or _REQUIRED.match(text)
    if asked is not None:
        return text[asked.end() :]
    polite = _POLITE.match(text)
    if polite is not None:
        return _without_names(text[polite.end() :], ours)
    found = _BEFORE_ALL.match(text)
    if found is not None:
        return text[found.end() :]
    rest = _without_names(text, ours)
    return rest if _BEGINS_WITH_VERB.match(rest) else text  # 何静报检查清单


def _is_title(text: str) -> bool:
    return _is_talk(text, _SHORTEST) and _BEGINS_WITH_VERB.match(text) is not None


def _is_talk(text: str, shortest: int = _SHORTEST_WITHOUT_VERB) -> bool:
    """Whether the text says something, whatever it is."""
    length = sum("一" <= char <= "龥" for char in text)
    return length >= shortest and not _GREETING.match(text) and not _ONLY_VERBS.fullmatch(text)


def _shown(text: str) -> str:
    """With Chinese punctuation, and no longer than a title may be."""
    text = re.sub(r"(?<![0-9]):|:(?![0-9])", "：", text.translate(_FULL_WIDTH)).strip("，；：、。 ")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
