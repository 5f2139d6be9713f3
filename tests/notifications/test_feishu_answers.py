from __future__ import annotations

import pytest

from notifications.envelope import Outcome, Scope, Verdict
from notifications.feishu.answers import TABLE, judge
from notifications.http.poster import Answer
from tests.notifications.providers.cases import COMMON_CASES, Case
from tests.notifications.providers.rows import answer_of, case, idle_rows
from tests.notifications.providers.server import said

CASES = (
    case(said(code=0, msg="success", data={}), Verdict.ACCEPTED, code="0"),
    case(said(StatusCode=0, StatusMessage="success"), Verdict.ACCEPTED, code="0"),
    case(said(StatusCode=0, StatusMessage="success", code=0, msg="success"), Verdict.ACCEPTED, code="0"),
    # the two forms disagree: the one that refuses is believed
    case(said(StatusCode=0, code=19021, msg="sign match fail"), Verdict.DEFERRED, Scope.CHANNEL, "19021"),
    case(said(StatusCode=9499, StatusMessage="Bad Request", code=0), Verdict.REJECTED, code="9499"),
    # too fast
    case(said(code=11232, msg="frequency limited psm[x]"), Verdict.DEFERRED, Scope.CHANNEL, "11232", 60.0),
    case(said(code=99991400, msg="request trigger frequency limit"), Verdict.DEFERRED, Scope.CHANNEL, "99991400", 60.0),
    case(said(400, code=99991400, msg="限频"), Verdict.DEFERRED, Scope.CHANNEL, "99991400", 60.0),
    case(said(400, code=9499, msg="too many request"), Verdict.DEFERRED, Scope.CHANNEL, "9499", 60.0),
    case(said(429, code=9499, msg="too many request"), Verdict.DEFERRED, Scope.CHANNEL, "9499", 60.0),
    case(said(code=9499, msg="Too many requests"), Verdict.DEFERRED, Scope.CHANNEL, "9499", 60.0),
    # the robot's safety settings
    case(said(code=19021, msg="sign match fail or timestamp is not within one hour"), Verdict.DEFERRED, Scope.CHANNEL, "19021"),
    case(said(code=19022, msg="Ip Not Allowed"), Verdict.DEFERRED, Scope.CHANNEL, "19022"),
    case(said(code=19024, msg="Key Words Not Found"), Verdict.DEFERRED, Scope.CHANNEL, "19024"),
    # the robot itself
    case(said(code=19001, msg="param invalid: incoming webhook access token invalid"), Verdict.DEFERRED, Scope.CHANNEL, "19001"),
    case(said(code=19001, msg="param invalid"), Verdict.DEFERRED, Scope.CHANNEL, "19001"),
    case(said(code=2200, msg="internal error"), Verdict.DEFERRED, code="2200"),
    # what is written
    case(said(code=19002, msg="params error, msg_type need"), Verdict.REJECTED, code="19002"),
    case(said(400, code=9499, msg="Bad Request"), Verdict.REJECTED, code="9499"),
    case(said(StatusCode=9499, StatusMessage="fail to parse content"), Verdict.REJECTED, code="9499"),
    # nobody's
    case(said(code=230099, msg="Failed to create card content"), Verdict.REJECTED, code="230099"),
    case(said(502, code=0, msg="success"), Verdict.DEFERRED, code="0"),
    case(said(code="0", msg="success"), Verdict.UNKNOWN, code="200"),
    case(said(code=False, msg="success"), Verdict.UNKNOWN, code="200"),
    *COMMON_CASES,
)


def judged(answer: Answer) -> Outcome:
    return judge(answer, mask=lambda words: words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_answer_of_feishu_is_known_for_what_it_is(case: Case) -> None:
    outcome = judged(answer_of(case.reply))
    assert outcome.verdict is case.verdict
    assert outcome.scope is case.scope
    assert outcome.code == case.code
    assert outcome.retry_after == case.retry_after


def test_every_row_about_feishu_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    assert idle_rows(TABLE, CASES, judged, monkeypatch) == []


def test_the_providers_own_words_are_kept_in_either_form() -> None:
    assert judged(answer_of(said(code=19024, msg="Key Words Not Found"))).words == "Key Words Not Found"
    assert judged(answer_of(said(StatusCode=9499, StatusMessage="Bad Request"))).words == "Bad Request"
