"""What instant messengers show: short, whole, within the provider's bytes, and never more than was meant."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.letter import Detail, Form, Letter, Markup, Tone
from notifications.short import parts
from notifications.texts import write_letter
from tests.notifications.letters import SHEET, group, item, letter, overdue

BOTH = pytest.mark.parametrize("markup", [Markup.MARKDOWN, Markup.TEXT])
HOSTILE = '**放假**[点我](http://evil.example)<@all><at user_id="all">所有人</at>@所有人`x`\r\n# 标题\n> 引文 ~~删~~ |表|'


def sent_bytes(text: str) -> int:
    """As it goes over the wire: tokens of 26 characters in the place of their placeholders."""
    return len(re.sub(r"\{link:\d+\}", "t" * 26, text).encode())


@BOTH
def test_a_person_reads_what_to_do_by_when_and_where(markup: Markup) -> None:
    written = write_letter(letter(item(say="提前一周通知讲授人"), markup=markup))
    for words in (
        "王敏同志",
        "法治专题学习",
        "3月6日（周五），还剩2个工作日",
        "提前一周通知讲授人",
        "曹回镇人民政府",
        "T2603-000142",
    ):
        assert words in written.text
    assert "https://suishi.caohui.example/t/{link:1}" in written.text
    assert written.html == ""
    assert written.shown == (0,)


def test_markdown_uses_only_what_three_providers_show() -> None:
    text = write_letter(letter(item(), overdue(), item("取消的", tone=Tone.CANCELLED))).text
    plain = re.sub(r"\*\*[^*\n]+\*\*|\[打开办理\]\(https://[^()\s]+\)", "", text)
    assert not set(plain) & set("*[]<>`#~_|\\")


@BOTH
def test_a_title_forms_nothing_links_nothing_and_calls_nobody(markup: Markup) -> None:
    hostile = item(HOSTILE, say=HOSTILE, explanation=HOSTILE, owners=(HOSTILE,), stands_in_for=HOSTILE, as_written=HOSTILE)
    alone = letter(hostile, most=None, markup=markup)
    together = group(replace(hostile, person=HOSTILE), markup=markup, most=None)
    for written in (write_letter(alone), write_letter(together)):
        assert "<" not in written.text
        assert "@" not in written.text
        assert "放假" in written.text
        lines = written.text.split("\n")
        assert not any(line.startswith(("#", ">", "|")) for line in lines)
        if markup is Markup.MARKDOWN:
            assert "](http://evil" not in written.text
            assert all(line.count("**") in {0, 2} for line in lines)


@BOTH
def test_marks_that_turn_or_hide_words_are_gone(markup: Markup) -> None:
    written = write_letter(letter(item("学习\u202e习学\u2066\u200b\x00\x85\ud83d"), markup=markup))
    assert "学习习学" in written.text
    written.text.encode()
    written.subject.encode()


def test_what_is_too_much_for_one_message_goes_into_the_next_and_nothing_twice() -> None:
    whole = letter(
        *(item(f"第{n}项" + "法治宣传进村（社区）" * 3, link=f"{{link:{n}}}", say="请携带台账" * 10) for n in range(40))
    )
    portions = parts(whole)
    assert len(portions) > 1
    assert sorted(place for portion in portions for place in portion) == list(range(40))
    for number, portion in enumerate(portions, start=1):
        part = replace(whole, items=tuple(whole.items[place] for place in portion), part=(number, len(portions)))
        written = write_letter(part)
        assert written.shown == tuple(range(len(portion)))
        assert sent_bytes(written.text) <= 2048
        assert f"（第{number}条，共{len(portions)}条）" in written.text
        assert "请携带台账" in written.text


def test_no_part_is_named_when_everything_fits() -> None:
    assert parts(letter(item(), overdue())) == [(0, 1)]
    assert "条，共" not in write_letter(letter(item())).text


def test_words_that_grew_since_are_shortened_before_anything_is_left_out() -> None:
    long = letter(*(item(f"第{n}项法治宣传", say="请携带台账" * 8, link=f"{{link:{n}}}") for n in range(9)))
    written = write_letter(long)
    assert written.shown == tuple(range(9))
    assert sent_bytes(written.text) <= 2048
    assert "请携带台账" not in written.text


def test_what_cannot_be_told_at_all_is_counted() -> None:
    written = write_letter(letter(*(item(f"第{n}项", due=f"2026-03-{n + 6:02}") for n in range(20)), most=900))
    assert written.shown == tuple(range(len(written.shown)))
    assert 0 < len(written.shown) < 20
    assert f"另有{20 - len(written.shown)}项" in written.text
    assert sent_bytes(written.text) <= 900


def test_an_item_longer_than_a_message_is_shortened_and_stands_alone() -> None:
    whole = letter(item("长" * 3000, say="话" * 3000), item("短", due="2026-03-09"), most=600)
    portions = parts(whole)
    assert portions == [(0,), (1,)]
    written = write_letter(replace(whole, items=whole.items[:1]))
    assert sent_bytes(written.text) <= 600
    assert written.shown == (0,)
    assert "长长" in written.text


@given(
    titles=st.lists(st.text(max_size=120), min_size=1, max_size=12),
    most=st.integers(min_value=700, max_value=4096),
    markup=st.sampled_from([Markup.MARKDOWN, Markup.TEXT]),
    together=st.booleans(),
)
def test_whatever_is_typed_every_item_is_in_one_part_and_every_part_fits(
    titles: list[str], most: int, markup: Markup, together: bool
) -> None:
    items = [item(title, number=str(n), link=f"{{link:{n}}}", say=title, person=f"张{n % 3}") for n, title in enumerate(titles)]
    whole = (group if together else letter)(*items, markup=markup, most=most)
    portions = parts(whole)
    assert sorted(place for portion in portions for place in portion) == list(range(len(items)))
    for portion in portions:
        written = write_letter(replace(whole, items=tuple(whole.items[place] for place in portion), part=(1, len(portions))))
        assert sent_bytes(written.text) <= most
        assert written.shown == tuple(range(len(portion)))
        assert "\r" not in written.text
        assert "<" not in written.text


def test_lamps_are_words() -> None:
    shown = {
        "【黄灯】": item(left=3),
        "【红灯】": overdue(),
        "【橙灯】": overdue(sheet=SHEET, tone=Tone.SUPERVISE, oversees=True),
    }
    for lamp, one in shown.items():
        assert lamp in write_letter(letter(one)).text
        assert lamp in write_letter(letter(one, markup=Markup.MAIL)).text
        assert lamp in write_letter(letter(one, markup=Markup.MAIL)).html
    for one in (item(left=4), overdue(awaiting_approval=True), item(tone=Tone.CANCELLED), item(awaiting_notice=True)):
        assert "灯】" not in write_letter(letter(one)).text


@pytest.mark.parametrize("markup", list(Markup))
def test_an_extension_that_waits_for_its_signature_is_never_called_overdue(markup: Markup) -> None:
    written = write_letter(letter(overdue(awaiting_approval=True), markup=markup))
    told = written.subject + written.text + written.html
    assert "延期待批" in told
    assert "逾期" not in told


@pytest.mark.parametrize("markup", list(Markup))
def test_a_sheet_tells_who_answers_and_how_often_it_was_pressed(markup: Markup) -> None:
    one = overdue(sheet=SHEET, tone=Tone.SUPERVISE, oversees=True, unit="执法大队", owners=("张伟",), link="")
    text = write_letter(letter(one, markup=markup)).text
    for words in (
        "〔督办单〕行政检查计划报备",
        "编号：T2603-000142-1",
        "责任单位：执法大队",
        "责任人：张伟",
        "时限：3月3日（周二），已逾期1个工作日",
        "催办：第2次",
        "行政检查计划报备经催办仍未办结",
        "请执法大队督促张伟",
        "已逾期1个工作日，本单是第2次",
    ):
        assert words in text


def test_a_title_in_braces_is_not_filled_a_second_time() -> None:
    one = overdue("{责任人}的事", sheet=SHEET, tone=Tone.SUPERVISE, oversees=True, owners=("张伟",))
    assert "事由：{责任人}的事经催办" in write_letter(letter(one)).text


@pytest.mark.parametrize("detail", [Detail.TITLE, Detail.NUMBER])
def test_a_sheet_names_nobody_where_names_may_not_travel(detail: Detail) -> None:
    one = overdue(sheet=SHEET, tone=Tone.SUPERVISE, oversees=True, unit="执法大队", owners=("张伟",), link="")
    written = write_letter(letter(one, detail=detail))
    told = written.subject + written.text
    assert "张伟" not in told
    assert ("行政检查计划报备" in told.replace(one.number, "")) == (detail is Detail.TITLE)
    assert ("执法大队" in told) == (detail is Detail.TITLE)
    assert "{" not in told


@pytest.mark.parametrize("markup", list(Markup))
def test_who_oversees_is_led_to_the_items_page_and_who_acts_to_his_own_link(markup: Markup) -> None:
    pressed = overdue(tone=Tone.PRESS, oversees=True, link="")
    page = "https://suishi.caohui.example/o/duty:%E8%A1%8C%E6%94%BF%E6%A3%80%E6%9F%A5%E8%AE%A1%E5%88%92%E6%8A%A5%E5%A4%87"

    both = write_letter(letter(pressed, item(), markup=markup)).text
    unlinked = write_letter(letter(pressed, markup=markup, form=Form(markup, links=False))).text
    cancelled = write_letter(letter(replace(pressed, tone=Tone.CANCELLED), markup=markup)).text

    assert both.count(page) == both.count("查看经过（须登录）") == 1
    assert both.count("/t/{link:1}") == 1
    assert [("/o/" in text) for text in (unlinked, cancelled, write_letter(group(pressed, markup=markup)).text)] == [False] * 3


def the_group(**changes: object) -> Letter:
    return group(
        item("法治专题学习", person="王敏", say="提前通知讲授人"),
        overdue(person="王敏"),
        overdue(person="赵勇", partner=True),
        overdue(person="李国强", oversees=True, tone=Tone.PRESS),
        item("矛盾纠纷排查", due="2026-03-04", left=0, person="陈霞（周洁代）"),
        overdue("法律顾问走访", person="李国强", oversees=True, tone=Tone.PRESS, owners=("周洁",)),
        **changes,
    )


@BOTH
def test_a_group_reads_one_line_for_each_occurrence_under_the_names(markup: Markup) -> None:
    written = write_letter(the_group(markup=markup))
    bold = "**" if markup is Markup.MARKDOWN else ""
    assert "法治办工作群：以下事项请按时限办理。" in written.text
    assert "同志：" not in written.text
    one_line = "1. 【红灯】行政检查计划报备，3月3日（周二），已逾期1个工作日；请赵勇配合；请李国强同志督促"
    assert f"{bold}王敏：{bold}\n{one_line}\n2. 【黄灯】法治专题学习" in written.text
    assert f"{bold}陈霞（周洁代）：{bold}" in written.text
    assert "法律顾问走访，3月3日（周二），已逾期1个工作日；办理人周洁" in written.text
    assert written.text.count("行政检查计划报备") == 1
    assert written.shown == tuple(range(6))
    assert "今日到期1项、逾期2项、临近1项" in written.subject
    assert "/t/" not in written.text
    assert "办完后请告知管理员登记" in written.text


def test_a_group_that_may_see_titles_only_reads_no_more() -> None:
    text = write_letter(the_group(detail=Detail.TITLE)).text
    assert "法治专题学习" in text
    assert "提前通知讲授人" not in text
    assert "周洁" not in text.replace("（周洁代）", "")


def test_a_group_that_may_see_numbers_only_reads_no_title() -> None:
    whole = the_group(detail=Detail.NUMBER)
    numbered = replace(whole, items=tuple(replace(one, number=f"duty:{n}") for n, one in enumerate(whole.items)))
    text = write_letter(numbered).text
    assert "办理项duty:0" in text
    assert not any(one.title in text for one in numbered.items)


def test_a_group_gets_links_only_where_the_channel_may_carry_them() -> None:
    one = item(person="王敏")
    linked = letter(one, name="法治办工作群", form=Form(Markup.TEXT, 2048, links=True, group=True))
    assert "办理链接：https://suishi.caohui.example/t/{link:1}" in write_letter(linked).text


def test_one_occurrence_is_never_torn_between_two_messages() -> None:
    items = [overdue(f"第{n}项" + "法治宣传" * 8, person=person) for n in range(30) for person in ("王敏", "陈霞")]
    whole = group(*items, most=2048)
    portions = parts(whole)
    assert len(portions) > 1
    for portion in portions:
        numbers = [whole.items[place].number for place in portion]
        assert all(numbers.count(number) == 2 for number in numbers)


def test_a_group_by_mail_gets_the_groups_form() -> None:
    written = write_letter(the_group(markup=Markup.MAIL, most=None))
    assert "王敏：" in written.text
    assert written.html == ""


@pytest.mark.parametrize("markup", list(Markup))
def test_a_request_for_a_later_day_asks_for_a_decision_and_the_decision_is_told(markup: Markup) -> None:
    say = "张伟申请延期：由3月3日延至3月13日，原因：等上级文件。请批复"
    asked = overdue(tone=Tone.EXTENSION_ASKED, oversees=True, awaiting_approval=True, say=say, link="")
    written = write_letter(letter(asked, markup=markup))
    assert "〔延期申请〕行政检查计划报备：请批复" in written.subject
    assert f"申请：{say}" in written.text
    assert "逾期" not in written.subject + written.text + written.html
    decided = write_letter(letter(item(tone=Tone.EXTENSION_DECIDED, say="同意延至3月13日"), markup=markup))
    assert "以下延期申请已有批复，请知悉。" in decided.text
    assert "批复：同意延至3月13日" in decided.text


@pytest.mark.parametrize("markup", list(Markup))
def test_what_waits_for_its_sign_off_is_never_called_overdue_and_what_came_back_says_why(markup: Markup) -> None:
    say = "张伟于3月4日办结，请验收：合格的请销号，不合格的请退回"
    asked = write_letter(letter(overdue(tone=Tone.SIGN_OFF, verifier=True, say=say), markup=markup))
    assert "〔请验收销号〕行政检查计划报备：已办结，待验收" in asked.subject
    assert "以下事项已办结，请您验收销号。" in asked.text
    assert f"办结情况：{say}" in asked.text
    assert "逾期" not in asked.subject + asked.text + asked.html
    assert "红灯" not in asked.text
    above = write_letter(
        letter(overdue(tone=Tone.SIGN_OFF_LATE, oversees=True, say="李强尚未验收销号，请督促", link=""), markup=markup)
    )
    assert "〔验收催办〕" in above.subject
    assert "还没有验收销号，请督促" in above.text
    back = write_letter(letter(item(tone=Tone.SENT_BACK, say="王敏验收退回：照片不清楚"), markup=markup))
    assert "退回原因：王敏验收退回：照片不清楚" in back.text


def test_a_digest_of_sheets_says_once_what_is_the_same_in_all() -> None:
    sheet = replace(SHEET, closing="已经办结的，请承办人登记。")
    pressed = [overdue(f"第{n}件", sheet=sheet, tone=Tone.PRESS, oversees=True, link="") for n in range(3)]
    for markup in Markup:
        text = write_letter(letter(*pressed, markup=markup)).text
        assert text.count("已经办结的，请承办人登记。") == 1
        assert "事由：" not in text
        assert text.count("要求：") == 3
