"""Which of our people and units a forwarded text names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from planning.pasted import paste

_SHORTER = (("办公室", "办"), ("委员会", "委"))
_SHORTEST = 2
# Another town's 司法所 is not ours; 各镇, 请镇 and 乡镇 name no town.
_OTHERS = re.compile(r"[一-龥](?<![各本我全请由及和与到至报送的是乡])(?:镇|乡|街道|县|区|市)$")
_PLACE = re.compile(r"(?:镇|乡|街道|县|区|市)$")
# 垫江县司法局 names a bureau, not the county; 人民政府 and 党委 are the place itself.
_BODY_OF_PLACE = re.compile(r"[一-龥]{0,5}?(?:局|委员会|法院|检察院|办公室|委(?![托员派屈])|办(?![法理公结好事案]))")
_BEFORE_NAME = re.compile(
    r"(?:^|[^一-龥]|由|请|找|向|给|和|与|及|跟|让|派|对|报|送|交|发|至|到|转|为|是|联系人?|处|所|办|室|队|村|局|社区|中心"
    r"|同志|主任|所长|镇长|书记|委员|科长|局长|队长|站长|组长|干部|专干|负责人|承办人|经办人|收件人|老师)$"
)
_AFTER_NAME = re.compile(
    r"$|[^一-龥]|同志|[两二三四]位|副?(?:主任|所长|镇长|书记|委员|科长|局长|队长|站长|组长)|老师|处|收|负责|牵头|承办|办理|经办|汇总|参加|参会|组织"
    r"|配合|协助|陪同|参与|带队|到|做好|完成|落实|跟进|对接|联系|前往|尽快|务必|抓紧|按|准备|提供|填写|整理|统计|和|与|及|或|于|在|将|把|等|的|也|请|发|交|报|电话|手机|邮箱|写|起草|拟|审|补|改|核|查|走访|开展|布置|登记|会同|准时|按时|及时|认真"
    r"|今|明|后天|下周|本周|这周|周"
)
_WINDOW = 8
_PAPER = re.compile(r"《[^《》\n]{1,120}》")
_CLAUSE_START = re.compile(r"[,。;:!?\n]|[请由](?!示)|责成")
_CLAUSE_WINDOW = 24
_HANDED_TO = re.compile(
    r"(?:报送|上报|抄送|抄报|呈报|(?<![简公汇通月季年周日海自])报(?!告)|(?<![移提上])交(?![通警流易办])|送(?!达)|(?<![开颁印转])发(?![展放布现生票])"
    r"|反馈|提交|汇总|对接|联系|配合|协助|走访|核实|检查|[给至到找向])(?:至|到|给|往|回)?[^请由]{0,10}$"
)
_ASKED_BEFORE = re.compile(
    r"(?:^|[\n,。;:!?@ ]|请|由|责成|责令|通知|要求|让|派|会同|安排|(?:各|请|由)[一-龥()、]{1,7}[、和与及])"
    r"(?:各乡镇街?道?|各[镇乡]|[我本]镇|[一-龥]{2,3}[镇乡县])?$"
)
_ASSIGNED = re.compile(r"(?:现|请|拟)?(?:将此[件事文])?(?:转?交|转)由?")
"""A clause that only says so assigns the matter itself: 交王敏办理; 材料交王敏 hands something to him."""

_ALONGSIDE = frozenset("、和与及")
_COUPLED = re.compile(r"[、和与及,/ ]?|会同")
_TO_HIM = re.compile(r"[^。\n]{0,12}?(?:你|您)")
_EACH_KIND = (
    ("village", re.compile(r"各(?:行政)?村(?![民级组])|各社区|各村居|各[(]村[)]?社区")),
    ("office", re.compile(r"各(?:内设机构|办公?室?(?![法理结])|科室|站所|[办所室站队](?:[、(]|中心)|中心|职能部门)")),
)
"""As the packs call the kinds of units."""

_CONTACT = re.compile(r"(?:联系人|联络人|咨询|联系方式|联系电话)[^,。;\n]{0,12}$")
_CONTACT_WINDOW = 20


class Named(NamedTuple):
    """One of ours at its place in the plain text."""

    key: str
    start: int
    end: int


def units_named(plain: str, units: Mapping[str, str]) -> tuple[Named, ...]:
    """Our units that the text names, by their name or its short form (党政办), in its order.

    A place within another body's name (垫江县 in 垫江县财政局) is not named, nor is another town's office.
    """
    found = _places(plain, _spellings(units))
    ends = {one.end for one in found}
    starts = {one.start for one in found}
    return tuple(one for one in found if _is_unit(plain, one, starts, ends))


def people_named(
    plain: str, people: Mapping[str, str], units: Sequence[Named], *, after: Collection[int] = ()
) -> tuple[Named, ...]:
    """Our people that the text names, in its order. Who shares a name with another is not told apart, so left out.

    A name counts only between words that may stand beside a name: 高飞 within 展翅高飞起来 is nobody. ``after``: places
    where a day ends, behind which a name may stand as well (月底前何静报检查清单).
    """
    found = _places(plain, _names(people))
    ends = {one.end for one in (*units, *found)} | set(after)
    starts = {one.start for one in found}
    return tuple(one for one in found if _is_person(plain, one, starts, ends))


def without_papers(plain: str) -> str:
    """The text without what stands within 《》: it names a paper, and nobody who does anything."""
    return _PAPER.sub(lambda found: "\0" * len(found[0]), plain)


def doers(plain: str, named: Sequence[Named], *, after: Collection[int] = ()) -> list[Named]:
    """Those whom the text asks to do it: 请何静报…; not whom it is handed to (报县司法局), nor whose matter it is.

    ``named`` are all of ours in the text's order; who is coupled to one that does it (司法所、何静) does it, too.
    """
    found: list[Named] = []
    for one in named:
        if found and _COUPLED.fullmatch(plain[found[-1].end : one.start]) is not None:
            found.append(one)
            continue
        clause = _CLAUSE_START.split(plain[max(0, one.start - _CLAUSE_WINDOW) : one.start])[-1]
        assigned = _ASSIGNED.fullmatch(clause) is not None
        if not assigned and _HANDED_TO.search(clause) is not None:
            continue
        before = plain[max(0, one.start - _WINDOW) : one.start]
        if assigned or one.start in after or _ASKED_BEFORE.search(before) is not None:
            found.append(one)
    return found


def kinds_named(plain: str) -> tuple[str, ...]:
    """Kinds of units of which each is asked: 各村（社区）, 各办（所、中心）. The words are those of the packs."""
    found = ((kind, words.finditer(plain)) for kind, words in _EACH_KIND)
    return tuple(kind for kind, places in found if any(_stands_first(plain, one.start()) for one in places))


def _stands_first(plain: str, place: int) -> bool:
    """Whether it begins a clause, or follows who is asked: not 汇总各村报告, 发各村."""
    return _ASKED_BEFORE.search(plain[max(0, place - _WINDOW) : place]) is not None or plain[place - 1 : place] in _ALONGSIDE


def is_contact(plain: str, one: Named) -> bool:
    """Whether the name only says whom to ask, or who wrote: 联系人：罗辉; 罗辉：请各乡镇……; 吴涛：请你…… asks him."""
    if plain[one.end : one.end + 1] == ":" and plain[one.start - 1 : one.start] in ("", "\n"):
        return _TO_HIM.match(plain, one.end + 1) is None
    return _CONTACT.search(plain[max(0, one.start - _CONTACT_WINDOW) : one.start]) is not None


def _is_unit(plain: str, one: Named, starts: set[int], ends: set[int]) -> bool:
    if one.start not in ends and _OTHERS.search(plain[max(0, one.start - _WINDOW) : one.start]):
        return False
    is_place = _PLACE.search(plain[one.start : one.end]) is not None
    return not is_place or (one.end not in starts and _BODY_OF_PLACE.match(plain, one.end) is None)


def _is_person(plain: str, one: Named, starts: set[int], ends: set[int]) -> bool:
    before = one.start in ends or _BEFORE_NAME.search(plain[max(0, one.start - _WINDOW) : one.start]) is not None
    return before and (one.end in starts or _AFTER_NAME.match(plain, one.end) is not None)


def _spellings(units: Mapping[str, str]) -> dict[str, str]:
    """Spelling to key. A short form that two units share means neither."""
    short = {
        key: name.removesuffix(long) + brief for key, name in units.items() for long, brief in _SHORTER if name.endswith(long)
    }
    full = _names(units)
    return {**{name: key for name, key in _names(short).items() if name not in full}, **full}


def _names(named: Mapping[str, str]) -> dict[str, str]:
    """Plain name to key, without the names that two of them bear."""
    plain = [(paste(name).plain.replace("\n", ""), key) for key, name in named.items()]
    seen = [name for name, _ in plain]
    return {name: key for name, key in plain if len(name) >= _SHORTEST and seen.count(name) == 1}


def _places(plain: str, spellings: Mapping[str, str]) -> tuple[Named, ...]:
    """Where the spellings stand, in order; of two that overlap the longer one."""
    taken = bytearray(len(plain))
    found: list[Named] = []
    for name in sorted(spellings, key=len, reverse=True):
        for start in _finds(plain, name):
            end = start + len(name)
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * len(name)
                found.append(Named(spellings[name], start, end))
    return tuple(sorted(found, key=lambda one: one.start))


def _finds(plain: str, name: str) -> Iterator[int]:
    start = plain.find(name)
    while start >= 0:
        yield start
        start = plain.find(name, start + 1)
