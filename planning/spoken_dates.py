"""Words that name one day: 明天, 周五, 3月5日, 下月5日, 2026.3.5, 20日, 春节前."""

from __future__ import annotations

import re
from datetime import date, timedelta

from planning.numerals import NUMERALS, in_digits
from planning.periods import day_in_month
from planning.spoken_festivals import FESTIVALS, next_festival
from planning.spoken_naming import Naming, Precision, Scene, Shape, provisional, shift_months
from planning.wording import WEEKDAYS, day_name, weekday_name
from planning.written import read_date

NUMBER = rf"(?:[0-9]{{1,2}}|[{NUMERALS}]{{1,3}})"
ALONE = rf"(?<![0-9{NUMERALS}百千万第])"
"""A number does not begin in the midst of another."""
YEAR = rf"(?:(?:[0-9]{{4}}|[0-9]{{2}}|[{NUMERALS}]{{4}})年|今年|本年|明年|后年)"
WEEK = r"(?:周|星期|礼拜)"

# 本周一并报送, 周日常检查 and 一周一次 name no weekday.
WEEKDAY = rf"(?<![{NUMERALS}0-9每两])(?P<ahead>下下|下|本|这)?个?{WEEK}(?P<weekday>[一二三四五六日天])"
WEEKDAY += r"(?![并同律直些样般次个条月])(?!(?<=日)常)"
COMPACT = r"(?<![0-9])20[0-9]{6}(?![0-9])"
FULL_DATE = (
    r"(?<![0-9])[0-9]{4}(?:-[0-9]{1,2}-|\.[0-9]{1,2}\.|/[0-9]{1,2}/)[0-9]{1,2}(?![0-9])日?"
    rf"|(?P<year>(?<![0-9{NUMERALS}]){YEAR})(?P<month>{NUMBER})月(?P<day>{NUMBER})(?:日|号|(?![0-9{NUMERALS}个]))"
)
MONTH_DAY = rf"{ALONE}(?P<month>{NUMBER})月(?:份)?(?P<day>{NUMBER})(?:日|号|(?=[之以]?前|$|\n|,|。|\())"
NEAR_MONTH_DAY = rf"(?P<near>下下个?|下个?|次|本|当|这个?)月(?:份)?(?P<day>{NUMBER})[日号]"
# 3.5万元 and 3-5天 are amounts, 12·4 is a day.
DOTTED = (
    r"(?<![0-9./·\-])(?P<month>[0-9]{1,2})(?:\.|/|-|·)(?P<day>[0-9]{1,2})"
    r"(?![0-9./·\-%‰万亿千百元个项次人倍天周月年米公亩折分版级条号])日?"
)
# 〔2026〕12号 and 12号文 are papers, 5日常 is none.
DAY_OF_MONTH = rf"{ALONE}(?<![〕\].月年·/])(?P<day>{NUMBER})(?:日(?![常程报志])|号(?![文令楼公机店线院门房车桌]))"
NEAR_DAY = r"今明两天|(?<!大)后天|大后天|(?:今|明|次|翌|当)[天日]|[今明]儿|[今明](?P<part>晚|早)|今夜|明晨"
_FESTIVAL = "|".join(FESTIVALS)
FESTIVAL = (
    rf"(?P<festival>(?:{_FESTIVAL})(?:节?[、和及]?(?:国际)?(?:{_FESTIVAL}))?|[两双]节)(?:节|双节|两节|佳节|小长假|长假|假期|放假){{0,3}}[之以]?前"
    r"|(?<![情环细季章调关骨枝使音礼时])(?P<any>节|放假|假期|长假|小长假)(?:日|假日)?[之以]?前(?![后期])"
    rf"|(?<![0-9{NUMERALS}今去明后多几本半整])(?P<winter>年)[之以]?前(?![后期])"
)
AFTER_FESTIVAL = (
    rf"(?P<festival>{_FESTIVAL}|节|收假)(?:节|假期|长假|放假){{0,3}}后?"
    r"(?:的?(?:上班|收假)?(?:第一个工作日|首个工作日|第一天|首日)|上班(?:当天|当日))"
)

_AHEAD = {"今天": 0, "今日": 0, "当天": 0, "当日": 0, "今夜": 0, "明天": 1, "明日": 1, "次日": 1, "次天": 1, "翌日": 1}
_AHEAD |= {
    "翌天": 1,
    "明晨": 1,
    "后天": 2,
    "大后天": 3,
    "今明两天": 1,
    "今儿": 0,
    "明儿": 1,
    "今晚": 0,
    "今早": 0,
    "明晚": 1,
    "明早": 1,
}
_SEVERAL = ("年", "两节", "双节")  # more than one festival is called so
_UNCLEAR = ("当天", "当日", "次日", "次天", "翌日", "翌天")  # the day of, or after, something that is not named
_OF_DAY = {"今夜": "晚", "明晨": "早"}
_NEAR_MONTHS = {"下下": 2, "下下个": 2, "下": 1, "下个": 1, "次": 1}
_NEAR_YEARS = {"今年": 0, "本年": 0, "明年": 1, "后年": 2}
_WEEKS = {"下下": 2, "下": 1, "本": 0, "这": 0}
_YEARS_TO_LEAP = 8  # 1896 to 1904 and 2096 to 2104 are the longest ways to a 29 February
_MONTHS_TO_31 = 3


def read_near_day(found: re.Match[str], scene: Scene) -> Naming | None:
    """今天, 明天下班前, 今晚, 大后天."""
    word = found[0]
    part = found["part"] or _OF_DAY.get(word, "")
    return Naming(scene.on + timedelta(days=_AHEAD[word]), part=part, vague=word in _UNCLEAR)


def read_weekday(found: re.Match[str], scene: Scene) -> Naming | None:
    """周五 is the next one, today included; 本周五 and 下周三 belong to weeks from Monday to Sunday."""
    number = WEEKDAYS.index(found["weekday"].replace("天", "日"))
    if found["ahead"] is not None:
        monday = scene.on - timedelta(days=scene.on.weekday())
        return Naming(monday + timedelta(weeks=_WEEKS[found["ahead"]], days=number))
    days = (number - scene.on.weekday()) % 7
    said = "" if days else f"今天就是{weekday_name(scene.on)}，按今天"
    return Naming(scene.on + timedelta(days=days), precision=Precision.WEEKDAY, said=said)


def read_full_date(found: re.Match[str], scene: Scene) -> Naming | None:
    """A date with its year, in any of its shapes; 明年3月5日."""
    if found["year"] is None:
        day = read_date(found[0])
    else:
        day = date(year_of(found["year"], scene.on), int(in_digits(found["month"])), int(in_digits(found["day"])))
    return Naming(day, precision=Precision.DATE) if day is not None else None


def read_compact(found: re.Match[str], _scene: Scene) -> Naming | None:
    """20260305."""
    day = read_date(found[0])
    return Naming(day, precision=Precision.DATE, vague=True) if day is not None else None


def read_month_and_day(found: re.Match[str], scene: Scene) -> Naming | None:
    """3月5日: the next one, today included."""
    return _next(int(in_digits(found["month"])), int(in_digits(found["day"])), scene.on)


def read_dotted(found: re.Match[str], scene: Scene) -> Naming | None:
    """3.5, 3/5, 12·4: a number inside a sentence until something makes it a deadline."""
    naming = _next(int(found["month"]), int(found["day"]), scene.on)
    return naming._replace(vague=True) if naming is not None else None


def read_near_month_day(found: re.Match[str], scene: Scene) -> Naming | None:
    """本月20日, 下月5日."""
    year, month = shift_months(scene.on, _NEAR_MONTHS.get(found["near"], 0))
    return Naming(date(year, month, int(in_digits(found["day"]))), precision=Precision.DATE)


def read_day_of_month(found: re.Match[str], scene: Scene) -> Naming | None:
    """20日: of this month, or of the next month that has it."""
    number = int(in_digits(found["day"]))
    if number == 0:
        return None
    for ahead in range(_MONTHS_TO_31):
        year, month = shift_months(scene.on, ahead)
        day = day_in_month(year, month, number)
        if day.day == number and day >= scene.on:
            return Naming(day, precision=Precision.DAY_OF_MONTH, said=f"没有写月份，按{day_name(day)}", vague=True)
    return None


def read_festival(found: re.Match[str], scene: Scene) -> Naming | None:
    """春节前, 节前: the last workday before the holiday begins."""
    word = found["festival"] or found["winter"] or found["any"]
    festival = next_festival(word, scene.on, scene.workdays)
    if festival is None:
        return None
    name = festival.names[-1]
    begins = f"{name}{'假期' if festival.known else ''}从{day_name(festival.first)}开始"
    unclear = f"“{found[0]}”按较早的{name}，" if word in _SEVERAL else ""
    unknown = "" if festival.known else f"；{provisional(festival.first.year)}"
    day = festival.first - timedelta(days=1)
    last = scene.workdays.add(festival.first, -1)
    return Naming(
        day,
        Shape.END,
        said=f"{unclear}{begins}{unknown}",
        moved=f"节前最后一个工作日是{day_name(last)}",
    )


def read_after_festival(found: re.Match[str], scene: Scene) -> Naming | None:
    """节后第一个工作日."""
    festival = next_festival(found["festival"], scene.on, scene.workdays)
    if festival is None:
        return None
    ends = f"{festival.names[-1]}假期到{day_name(festival.last)}结束"
    unknown = "" if festival.known else f"；{provisional(festival.first.year)}"
    return Naming(scene.workdays.add(festival.last, 1), Shape.WORKDAYS, said=ends + unknown)


def year_of(words: str, on: date) -> int:
    """2026年, 26年, 今年, 明年."""
    if words in _NEAR_YEARS:
        return on.year + _NEAR_YEARS[words]
    number = int(in_digits(words.removesuffix("年")))
    return number if number >= 100 else 2000 + number  # noqa: PLR2004 - two digits are of this century


def _next(month: int, day: int, on: date) -> Naming | None:
    for year in range(on.year, on.year + _YEARS_TO_LEAP + 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= on:
            past = found.year != on.year
            said = f"今年的{month}月{day}日已过，按{day_name(found, with_year=True)}" if past else ""
            return Naming(found, precision=Precision.DATE, said=said)
    return None
