from __future__ import annotations

import json

import pytest

from notifications.envelope import Outcome, Scope, Verdict
from notifications.http.answers import COMMON, Row, first_fit, judge, judge_silence, plain_words, whole_number
from notifications.http.body import UnfitError, content, in_json
from notifications.http.poster import Answer, Silence
from tests.notifications.providers.cases import COMMON_CASES, Case
from tests.notifications.providers.server import Reply


def judged(reply: Reply) -> Outcome:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return judge(COMMON, Answer(reply.status, headers, reply.body), code="", words="", mask=lambda words: words)


@pytest.mark.parametrize("case", COMMON_CASES, ids=lambda case: case.name)
def test_without_the_providers_word_the_status_decides_and_nothing_is_accepted(case: Case) -> None:
    outcome = judged(case.reply)
    assert (outcome.verdict, outcome.scope, outcome.code) == (case.verdict, case.scope, case.code)
    assert outcome.retry_after == case.retry_after
    assert outcome.provider_id == ""


def test_every_common_row_has_a_case() -> None:
    hit = {id(first_fit(COMMON, status=case.reply.status, code="", words="")) for case in COMMON_CASES}
    hit.add(id(first_fit(COMMON, status=200, code="12345", words="")))
    assert [row for row in COMMON if id(row) not in hit] == []


@pytest.mark.parametrize("code", ["", "0", "1", "-1", "45009", "0+invaliduser", "x"])
def test_no_status_and_no_code_falls_through_the_table_or_is_accepted_by_it(code: str) -> None:
    fitting = [first_fit(COMMON, status=status, code=code, words="") for status in (*range(100, 600), 0, 999)]
    assert Verdict.ACCEPTED not in {row.verdict for row in fitting}


def test_a_fault_of_the_channel_does_not_become_a_rest_because_of_a_header() -> None:
    """401 with Retry-After is still a wrong key: the breaker's matter, not the bucket's."""
    assert judged(Reply(401, {"Retry-After": "30"})).retry_after is None
    assert judged(Reply(302, {"Retry-After": "30", "Location": "/x"})).retry_after is None


def test_a_strangers_answer_shows_its_status_and_how_it_begins() -> None:
    words = judged(Reply(302, {"Location": "http://portal.example/"}, b"<html>\n  moved" + b"x" * 5000)).words
    assert words.startswith("HTTP 302 转到 http://portal.example/（不跟随） <html> moved")
    assert len(words) < 300


def test_words_and_receipt_are_masked() -> None:
    answer = Answer(200, {}, b"")
    table = (Row(Verdict.ACCEPTED),)
    outcome = judge(
        table, answer, code="0", words="ok for sekret", mask=lambda words: words.replace("sekret", "***"), provider_id="sekret-1"
    )
    assert (outcome.words, outcome.provider_id) == ("ok for ***", "***-1")


def test_silence_is_unknown_only_after_data_may_have_left() -> None:
    sent, unsent = judge_silence(Silence(sent=True, words="w")), judge_silence(Silence(sent=False, words="w"))
    assert (sent.verdict, sent.scope, sent.code) == (Verdict.UNKNOWN, Scope.MESSAGE, "cut-off")
    assert (unsent.verdict, unsent.scope, unsent.code) == (Verdict.DEFERRED, Scope.CHANNEL, "no-answer")
    assert unsent.retry_after is None


@pytest.mark.parametrize("value", [True, False, "0", 0.0, None, [0], {"code": 0}])
def test_only_a_whole_number_is_a_code(value: object) -> None:
    assert whole_number({"errcode": value}, "errcode") == ""
    assert whole_number({"errcode": 0}, "errcode") == "0"
    assert whole_number(None, "errcode") == ""


def test_words_are_taken_from_the_first_field_that_holds_some() -> None:
    assert plain_words({"errmsg": "", "msg": 5, "message": "坏了"}, "errmsg", "msg", "message") == "坏了"
    assert plain_words(None, "errmsg") == ""


def test_equal_values_give_equal_bytes_whatever_their_order_and_chinese_stays_as_it_is() -> None:
    first, second = {"b": [1, "岁时"], "a": {"y": 1, "x": 2}}, {"a": {"x": 2, "y": 1}, "b": [1, "岁时"]}
    assert in_json(first) == in_json(second)
    assert "岁时".encode() in in_json(first)
    assert json.loads(in_json(first)) == first


def test_what_cannot_be_encoded_is_found_out_before_it_leaves() -> None:
    with pytest.raises(UnfitError) as caught:
        in_json({"text": "\ud83d"})
    assert caught.value.code == "build"


def test_a_text_is_measured_in_bytes_and_never_cut() -> None:
    assert content("提醒" * 10, limit=60) == "提醒" * 10
    with pytest.raises(UnfitError, match=r"61 字节.*60 字节") as caught:
        content("提醒" * 10 + "x", limit=60)
    assert caught.value.code == "too-long"


@pytest.mark.parametrize("text", ["", "\n\n", "  ", "\x00"])
def test_a_text_of_nothing_is_not_sent(text: str) -> None:
    with pytest.raises(UnfitError) as caught:
        content(text, limit=60)
    assert caught.value.code == "empty"


def test_control_characters_do_not_travel() -> None:
    assert content("第一行\n第二行\t\x07完\x00", limit=60) == "第一行\n第二行\t 完 "
