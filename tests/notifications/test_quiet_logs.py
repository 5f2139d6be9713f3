"""Nothing that opens a channel's door stands in a log, however loud somebody turns it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import apprise
import httpx
import pytest
import requests

from notifications.envelope import Channel, Envelope
from notifications.quiet_logs import LIBRARIES, quiet
from notifications.registry import open_dingtalk, open_feishu, open_mail, open_other, open_webhook
from tests.notifications.providers.server import Provider, Reply, moved, page, refused_port, serving

TOKEN = "t0k3n-0a1b2c3d4e5f6071"
SECRET = "s3cr3t-9f8e7d6c5b4a3021"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The levels as they were: what is lifted here would be lifted for every other test."""
    levels = {name: logging.getLogger(name).level for name in LIBRARIES}
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(scope="module")
def _running() -> Iterator[Provider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(_running: Provider) -> Provider:
    _running.reset()
    return _running


OPENERS: dict[str, Callable[[str], Channel]] = {
    "dingtalk": lambda url: open_dingtalk("c", token=TOKEN, secret=SECRET, base_url=url, timeout_seconds=0.5),
    "feishu": lambda url: open_feishu("c", token=TOKEN, secret=SECRET, base_url=url, timeout_seconds=0.5),
    "webhook": lambda url: open_webhook("c", url=f"{url}/in/{TOKEN}?key={SECRET}", secret=SECRET, timeout_seconds=0.5),
    "other": lambda url: open_other("c", url=f"json{url[4:].replace('://', f'://me:{SECRET}@')}/in/{TOKEN}?rto=0.4"),
}


def turned_up(caplog: pytest.LogCaptureFixture) -> None:
    """Somebody looks for a fault and turns everything up, after the channels were opened."""
    caplog.set_level(logging.DEBUG)
    for name in LIBRARIES:
        caplog.set_level(logging.DEBUG, logger=name)


@pytest.mark.parametrize("name", list(OPENERS))
def test_no_secret_and_no_message_stands_in_a_log_or_an_outcome(
    name: str, provider: Provider, envelope: Envelope, caplog: pytest.LogCaptureFixture
) -> None:
    channel = OPENERS[name](provider.url)
    turned_up(caplog)
    echo = f"refused: {TOKEN} {SECRET} {provider.url}/robot/send?access_token={TOKEN}".encode()
    provider.will_say(Reply(), page(500), Reply(403, body=echo), moved(f"/robot/send?access_token={TOKEN}"), Reply(drop="after"))
    said = [channel.hand_over(envelope, marker=lambda: True) for _ in range(5)]
    channel.close()
    nowhere = OPENERS[name](f"http://127.0.0.1:{refused_port()}")
    said.append(nowhere.hand_over(envelope, marker=lambda: True))
    nowhere.close()
    assert len(provider.requests) == 5
    for secret in (TOKEN, SECRET):
        assert secret not in caplog.text
        assert secret not in repr(said)
    for words in ("王敏", "中心组", envelope.address, envelope.ref):
        assert words not in caplog.text
    for record in caplog.records:
        assert TOKEN not in repr(record.__dict__)
        assert SECRET not in repr(record.__dict__)


@pytest.mark.parametrize("name", ["dingtalk", "feishu", "webhook"])
def test_our_own_channels_log_nothing_at_all(
    name: str, provider: Provider, envelope: Envelope, caplog: pytest.LogCaptureFixture
) -> None:
    channel = OPENERS[name](provider.url)
    caplog.set_level(logging.DEBUG)
    channel.hand_over(envelope, marker=lambda: True)
    channel.close()
    assert caplog.records == []


@pytest.mark.parametrize("name", [*OPENERS, "mail"])
def test_opening_a_channel_quiets_the_libraries(name: str, provider: Provider) -> None:
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.NOTSET)
    OPENERS.get(name, lambda _: open_mail("m", host="127.0.0.1", sender="a@oa.example"))(provider.url).close()
    for library in LIBRARIES:
        assert logging.getLogger(library).level == logging.WARNING


def test_what_others_send_through_the_same_libraries_is_masked_too(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    quiet()
    turned_up(caplog)
    provider.will_say(Reply(), Reply())
    requests.post(f"{provider.url}/robot/send?access_token={TOKEN}&sign={SECRET}", data=b"", timeout=3)
    httpx.post(f"{provider.url}/open-apis/bot/v2/hook/{TOKEN}", trust_env=False)
    assert caplog.records == []


def test_an_exception_that_carries_an_address_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    quiet([SECRET])
    turned_up(caplog)
    try:
        requests.get(f"http://127.0.0.1:{refused_port()}/cgi-bin/gettoken?corpid=x&corpsecret={TOKEN}", timeout=1)
    except requests.RequestException:
        logging.getLogger("urllib3.connectionpool").exception("failed with %s", SECRET)
    assert "gettoken" in caplog.text
    assert "ConnectionError" in caplog.text
    assert TOKEN not in caplog.text
    assert SECRET not in caplog.text


def test_a_bad_apprise_address_is_not_echoed(caplog: pytest.LogCaptureFixture) -> None:
    quiet()
    turned_up(caplog)
    apprise.Apprise().add(f"slack://{TOKEN}?secret={SECRET}")
    assert TOKEN not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ('POST /cgi-bin/webhook/send?key=abc HTTP/1.1" 200', 'POST /cgi-bin/webhook/send?key=*** HTTP/1.1" 200'),
        ("x?access_token=abc&timestamp=1&sign=a%2Fb%3D", "x?access_token=***&timestamp=1&sign=***"),
        ("/open-apis/bot/v2/hook/5f1d-2e3c done", "/open-apis/bot/v2/hook/*** done"),
        ("POST https://oapi.dingtalk.com/robot/send?access_token=abc", "POST https://oapi.dingtalk.com/***"),
        ("loaded tgram://12345:abc/67", "loaded tgram://***"),
        ("https://me:pw@oa.example/x", "https://***@oa.example/***"),
        ("{'corpsecret': 'abc', 'n': 1}", "{'corpsecret': '***', 'n': 1}"),
        ("monkey=banana, 4 keys", "monkey=banana, 4 keys"),
    ],
)
def test_addresses_lose_their_keys_and_stay_readable(said: str, masked: str, caplog: pytest.LogCaptureFixture) -> None:
    quiet()
    logging.getLogger("apprise").warning(said)
    assert caplog.messages == [masked]


def test_filters_are_not_added_twice(tmp_path: Path) -> None:
    quiet()
    before = len(logging.getLogger("urllib3.connectionpool").filters)
    quiet()
    assert len(logging.getLogger("urllib3.connectionpool").filters) == before
