from __future__ import annotations

import pytest

from notifications.dingtalk.answers import TABLE, judge
from notifications.envelope import Outcome, Scope, Verdict
from notifications.http.poster import Answer
from tests.notifications.providers.cases import COMMON_CASES, Case
from tests.notifications.providers.rows import answer_of, case, idle_rows
from tests.notifications.providers.server import Reply, said

PUNISHED = Reply(body=b'{"status":1111,"source":"x5","punish":"deny"}')

CASES = (
    case(said(errcode=0, errmsg="ok"), Verdict.ACCEPTED, code="0"),
    # too fast
    case(said(errcode=130101, errmsg="send too fast"), Verdict.DEFERRED, Scope.CHANNEL, "130101", 600.0),
    case(said(errcode=130101, errmsg="send too fast", wait=5), Verdict.DEFERRED, Scope.CHANNEL, "130101", 5.0),
    case(said(errcode=130101, errmsg="send too fast", wait=99999), Verdict.DEFERRED, Scope.CHANNEL, "130101", 3600.0),
    case(said(errcode=130101, errmsg="send too fast", wait=True), Verdict.DEFERRED, Scope.CHANNEL, "130101", 600.0),
    case(said(errcode=130101, errmsg="send too fast", wait=-5), Verdict.DEFERRED, Scope.CHANNEL, "130101", 600.0),
    case(said(errcode=410100, errmsg="发送速度太快而限流"), Verdict.DEFERRED, Scope.CHANNEL, "410100", 600.0),
    case(said(errcode=90018, errmsg="调用频率超过限制"), Verdict.DEFERRED, Scope.CHANNEL, "90018", 600.0),
    case(said(errcode=90030, errmsg="触发每分钟限流"), Verdict.DEFERRED, Scope.CHANNEL, "90030", 600.0),
    case(Reply(body=b'{"status":1111,"wait":5,"source":"x5","punish":"deny"}'), Verdict.DEFERRED, Scope.CHANNEL, "1111", 5.0),
    case(PUNISHED, Verdict.DEFERRED, Scope.CHANNEL, "1111", 600.0),
    case(said(errcode=300001, errmsg="exceed 20 times per minute"), Verdict.DEFERRED, Scope.CHANNEL, "300001", 600.0),
    # the robot's safety settings
    case(said(errcode=310000, errmsg="sign not match"), Verdict.DEFERRED, Scope.CHANNEL, "310000"),
    case(said(errcode=310000, errmsg="机器人发送签名不匹配"), Verdict.DEFERRED, Scope.CHANNEL, "310000"),
    case(said(errcode=310000, errmsg="invalid timestamp"), Verdict.DEFERRED, Scope.CHANNEL, "310000"),
    case(said(errcode=310000, errmsg="keywords not in content"), Verdict.DEFERRED, Scope.CHANNEL, "310000"),
    case(said(errcode=310000, errmsg="ip 1.2.3.4 not in whitelist"), Verdict.DEFERRED, Scope.CHANNEL, "310000"),
    # the robot itself
    case(said(errcode=300005, errmsg="token is not exist"), Verdict.DEFERRED, Scope.CHANNEL, "300005"),
    case(said(errcode=300001, errmsg="token is not exist"), Verdict.DEFERRED, Scope.CHANNEL, "300001"),
    case(said(errcode=400013, errmsg="群已被解散"), Verdict.DEFERRED, Scope.CHANNEL, "400013"),
    case(said(errcode=400101, errmsg="access_token不存在"), Verdict.DEFERRED, Scope.CHANNEL, "400101"),
    case(said(errcode=400102, errmsg="机器人已停用"), Verdict.DEFERRED, Scope.CHANNEL, "400102"),
    case(said(errcode=400106, errmsg="机器人不存在"), Verdict.DEFERRED, Scope.CHANNEL, "400106"),
    case(said(errcode=88, sub_code="60011", errmsg="没有调用该接口的权限"), Verdict.DEFERRED, Scope.CHANNEL, "88"),
    case(said(errcode=40035, errmsg="缺少参数 access_token"), Verdict.DEFERRED, Scope.CHANNEL, "40035"),
    # busy
    case(said(errcode=-1, errmsg="系统繁忙"), Verdict.DEFERRED, code="-1"),
    # what is written
    case(said(errcode=40035, errmsg="缺少参数 markdown.title"), Verdict.REJECTED, code="40035"),
    case(said(errcode=430101, errmsg="unsafe link"), Verdict.REJECTED, code="430101"),
    case(said(errcode=430102, errmsg="含有不合适文本"), Verdict.REJECTED, code="430102"),
    case(said(errcode=430103, errmsg="含有不合适图片"), Verdict.REJECTED, code="430103"),
    case(said(errcode=430104, errmsg="含有不合适内容"), Verdict.REJECTED, code="430104"),
    case(said(errcode=460101, errmsg="message too long, exceed 20000 bytes"), Verdict.REJECTED, code="460101"),
    case(said(errcode=400105, errmsg="不支持的消息类型"), Verdict.REJECTED, code="400105"),
    case(said(errcode=43004, errmsg="无效的HTTP HEADER Content-Type"), Verdict.REJECTED, code="43004"),
    # nobody's
    case(said(errcode=999999, errmsg="?"), Verdict.REJECTED, code="999999"),
    case(said(500, errcode=0, errmsg="ok"), Verdict.DEFERRED, code="0"),
    case(said(errcode=False, errmsg="ok"), Verdict.UNKNOWN, code="200"),
    case(said(errcode="0", errmsg="ok"), Verdict.UNKNOWN, code="200"),
    case(said(errcode=0.0, errmsg="ok"), Verdict.UNKNOWN, code="200"),
    *COMMON_CASES,
)


def judged(answer: Answer) -> Outcome:
    return judge(answer, mask=lambda words: words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_answer_of_dingtalk_is_known_for_what_it_is(case: Case) -> None:
    outcome = judged(answer_of(case.reply))
    assert outcome.verdict is case.verdict
    assert outcome.scope is case.scope
    assert outcome.code == case.code
    assert outcome.retry_after == case.retry_after


def test_every_row_about_dingtalk_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    assert idle_rows(TABLE, CASES, judged, monkeypatch) == []


def test_the_providers_own_words_are_kept() -> None:
    assert judged(answer_of(said(errcode=310000, errmsg="sign not match"))).words == "sign not match"
    assert "punish" in judged(answer_of(PUNISHED)).words
    assert "HTTP 502" in judged(answer_of(Reply(502))).words
