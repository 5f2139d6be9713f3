from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifications.envelope import Attachment, Envelope, Outcome, Scope, Verdict
from notifications.http.poster import Answer
from notifications.webhook.answers import TABLE, judge
from notifications.webhook.build import build_body, build_headers
from notifications.webhook.sender import Webhook, refuse_url
from tests.notifications.providers.cases import Case
from tests.notifications.providers.rows import OUT_OF_THE_HOUSE, answer_of, case, idle_rows
from tests.notifications.providers.server import Provider, Reply, said, serving
from tests.notifications.providers.webhook import FakeReceiver

NOW = 1_772_500_000.0
SECRET = "webhook-secret-1234"


@pytest.fixture
def fake() -> FakeReceiver:
    return FakeReceiver(secret=SECRET, now=NOW)


@pytest.fixture
def provider(fake: FakeReceiver) -> Iterator[Provider]:
    with serving(fake) as running:
        yield running


def opened(
    provider: Provider, *, secret: str = SECRET, now: float = NOW, accepted_when: tuple[str, str] | None = ("result", "ok")
) -> Webhook:
    url = f"{provider.url}/in/1f2e3d4c5b6a?key=topsecretkey"
    return Webhook("oa", url=url, secret=secret, timeout_seconds=3, accepted_when=accepted_when, wall=lambda: now)


def hand_over(webhook: Webhook, envelope: Envelope) -> Outcome:
    outcome = webhook.hand_over(envelope, marker=lambda: True)
    webhook.close()
    assert outcome is not None
    return outcome


def test_a_message_arrives_whole_signed_and_with_its_key(provider: Provider, fake: FakeReceiver, envelope: Envelope) -> None:
    file = Attachment("办理项.ics", "text/calendar", "BEGIN:VCALENDAR", {"method": "PUBLISH"})
    outcome = hand_over(opened(provider), replace(envelope, attachments=(file,)))
    assert (outcome.verdict, outcome.code, outcome.provider_id) == (Verdict.ACCEPTED, "200", "R-T2603-000142")
    assert fake.taken["T2603-000142"] == {
        "version": 1,
        "ref": "T2603-000142",
        "to": {"address": "wangmin@caohui.example", "name": "王敏"},
        "subject": envelope.subject,
        "text": envelope.text,
        "html": envelope.html,
        "attachments": [
            {
                "name": "办理项.ics",
                "media_type": "text/calendar",
                "parameters": {"method": "PUBLISH"},
                "text": "BEGIN:VCALENDAR",
            }
        ],
    }


def test_a_second_copy_has_the_same_bytes_and_key_and_is_taken_once(
    provider: Provider, fake: FakeReceiver, envelope: Envelope
) -> None:
    hand_over(opened(provider), envelope)
    hand_over(opened(provider, now=NOW + 30), envelope)
    first, second = provider.requests
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == envelope.ref
    assert first.headers["x-suishi-signature"] != second.headers["x-suishi-signature"]
    assert len(fake.taken) == 1


def test_the_signature_is_the_described_one(envelope: Envelope) -> None:
    body = build_body(envelope)
    headers = build_headers(envelope, body, secret="s3cret", timestamp=42)
    drawn = hmac.new(b"s3cret", b"42." + body, hashlib.sha256).hexdigest()
    assert headers["X-Suishi-Signature"] == f"t=42,v1={drawn}"
    assert "X-Suishi-Signature" not in build_headers(envelope, body, secret="", timestamp=42)
    assert json.loads(body)["text"] == envelope.text


def test_a_receiver_that_does_not_trust_us_is_a_fault_of_the_channel(
    provider: Provider, fake: FakeReceiver, envelope: Envelope
) -> None:
    for webhook in (opened(provider, secret="another"), opened(provider, now=NOW - 600)):
        outcome = hand_over(webhook, envelope)
        assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "401")
        assert outcome.words == "signature does not match"
    assert fake.taken == {}


def test_an_address_that_is_not_of_the_web_is_refused() -> None:
    for url in ("file:///etc/passwd", "ftp://oa.example/x", "oa.example/notice", "", "http://", "http://[::1", "http://a:b/"):
        assert refuse_url(url) is not None
        with pytest.raises(ValueError, match="http"):
            Webhook("oa", url=url)
    assert refuse_url("http://10.0.0.5:8080/notice") is None
    assert refuse_url("HTTPS://oa.example.cn/notice") is None


VERIFIED = (
    case(Reply(body=b'{"result":"ok"}'), Verdict.ACCEPTED, code="200"),
    case(Reply(201, body=b'{"result":"ok"}'), Verdict.ACCEPTED, code="201"),
    case(Reply(body=b'{"result":"error"}'), Verdict.REJECTED, code="200"),
    case(Reply(body=b'{"result":true}'), Verdict.REJECTED, code="200"),
    case(Reply(body=b"{}"), Verdict.UNKNOWN, code="200"),
    case(Reply(204), Verdict.UNKNOWN, code="204"),
    case(Reply(body=b"ok"), Verdict.UNKNOWN, code="200"),
    case(Reply(500, body=b'{"result":"ok"}'), Verdict.DEFERRED, code="500"),
    case(said(415), Verdict.DEFERRED, Scope.CHANNEL, "415"),
    case(said(409, message="in progress"), Verdict.DEFERRED, code="409"),
    case(said(422, error="ref is required"), Verdict.REJECTED, code="422"),
    *OUT_OF_THE_HOUSE,
)
UNVERIFIED = (
    case(Reply(204), Verdict.ACCEPTED, code="204"),
    case(Reply(body=b"ok"), Verdict.ACCEPTED, code="200"),
    case(said(errcode=1), Verdict.ACCEPTED, code="200"),  # nobody told us what its answers mean
    case(Reply(body=b"  <!doctype html>"), Verdict.UNKNOWN, code="200"),
    case(said(422), Verdict.REJECTED, code="422"),
    *OUT_OF_THE_HOUSE,
)
CASES = [*((one, ("result", "ok")) for one in VERIFIED), *((one, None) for one in UNVERIFIED)]


@pytest.mark.parametrize(("case", "accepted_when"), CASES)
def test_each_answer_of_a_receiver_is_known_for_what_it_is(case: Case, accepted_when: tuple[str, str] | None) -> None:
    outcome = judge(answer_of(case.reply), accepted_when=accepted_when, mask=lambda words: words)
    assert outcome.verdict is case.verdict
    assert outcome.scope is case.scope
    assert outcome.code == case.code
    assert outcome.retry_after == case.retry_after


def test_every_row_about_a_receiver_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(answer: Answer) -> Outcome:
        return judge(answer, accepted_when=("result", "ok"), mask=lambda words: words)

    without = idle_rows(TABLE, VERIFIED, judged, monkeypatch)
    # A receiver has no codes of its own but yes, no and stranger; these two rows are the other providers'.
    assert [(row.codes, row.status) for row in without] == [(r"-?[1-9]\d*", ""), ("", "")]


@pytest.mark.parametrize(
    ("value", "written"), [(b"true", "true"), (b"0", "0"), (b'"ok"', "ok"), (b"null", "None"), (b"false", "false")]
)
def test_the_value_that_means_yes_is_written_as_in_yaml(value: bytes, written: str) -> None:
    reply = Reply(body=b'{"code":' + value + b"}")
    outcome = judge(answer_of(reply), accepted_when=("code", written), mask=lambda words: words)
    assert outcome.verdict is Verdict.ACCEPTED


def test_the_key_in_the_address_shows_in_no_words(provider: Provider, envelope: Envelope) -> None:
    provider.will_say(said(500, message=f"cannot serve {provider.url}/in/1f2e3d4c5b6a?key=topsecretkey"))
    outcome = hand_over(opened(provider), envelope)
    assert "1f2e3d4c5b6a" not in outcome.words
    assert "topsecretkey" not in outcome.words
    provider.will_say(said(500, message="no such hook 1f2e3d4c5b6a, key topsecretkey, secret webhook-secret-1234"))
    words = hand_over(opened(provider), envelope).words
    assert words == "no such hook ***, key ***, secret ***"
