"""English as a switch: sentences keep their values, every run of words has its entry, nothing typed is touched."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.pofile import read_po
from jinja2 import DictLoader, Environment

from web.catalogue import HAS_CHINESE, PART, SAID, catalogue
from web.languages import CATALOGUE, TEMPLATES, english, english_source, english_word, missing, runs
from web.words import ENGLISH_FILTERS

EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
LITERAL = re.compile(r"'[^']*'")
NUMBER_OF = re.compile(r"^(.*)\|plural\('[^']*', '[^']*'\)$")


def entries(context: str | None = None) -> list[tuple[str, str]]:
    with CATALOGUE.open("rb") as file:
        return [(str(one.id), str(one.string)) for one in read_po(file) if one.id and one.context == context]


def values_of(text: str) -> set[str]:
    """The expressions of a run; what is inside quotes may be said otherwise in English."""
    return {LITERAL.sub("''", one.strip()) for one in EXPRESSION.findall(text)}


def test_every_run_of_words_in_every_template_has_an_english_entry() -> None:
    assert missing() == []


def test_no_entry_is_for_words_that_no_template_has_any_more() -> None:
    found = {run for path in TEMPLATES.glob("*.html") for run in runs(path.read_text(encoding="utf-8"))}
    assert sorted(chinese for chinese, _ in entries() if chinese not in found) == []


def test_an_entry_keeps_the_values_of_its_sentence_and_says_no_chinese() -> None:
    for chinese, said in entries():
        plain = {one for one in values_of(said) if "|plural(" not in one}
        assert plain == values_of(chinese), chinese
        assert {found[1] for one in values_of(said) if (found := NUMBER_OF.match(one))} <= plain, chinese
        assert chinese.count("<b") == said.count("<b"), chinese
        assert not HAS_CHINESE.search(said), chinese
        assert '"' not in EXPRESSION.sub("", said.replace('<b class="', "").replace('">', "")), chinese  # it may be an attribute


@pytest.mark.parametrize("context", [SAID, PART])
def test_what_python_says_has_an_entry_without_chinese_whose_holes_are_all_there(context: str) -> None:
    for chinese, said in entries(context):
        holes = re.findall(r"\{[?=,nmdw]?\}", chinese)
        names = [name for _, name, _, _ in Formatter().parse(said) if name is not None]
        used = {int(name) if name else place for place, name in enumerate(names)}
        assert used == set(range(len(holes))), chinese
        assert not HAS_CHINESE.search(said), chinese


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_an_english_template_has_no_chinese_word_left(path: Path) -> None:
    left = [run for run in runs(english_source(path.read_text(encoding="utf-8"))) if HAS_CHINESE.search(run)]
    assert left == []


def test_a_run_is_what_stands_between_two_tags_with_the_values_inside() -> None:
    source = (
        '<p title="到期">共 <b>{{ total }}</b> 项{% if more %}，还有{% endif %}</p>{# 注释 #}'
        "<td>{{ '有' if x else '无' }}</td>{% if mark == '休' %}{% endif %}"
    )
    assert list(runs(source)) == ["到期", "共 <b>{{ total }}</b> 项", "，还有", "有", "无"]


def test_what_is_typed_stays_as_it_was_typed_and_words_with_numbers_are_known() -> None:
    assert english_word("某人写的一句话，谁也没有见过") == "某人写的一句话，谁也没有见过"
    assert english_word("逾期 5 个工作日") == "5 workdays overdue"
    assert english_word("逾期 1 个工作日") == "1 workday overdue"
    assert english_word(7) == 7


def test_what_a_form_sends_back_is_never_translated() -> None:
    source = '<a href="/x?{{ one }}">{{ one }}</a><input value="{{ one }}"><textarea>{{ one }}</textarea><p>{{ one }}</p>'
    page = Environment(loader=DictLoader({"page": english_source(source)}), finalize=english_word, autoescape=True)
    page.filters.update(ENGLISH_FILTERS)
    said = page.get_template("page").render(one="分管领导")
    assert said == ('<a href="/x?分管领导">Overseer</a><input value="分管领导"><textarea>分管领导</textarea><p>Overseer</p>')


def test_a_sentence_with_holes_says_what_is_in_them_in_its_own_order() -> None:
    known = catalogue(
        [
            (SAID, "{}由{=}办（{,}）{?}。", "{1} does {0} ({2}){3}."),
            (SAID, "剩{n}天。", "{0} {0:day|days} left."),
            (PART, "此事", "this"),
            (PART, "，{m}起，{d}止", ", from {} to {}"),
            (PART, "{m}{n}日", "{1} {0}"),
            (PART, "3月", "Mar"),
            (PART, "甲", "A"),
        ]
    )
    assert known.word("此事由此事办（甲、乙）。") == "此事 does this (A, 乙)."
    assert known.word("此事由王办（甲），3月起，3月5日止。") == "王 does this (A), from Mar to 5 Mar."
    assert known.word("剩1天。剩2天。") == "1 day left. 2 days left."
    assert known.word("此事由乙办（甲）。剩1天。") == "乙 does this (A). 1 day left."
    assert known.word("此事由乙。办（甲）。") == "乙。 does this (A)."
    assert known.word("剩几天。") is None
    assert known.word("剩1天。别的话。") is None
    assert known.word("此事") is None  # a part is known only inside a sentence


def test_what_somebody_types_to_slow_the_page_down_is_read_once() -> None:
    """Two thousand characters that begin like a sentence of ours again and again."""
    for start in (
        "，第1次发送给甲（乙）：丙（消息丁）",
        "甲登记办结（乙）：甲于丙完成，丁，说明：",
        "“甲”已由乙于丙（延至",
        "，原因：，批复：，答复：",
    ):
        typed = start * (2000 // len(start))
        assert english_word(typed) == typed


def test_a_history_is_told_in_english() -> None:
    told = "陈霞（代王敏）登记办结（网页）：王敏于2026年10月22日完成，逾期1个工作日，场次 3，说明：顺利，天晴。"
    said = "陈霞 (for 王敏) recorded the completion (page): 王敏, done on 22 Oct 2026, 1 workday late, 场次 3; note: 顺利，天晴."
    assert english_word(told) == said


def test_a_browser_that_asked_for_english_gets_it_until_it_asks_for_chinese(town: Any) -> None:
    assert 'lang="zh-CN"' in town.get("/").text
    answer = town.get("/language/en?next=/list?when=2026")
    assert (answer.status_code, answer.headers["location"]) == (303, "/list?when=2026")
    page = town.get("/").text
    assert '<html lang="en">' in page
    assert "Overview" in page
    assert "总览" not in page
    assert "中心组法治专题学习" in town.get("/list").text  # the town's own words
    town.get("/language/zh")
    assert "总览" in town.get("/").text


def test_the_switch_leads_back_to_the_page_and_never_elsewhere(town: Any) -> None:
    assert "/language/en?next=/list%3Fstate%3Dopen" in town.get("/list?state=open").text
    assert town.get("/language/en?next=https://elsewhere.example/").headers["location"] == "/"
    assert town.get("/language/fr").status_code == 400


def test_a_refusal_is_told_in_english_and_a_form_keeps_its_values(town: Any) -> None:
    town.get("/language/en")
    page = town.post("/me/password", data={"code": town.form_code(), "old": "x", "password": "普法", "again": "y"})
    assert "The two passwords are not the same" in page.text
    kinds = town.get("/list?kind=study").text
    assert '<option value="study" selected>Study</option>' in kinds
    assert english().word("已办结") == "Done"
