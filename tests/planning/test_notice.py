from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.notice import NoticeError, check_table, parse_notice, preview
from planning.statutory import statutory_days
from planning.workdays import DayNote, Workdays, YearTable, builtin_years


def off_and_worked(table: YearTable) -> dict[date, bool]:
    return {day: note.off for day, note in table.days.items()}


def problems_of(text: str, *, year: int | None = None) -> str:
    with pytest.raises(NoticeError) as refused:
        parse_notice(text, year=year)
    assert all(problem.endswith("。") for problem in refused.value.problems)
    return "\n".join(refused.value.problems)


def test_the_2026_notice_gives_the_2026_table(notice_2026: str) -> None:
    read = parse_notice(notice_2026, year=2026)

    assert off_and_worked(read.table) == off_and_worked(builtin_years()[2026])
    assert read.table.source == "通知"
    assert read.warnings == ()
    assert read.lines[0] == "元旦 1月1日—3日 放假3天，1月4日（周日）上班"
    assert read.lines[1] == "春节 2月15日—23日 放假9天，2月14日（周六）、2月28日（周六）上班"
    assert len(read.lines) == 7


def test_the_invented_2027_notice_adds_up(invented_notice_2027: str) -> None:
    read = parse_notice(invented_notice_2027, year=2027)
    known = Workdays({2027: read.table})

    assert read.warnings == ()
    assert known.is_workday(date(2027, 2, 14))
    assert not known.is_workday(date(2027, 2, 5))
    assert read.lines[4] == "端午节 6月9日 放假1天"


def test_a_table_is_shown_festival_by_festival() -> None:
    shown = preview(builtin_years()[2019])

    assert shown[0] == "元旦 2018年12月30日—2019年1月1日 放假3天，2018年12月29日（周六）上班"
    assert [line.split()[0] for line in shown] == ["元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"]


WIDTHS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: text.replace("（", "(").replace("）", ")").replace("，", ",").replace("：", ":"),
    lambda text: text.replace("\n", ""),
    lambda text: text.replace("，", "，\n").replace("月", " 月 "),
    lambda text: text.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    lambda text: text.replace("周", "星期"),
    lambda text: text.replace("至", "—"),
    lambda text: text.replace("日（", "号（"),
    lambda text: text.replace("、2月28日（周六）上班", "，28日（周六）上班"),
    lambda text: text.replace("共9天", "共九天"),
    lambda text: text.replace("一、元旦", "（一）元旦节").replace("五、端午节", "5.端午"),
    lambda text: text + "节假日期间，请安排好值班。某办公室2025年11月4日",
    lambda text: text.replace(
        "2月14日（周六）、", "鼓励在除夕（2月10日）安排年休假。10月8日（周四）起正常上班。2月14日（周六）、"
    ),
]


@pytest.mark.parametrize("rewrite", WIDTHS)
def test_a_notice_is_read_however_it_was_pasted(notice_2026: str, rewrite: Callable[[str], str]) -> None:
    assert off_and_worked(parse_notice(rewrite(notice_2026)).table) == off_and_worked(builtin_years()[2026])


@pytest.mark.parametrize(
    ("year", "text"),
    [
        (
            2017,
            (
                "元旦：1月1日放假，1月2日（星期一）补休。春节：1月27日至2月2日放假调休，共7天。1月22日、2月4日上班。"
                "清明节：4月2日至4日放假调休，共3天。4月1日（星期六）上班。劳动节：5月1日放假，与周末连休。"
                "端午节：5月28日至30日放假调休，共3天。5月27日（星期六）上班。中秋节、国庆节：10月1日至8日放假调休，共8天。9月30日上班。"
            ),
        ),
        (
            2019,
            (
                "元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。春节：2月4日至10日放假调休，共7天。"
                "2月2日、3日上班。清明节：4月5日放假，与周末连休。劳动节：5月1日至4日放假调休，共4天。4月28日、5月5日上班。"
                "端午节：6月7日放假，与周末连休。中秋节：9月13日放假，与周末连休，共3天。国庆节：10月1日至7日放假调休，共7天。"
                "9月29日（星期日）、10月12日（星期六）上班。"
            ),
        ),
        (
            2023,
            (
                "元旦：12月31日至1月2日放假调休，共3天。春节：1月21日至27日放假调休，共7天。1月28日（星期六）、29日（星期日）上班。"
                "清明节：4月5日放假，共1天。劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。"
                "端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。中秋节、国庆节：9月29日至10月6日放假调休，共8天。"
                "10月7日和8日上班。"
            ),
        ),
        (
            2025,
            (
                "元旦：1月1日（周三）放假1天，不调休。春节：1月28日（农历除夕，周二）至2月4日（周二）放假调休，共8天。"
                "1月26日（周日），2月8日（周六）上班。清明节：4月4日至6日放假，共3天。劳动节：5月1日至5日放假调休，共5天。4月27日上班。"
                "端午节：5月31日至6月2日放假，共3天。国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日、10月11日上班。"
            ),
        ),
    ],
)
def test_the_wordings_of_other_years_are_read(year: int, text: str) -> None:
    read = Workdays({year: parse_notice(text, year=year).table})
    known = Workdays({year: builtin_years()[year]})

    every_day = [date(year - 1, 12, 1) + timedelta(days=n) for n in range(396)]
    assert [day for day in every_day if read.is_workday(day) != known.is_workday(day)] == []


def test_the_last_december_of_a_notice_is_part_of_its_table() -> None:
    table = parse_notice(
        "2017年部分节假日安排 元旦：2016年12月31日至2017年1月2日放假，共3天。春节：1月27日至2月2日放假，共7天。"
        "1月22日、2月4日上班。清明节：4月4日放假。劳动节：5月1日放假。端午节：5月30日放假。中秋节、国庆节："
        "10月1日至5日放假，共5天。"
    ).table

    assert table.year == 2017
    assert table.days[date(2016, 12, 31)] == DayNote("元旦", off=True)


def test_a_festival_that_we_do_not_know_is_named_as_the_notice_names_it(notice_2026: str) -> None:
    read = parse_notice(f"{notice_2026}八、建镇纪念日放假：9月12日（周六）放假1天。")

    assert read.table.days[date(2026, 9, 12)] == DayNote("建镇纪念日", off=True)
    assert "建镇纪念日 9月12日 放假1天" in read.lines


@pytest.mark.parametrize("rubbish", ["", "今天天气很好。", "会议通知：请于3月5日到会。", "{}", "元旦快乐"])
def test_rubbish_is_no_notice(rubbish: str) -> None:
    assert "不像国务院办公厅的放假通知" in problems_of(rubbish, year=2027)


def test_a_whole_book_is_no_notice(notice_2026: str) -> None:
    assert "只粘贴通知正文" in problems_of(notice_2026 * 100)


@pytest.mark.parametrize("piece", ["元旦", "元旦、", "一、", "1日", "1月1日、", "(", "1111年", "1日，"])
def test_a_text_made_to_be_slow_is_refused_as_quickly(piece: str) -> None:
    problems_of("元旦：" + piece * (19_000 // len(piece)), year=2027)


def test_the_year_must_be_known_and_the_one_meant(notice_2026: str) -> None:
    without_year = notice_2026.replace("2026年", "")

    assert "没有写是哪一年" in problems_of(without_year)
    assert "这是2026年的放假通知，而要导入的是2027年" in problems_of(notice_2026, year=2027)
    assert parse_notice(without_year, year=2026).table == parse_notice(notice_2026).table
    assert "年份9999不对" in problems_of(notice_2026.replace("2026", "9999"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("共9天", "共8天", "“春节”一条：写明共8天，但列出的放假日期有9天"),
        ("至23日（农历正月初七、周一）", "至22日", "写明共9天，但列出的放假日期有8天"),
        ("2月14日（周六）", "2月14日（周日）", "2月14日写作周日，实为周六"),
        ("1月4日（周日）上班", "1月5日（周一）上班", "2026年1月5日写作上班，但它是周一"),
        ("5月9日（周六）上班。", "", "多放了1天而没有对应的调休上班日"),
        ("5月9日（周六）上班。", "5月9日（周六）、5月16日（周六）上班。", "少放了1天，或多写了调休上班日"),
        ("6月19日（周五）至21日（周日）", "6月20日（周六）至22日（周一）", "2026年6月19日是端午节法定假日，表里没有写放假"),
        (
            "2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天",
            "2月15日放假",
            "2026年2月16日是春节法定假日",
        ),
        ("六、中秋节：9月25日（周五）至27日（周日）放假，共3天。", "", "2026年9月25日是中秋节法定假日"),
        ("4月4日（周六）至6日", "4.4至4.6", "看不懂“4.4至4.6"),
        ("6月19日", "6月39日", "6月39日这一天不存在"),
        ("6月19日（周五）至21日（周日）放假，共3天", "放假三天", "“端午节”一条：没有读到放假日期"),
        ("4月4日（周六）至6日（周一）放假", "4月6日至4日放假", "起止日期不对"),
        ("4月4日（周六）至6日（周一）放假", "4日至6日放假", "没有写月份"),
        ("5月9日（周六）上班", "5月5日上班", "在“劳动节”和“劳动节”里各写了一次"),
        ("1月4日（周日）上班。", "1月4日（周日）上班放假。", "是放假还是上班"),
        ("1月4日（周日）上班。", "1月4日（周日）。", "是放假还是上班"),
    ],
)
def test_a_notice_that_does_not_add_up_is_refused_with_the_reason(notice_2026: str, old: str, new: str, said: str) -> None:
    assert old in notice_2026
    assert said in problems_of(notice_2026.replace(old, new))


def test_what_was_understood_is_kept_when_it_only_does_not_add_up(notice_2026: str) -> None:
    with pytest.raises(NoticeError) as slip:
        parse_notice(notice_2026.replace("共9天", "共8天"), year=2026)
    with pytest.raises(NoticeError) as unread:
        parse_notice(notice_2026.replace("共9天", "共8天").replace("2月14日", "2月14"), year=2026)

    assert slip.value.read == parse_notice(notice_2026, year=2026).lines
    assert unread.value.read == ()


def test_every_problem_is_told_at_once(notice_2026: str) -> None:
    broken = notice_2026.replace("共9天", "共8天").replace("2月28日（周六）", "2月28日（周五）").replace("6月19日", "6月39日")

    said = problems_of(broken)

    assert "共8天" in said
    assert "2月28日写作周五" in said
    assert "6月39日" in said


def test_more_than_six_workdays_in_a_row_are_only_remarked_upon(notice_2026: str) -> None:
    read = parse_notice(
        notice_2026.replace("2月14日（周六）、", "").replace("5月9日（周六）上班", "5月9日（周六）、10日（周日）上班")
    )

    assert read.warnings == ("2026年5月6日至2026年5月15日连续上班10天，办法第七条规定一般不超过6天，请核对。",)


def test_the_number_of_the_paper_is_kept(notice_2026: str) -> None:
    assert parse_notice("国办发明电〔2025〕7号" + notice_2026).table.papers == ("国办发明电〔2025〕7号",)


@pytest.mark.parametrize("year", sorted(set(range(2004, 2027)) - {2006, 2015, 2020}))
def test_the_tables_of_past_years_satisfy_the_law_of_their_time(year: int) -> None:
    errors, _ = check_table(builtin_years()[year])

    assert errors == ()


@pytest.mark.parametrize("year", [2015, 2020])
def test_a_year_with_days_beyond_the_law_is_noticed(year: int) -> None:
    # 2015 had one more day by a decree of its own, 2020 two more in the epidemic.
    errors, _ = check_table(builtin_years()[year])

    assert len(errors) == 1
    assert "多放了" in errors[0]


def test_a_table_with_a_day_of_another_year_is_wrong() -> None:
    table = builtin_years()[2026]
    strayed = YearTable(2026, {**table.days, date(2027, 1, 4): DayNote("元旦", off=True)})

    errors, _ = check_table(strayed)

    assert errors == ("2027年1月4日不属于2026年（或上一年12月）。",)


def test_a_statutory_day_that_is_worked_is_wrong() -> None:
    table = builtin_years()[2026]

    errors, _ = check_table(YearTable(2026, {**table.days, date(2026, 10, 3): DayNote("国庆节", off=False)}))

    assert errors == ("2026年10月3日是国庆节法定假日，表里却写作上班。",)


def test_the_law_gives_thirteen_days_since_2025() -> None:
    assert len(statutory_days(2027)) == 13
    assert len(statutory_days(2024)) == 11
    assert [day for day, festival in statutory_days(2027) if festival == "春节"] == [date(2027, 2, day) for day in range(5, 9)]


@st.composite
def tables(draw: st.DrawFn) -> YearTable:
    """A year as the law asks: statutory days, weekend ones made up on the next weekday, and some days swapped."""
    year = draw(st.integers(2025, 2060))
    days: dict[date, DayNote] = {}
    for day, festival in statutory_days(year):
        days.setdefault(day, DayNote(festival, off=True))
    seen: set[date] = set()
    for day, festival in statutory_days(year):
        if day in seen or day.weekday() >= 5:
            add_day_off(days, day, festival)
        seen.add(day)
    for festival in draw(st.lists(st.sampled_from(["春节", "劳动节", "国庆节"]), unique=True)):
        last = max(day for day, note in days.items() if note.name == festival and note.off)
        add_day_off(days, last, festival)
        sundays = (last + timedelta(days=n) for n in range(7, 60))
        days[next(day for day in sundays if day.weekday() == 6 and day not in days)] = DayNote(festival, off=False)
    return YearTable(year, dict(sorted(days.items())), papers=(), source="通知")


def add_day_off(days: dict[date, DayNote], after: date, festival: str) -> None:
    following = (after + timedelta(days=n) for n in range(1, 30))
    days[next(day for day in following if day.weekday() < 5 and day not in days)] = DayNote(festival, off=True)


def write_notice(table: YearTable, *, with_weekdays: bool) -> str:
    def named(day: date) -> str:
        return f"{day.month}月{day.day}日" + (f"（周{'一二三四五六日'[day.weekday()]}）" if with_weekdays else "")

    def listed(days: Iterable[date]) -> str:
        return "、".join(named(day) for day in days)

    festivals = dict.fromkeys(note.name for note in table.days.values())
    text = f"{table.year}年部分节假日安排\n"
    for festival in festivals:
        off = [day for day, note in table.days.items() if note.name == festival and note.off]
        worked = [day for day, note in table.days.items() if note.name == festival and not note.off]
        whole = off[-1] - off[0] == timedelta(days=len(off) - 1) and len(off) > 1
        text += f"{festival}：{f'{named(off[0])}至{named(off[-1])}' if whole else listed(off)}放假，共{len(off)}天。"
        text += f"{listed(worked)}上班。\n" if worked else "\n"
    return text


@given(table=tables(), with_weekdays=st.booleans())
def test_any_lawful_table_written_as_a_notice_is_read_back(table: YearTable, with_weekdays: bool) -> None:
    assert check_table(table)[0] == ()
    assert parse_notice(write_notice(table, with_weekdays=with_weekdays)).table == table


@given(st.text(alphabet="元旦春节国庆：、。，（）一二0123456789年月日至共天放假上班补休周六\n", max_size=80))
def test_any_text_is_a_notice_or_refused_in_chinese(text: str) -> None:
    problems_of(text, year=2027)
