"""All outcome tables side by side: what holds for each of them, and that none has a row without a case."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from notifications.dingtalk.answers import TABLE as DINGTALK
from notifications.envelope import Scope, Verdict
from notifications.feishu.answers import TABLE as FEISHU
from notifications.http.answers import COMMON, LONGEST_REST, Row
from notifications.mail.answers import TABLE as MAIL
from notifications.mail.answers import Row as MailRow
from notifications.mail.answers import Stage, judge
from notifications.webhook.answers import TABLE as WEBHOOK
from notifications.wecom_app.answers import TABLE as WECOM_APP
from notifications.wecom_app.answers import TOKEN_TABLE
from notifications.wecom_robot.answers import TABLE as WECOM_ROBOT

HTTP = {"dingtalk": DINGTALK, "feishu": FEISHU, "webhook": WEBHOOK, "wecom-app": WECOM_APP, "wecom-robot": WECOM_ROBOT}
EVERY: dict[str, Sequence[Row | MailRow]] = {**HTTP, "wecom-token": TOKEN_TABLE, "mail": MAIL}

MAIL_CASES = [
    (Stage.BODY, 250, "queued as Q42", Verdict.ACCEPTED, Scope.MESSAGE, None),
    (Stage.DATA, 550, "MI:STC 163 smtp4", Verdict.DEFERRED, Scope.CHANNEL, 43_200.0),
    (Stage.SENDER, 550, "User suspended", Verdict.DEFERRED, Scope.CHANNEL, 43_200.0),
    (Stage.SENDER, 451, "MI:DMC 163 smtp4", Verdict.DEFERRED, Scope.CHANNEL, 300.0),
    (Stage.RECIPIENT, 451, "MI:SFQ 163 smtp4", Verdict.DEFERRED, Scope.CHANNEL, 900.0),
    (Stage.RECIPIENT, 451, "DT:SPM 163 smtp4", Verdict.DEFERRED, Scope.MESSAGE, 120.0),
    (Stage.LOGIN, 535, "authentication failed", Verdict.DEFERRED, Scope.CHANNEL, None),
    (Stage.CONNECT, 554, "no service", Verdict.DEFERRED, Scope.CHANNEL, None),
    (Stage.RECIPIENT, 503, "send EHLO first", Verdict.DEFERRED, Scope.CHANNEL, None),
    (Stage.RECIPIENT, 554, "5.7.1 Relay access denied", Verdict.DEFERRED, Scope.CHANNEL, None),
    (Stage.RECIPIENT, 450, "greylisted", Verdict.DEFERRED, Scope.MESSAGE, None),
    (Stage.RECIPIENT, 550, "no such user", Verdict.REJECTED, Scope.PERSON, None),
    (Stage.BODY, 554, "content refused", Verdict.REJECTED, Scope.MESSAGE, None),
    (Stage.DATA, 250, "what?", Verdict.DEFERRED, Scope.MESSAGE, None),
    (Stage.BODY, -1, "", Verdict.UNKNOWN, Scope.MESSAGE, None),
]


def test_the_tables_hold_forty_rows_and_more() -> None:
    own = [row for table in HTTP.values() for row in table if all(row is not common for common in COMMON)]
    assert len(own) + len(COMMON) + len(TOKEN_TABLE) + len(MAIL) >= 40


@pytest.mark.parametrize("name", HTTP)
def test_every_table_over_http_ends_with_what_all_have_in_common(name: str) -> None:
    ending = HTTP[name][-len(COMMON) :]
    assert all(own is common for own, common in zip(ending, COMMON, strict=True))


@pytest.mark.parametrize("name", EVERY)
def test_verdict_and_scope_agree(name: str) -> None:
    for row in EVERY[name]:
        if row.verdict is Verdict.REJECTED:
            assert row.scope is not Scope.CHANNEL  # a channel's fault never ends a message
        elif row.verdict is Verdict.DEFERRED:
            assert row.scope is not Scope.PERSON  # a person who cannot be reached is not tried again
        else:
            assert row.scope is Scope.MESSAGE
        assert row.retry_after is None or (row.verdict is Verdict.DEFERRED and row.retry_after >= 1)


@pytest.mark.parametrize("name", HTTP)
def test_a_yes_takes_both_the_status_and_the_providers_own_word(name: str) -> None:
    accepting = [row for row in HTTP[name] if row.verdict is Verdict.ACCEPTED]
    assert accepting
    assert all(row.status in {"200", "2.."} and row.codes for row in accepting)
    assert all(row.retry_after is None or row.retry_after <= LONGEST_REST for row in HTTP[name])


@pytest.mark.parametrize(("stage", "code", "words", "verdict", "scope", "retry_after"), MAIL_CASES)
def test_each_answer_of_a_mail_server_is_known_for_what_it_is(  # noqa: PLR0917 - a table's columns
    stage: Stage, code: int, words: str, verdict: Verdict, scope: Scope, retry_after: float | None
) -> None:
    outcome = judge(stage, code, words)
    assert (outcome.verdict, outcome.scope, outcome.retry_after) == (verdict, scope, retry_after)


def test_every_row_about_mail_has_a_case() -> None:
    hit = {id(next(row for row in MAIL if row.fits(stage, code, words))) for stage, code, words, *_ in MAIL_CASES}
    assert [row for row in MAIL if id(row) not in hit] == []
