from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from notifications.envelope import Attachment, Envelope, Outcome, Scope, Verdict
from notifications.other import sender
from notifications.other.sender import OtherChannel
from tests.notifications.providers.server import Provider, Reply, moved, page, refused_port, serving


@pytest.fixture(scope="module")
def _running() -> Iterator[Provider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(_running: Provider) -> Provider:
    _running.reset()
    return _running


def address(provider: Provider, *, more: str = "", patience: float = 3) -> str:
    return f"json://127.0.0.1:{provider.port}/in/1f2e3d4c5b6a?rto={patience}&cto=3{more}"


def hand_over(channel: OtherChannel, envelope: Envelope) -> Outcome:
    outcome = channel.hand_over(envelope, marker=lambda: True)
    assert outcome is not None
    return outcome


def test_what_apprise_reports_as_sent_is_accepted_and_said_to_be_unverified(provider: Provider, envelope: Envelope) -> None:
    outcome = hand_over(OtherChannel("oa", url=address(provider)), envelope)
    assert outcome.verdict is Verdict.ACCEPTED
    assert "未经核实" in outcome.words
    (request,) = provider.requests
    assert request.said["message"] == envelope.text.rstrip()
    assert request.said["title"] == envelope.subject


def test_a_refusal_is_deferred_with_apprises_reason_and_not_tried_again_blindly(provider: Provider, envelope: Envelope) -> None:
    provider.will_say(page(503), page(503))
    outcome = hand_over(OtherChannel("oa", url=address(provider)), envelope)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.MESSAGE, "apprise")
    assert "503" in outcome.words
    assert len(provider.requests) == 1


def test_a_redirect_is_not_followed(provider: Provider, envelope: Envelope) -> None:
    provider.will_say(moved(f"{provider.url}/elsewhere"))
    assert hand_over(OtherChannel("oa", url=address(provider)), envelope).verdict is Verdict.DEFERRED
    assert [request.path for request in provider.requests] == ["/in/1f2e3d4c5b6a"]


def test_a_provider_that_is_not_there_defers(envelope: Envelope) -> None:
    channel = OtherChannel("oa", url=f"json://127.0.0.1:{refused_port()}/in/1f2e3d4c5b6a")
    outcome = hand_over(channel, envelope)
    assert outcome.verdict is Verdict.DEFERRED
    assert "1f2e3d4c5b6a" not in outcome.words


def test_silence_as_long_as_the_patience_leaves_the_outcome_unknown(provider: Provider, envelope: Envelope) -> None:
    provider.will_say(Reply(delay=3))
    assert hand_over(OtherChannel("oa", url=address(provider, patience=0.3)), envelope).verdict is Verdict.UNKNOWN


def test_an_answer_that_drips_is_given_up_and_the_next_message_waits_for_its_end(provider: Provider, envelope: Envelope) -> None:
    provider.will_say(Reply(body=b"x" * 4, drip=0.02))
    channel = OtherChannel("oa", url=address(provider), timeout_seconds=0.2)
    began = time.monotonic()
    assert hand_over(channel, envelope).verdict is Verdict.UNKNOWN
    assert time.monotonic() - began < 1.1
    busy = hand_over(channel, envelope)
    assert (busy.verdict, busy.scope, busy.code) == (Verdict.DEFERRED, Scope.CHANNEL, "busy")
    assert channel._late is not None
    channel._late.join(5)
    assert hand_over(channel, envelope).verdict is Verdict.ACCEPTED
    assert len(provider.requests) == 2


def test_nothing_is_sent_when_the_marker_says_no(provider: Provider, envelope: Envelope) -> None:
    channel = OtherChannel("oa", url=address(provider))
    assert channel.hand_over(envelope, marker=lambda: False) is None
    assert provider.requests == []
    channel.close()


def test_attachments_never_reach_apprise(provider: Provider, envelope: Envelope, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    file = Attachment(str(tmp_path / "secret.txt"), "text/plain", "kept")
    hand_over(OtherChannel("oa", url=address(provider)), replace(envelope, attachments=(file,)))
    assert provider.requests[0].said["attachments"] == []


def test_several_messages_do_not_wait_for_each_other(provider: Provider, envelope: Envelope) -> None:
    """A kept plugin would sleep five and a half seconds between two."""
    channel = OtherChannel("gotify", url=f"gotify://127.0.0.1:{provider.port}/AbCdEfGhIjKlMnO")
    began = time.monotonic()
    for _ in range(3):
        assert hand_over(channel, envelope).verdict is Verdict.ACCEPTED
    assert time.monotonic() - began < 3


def test_an_address_that_may_not_be_used_opens_no_channel(provider: Provider) -> None:
    with pytest.raises(ValueError, match="PushPlus"):
        OtherChannel("oa", url="wecom://abcdefghijklmnop")
    with pytest.raises(ValueError, match="retry"):
        OtherChannel("oa", url=address(provider, more="&retry=3"))
    with pytest.raises(ValueError, match="读不懂"):
        OtherChannel("oa", url="gotify://")


def test_what_the_admin_names_is_opened() -> None:
    channel = OtherChannel("oa", url="tgram://123456789:abcdefg_hijklmnop/12315544/", also_allowed={"tgram"})
    assert channel.name == "oa"


def test_an_address_that_apprise_takes_for_a_public_cloud_opens_no_channel() -> None:
    with pytest.raises(ValueError, match="境外"):
        OtherChannel("oa", url="ntfys://my_topic/other")
    with pytest.raises(ValueError, match="境外"):
        OtherChannel("oa", url="matrixs://abcdefghijklmnop")
    with pytest.raises(ValueError, match="境外"):
        OtherChannel("oa", url="ntfys://push..example.cn/fazhi")  # looks like a host to us, and to Apprise like a topic


def test_an_address_that_slips_through_is_tamed_all_the_same(
    provider: Provider, envelope: Envelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "refuse_url", lambda *_: None)
    provider.will_say(page(503), page(503), page(503))
    channel = OtherChannel("oa", url=address(provider, more="&retry=2&optional=yes&redirect=yes&verify=no"))
    assert hand_over(channel, envelope).verdict is Verdict.DEFERRED
    assert len(provider.requests) == 1
    assert channel._service()[0].verify_certificate is True
