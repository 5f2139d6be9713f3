"""意见、异议: said with a name or without, told to the admin until it is answered, kept for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from models.gathering import feedback
from models.office import people
from models.store import Store
from models.upkeep import problems
from reports.feedback import opinions, opinions_of
from services.errors import Refused
from services.feedback import answer_feedback, give_feedback

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def problem(store: Store) -> Any:
    with store.read() as db:
        return db.execute(select(problems).where(problems.c.key == "feedback")).one_or_none()


def code_of(*args: Any, **said: Any) -> str:
    with pytest.raises(Refused) as caught:
        give_feedback(*args, now=NOW, **said)
    return caught.value.code


def test_a_word_without_a_name_is_enough_and_the_admin_hears_of_it(store: Store) -> None:
    number = give_feedback(store, "  提醒太多。\r\n能不能合成一封？ ", now=NOW)
    with store.read() as db:
        row = db.execute(select(feedback)).one()
    assert (row.id, row.text, row.name, row.contact, row.by, row.ref) == (number, "提醒太多。\n能不能合成一封？", "", "", "", "")
    said = problem(store)
    assert (said.kind, said.closed_at) == ("feedback", None)
    assert "有1条意见或异议还没有答复" in said.text
    assert "提醒太多" not in said.text  # what somebody says is read on its page, not in a mail


def test_running_it_twice_adds_nothing_and_an_hour_later_it_is_said_anew(store: Store) -> None:
    first = give_feedback(store, "提醒太多", name="王敏", now=NOW)
    assert give_feedback(store, "提醒太多", name="王敏", now=NOW + timedelta(minutes=5)) == first
    assert give_feedback(store, "提醒太多", name="陈霞", now=NOW + timedelta(minutes=5)) != first
    assert give_feedback(store, "提醒太多", name="王敏", now=NOW + timedelta(hours=2)) != first
    assert opinions(store, limit=10).total == 3


def test_the_problem_stands_until_the_last_is_answered_and_comes_back_with_the_next(store: Store) -> None:
    numbers = [give_feedback(store, words, now=NOW) for words in ("一", "二")]
    assert "有2条" in problem(store).text
    answer_feedback(store, numbers[0], "已改。", by="zhangwei", now=NOW + timedelta(hours=1))
    assert ("有1条" in problem(store).text, problem(store).closed_at) == (True, None)
    answer_feedback(store, numbers[1], "已改。", by="zhangwei", now=NOW + timedelta(hours=2))
    assert problem(store).closed_at == NOW + timedelta(hours=2)
    give_feedback(store, "三", now=NOW + timedelta(hours=3))
    assert (problem(store).closed_at, "有1条" in problem(store).text) == (None, True)


def test_what_waits_stands_first_and_what_was_answered_is_still_there(store: Store) -> None:
    numbers = [give_feedback(store, words, now=NOW + timedelta(minutes=minute)) for minute, words in enumerate("一二三四")]
    for number in (numbers[2], numbers[0]):
        answer_feedback(store, number, f"答{number}", by="zhangwei", now=NOW + timedelta(hours=number))
    found = opinions(store, limit=10)
    assert ([one.text for one in found.lines], found.waiting, found.total) == (["二", "四", "三", "一"], 2, 4)
    assert [one.text for one in opinions(store, limit=2, offset=1).lines] == ["四", "三"]


def test_an_answer_is_given_once(store: Store) -> None:
    number = give_feedback(store, "一", now=NOW)
    for wanted, words, code in ((number, " ", "answer_missing"), (99, "已改。", "unknown_feedback")):
        with pytest.raises(Refused) as caught:
            answer_feedback(store, wanted, words, by="zhangwei", now=NOW)
        assert caught.value.code == code
    for _ in range(2):
        answer_feedback(store, number, "已改。", by="zhangwei", now=NOW)
    with pytest.raises(Refused) as caught:
        answer_feedback(store, number, "改口。", by="zhangjun", now=NOW)
    assert caught.value.code == "already_answered"
    [line] = opinions(store, limit=10).lines
    assert (line.answer, line.answered_name) == ("已改。", "zhangwei")


def test_who_signed_finds_his_own_and_the_answer(store: Store) -> None:
    with store.write() as db:
        row = {"key": "wangmin", "name": "王敏", "title": "干部", "unit": "fazhi", "position": 0}
        db.execute(insert(people), row)
    number = give_feedback(store, "一", by="wangmin", now=NOW)
    give_feedback(store, "二", now=NOW)
    answer_feedback(store, number, "已改。", by="zhangwei", now=NOW)
    [mine] = opinions_of(store, "wangmin", limit=5)
    assert (mine.text, mine.name, mine.answer) == ("一", "王敏", "已改。")


def test_what_is_too_long_or_empty_is_refused_and_what_is_odd_is_made_plain(store: Store) -> None:
    assert code_of(store, " \n ") == "text_missing"
    assert code_of(store, "长" * 2001) == "too_long"
    for field in ("name", "contact", "ref"):
        assert code_of(store, "好", **{field: "长" * 101}) == "too_long"
    give_feedback(store, "好", name="王\n敏\u202e", contact="1\t2", ref="no-such\x00:thing", now=NOW)
    [line] = opinions(store, limit=10).lines
    assert (line.name, line.contact, line.ref, line.title) == ("王 敏", "1 2", "no-such:thing", "")
