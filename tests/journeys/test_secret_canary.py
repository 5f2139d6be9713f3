"""I24: a secret stands in no log, page, export, database, file or error, whatever is typed and whatever a provider echoes."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from config.app import App, open_app
from flows.outside import tell_outside
from models.schema import TABLES
from models.store import Store, open_store
from tests.journeys.canaries import (
    CHANNEL_KEYS,
    MARKED,
    SECRETS,
    Search,
    echo,
    forms,
    in_plain_html,
    let_the_mail_echo,
    write_home,
)
from tests.journeys.office import Office
from tests.notifications import mail_sink
from tests.notifications.providers.server import Provider, serving
from web.app import create_app

NOW = "2026-03-16T09:00+08:00"
PAGES = ("/", "/year", "/list", "/coming", "/log", "/outbox", "/problems", "/health", "/overview", "/o/duty-1:2026", "/t/nothing")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every logger says everything; what somebody may turn up to look for a fault."""
    caplog.set_level(logging.DEBUG)
    for name in ("suishi", "prefect", "httpx", "httpcore", "apprise", "urllib3", "requests", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(logging.INFO, logger="sqlalchemy.engine")
    caplog.set_level(logging.CRITICAL, logger="mail.log")  # the fake server's own, which hears the password
    return caplog


@pytest.fixture
def servers() -> Iterator[tuple[mail_sink.MailSink, Provider]]:
    with ExitStack() as stack:
        sink = stack.enter_context(mail_sink.serving(mail_sink.MailSink(), password=SECRETS["smtp.pw"]))
        yield sink, stack.enter_context(serving(echo))


@pytest.fixture
def marked(tmp_path: Path, capsys: pytest.CaptureFixture[str], servers: tuple[mail_sink.MailSink, Provider]) -> Office:
    sink, provider = servers
    made = Office(tmp_path / "home", capsys)
    write_home(made.home, mail=sink.port, http=provider.port)
    return made


@pytest.mark.long
def test_i24_no_secret_is_said_or_kept_anywhere(
    marked: Office,
    servers: tuple[mail_sink.MailSink, Provider],
    loud: pytest.LogCaptureFixture,
    store_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SUISHI_DATABASE_URL", store_url)
    sink, provider = servers
    search = Search()
    _every_command(marked, search, expect={"check": 0, "plan": 0})
    let_the_mail_echo(sink)
    for answers, when in ((echo, "2026-03-16T10:00"), (in_plain_html, "2026-03-17T09:00"), (echo, "2026-03-19T09:00")):
        provider.answers = answers
        for channel in CHANNEL_KEYS:
            _type(marked, search, "channels", "test", channel, "--to", "reader@caohui.example", "--now", f"{when}+08:00")
        _type(marked, search, "send", "--now", f"{when}+08:00")
    _every_command(marked, search)
    _ping(marked)
    _pages(marked, search)
    search.look("log", loud.text)
    _dump(store_url, search)
    search.look_through(marked.home)
    assert provider.requests
    assert sink.connections
    assert any(form in str(request).encode() for request in provider.requests for form in forms("CANARY-wecom-app-secret-2"))
    assert search.looked_at > 50_000
    assert search.found == []


def _every_command(office: Office, search: Search, *, expect: dict[str, int] | None = None) -> None:
    for words in (
        ("check",),
        ("check", "--json"),
        ("plan",),
        ("channels", "list"),
        ("channels", "list", "--json"),
        ("send",),
        ("list", "--json"),
        ("show", "duty-1:2026"),
        ("outbox",),
        ("outbox", "--json"),
        ("why", "读者1", "2026-03-16"),
        ("log", "--json"),
        ("log", "verify"),
        ("rehearse", "--until", "2026-04-01"),
        ("backup",),
        ("doctor",),
        ("doctor", "--json"),
    ):
        clock = () if words[0] in {"check", "log"} else ("--now", NOW)
        code = _type(office, search, *words, *clock)
        assert expect is None or words[0] not in expect or code == expect[words[0]], words


def _type(office: Office, search: Search, *words: str) -> int:
    answer = office.types(*words)
    assert "程序出错" not in answer.err, answer.err
    search.look(" ".join(words), f"{answer.out}\n{answer.err}")
    return answer.code


def _ping(office: Office) -> None:
    app = _opened(office)
    for _ in range(4):
        tell_outside(app)
    app.close()


def _opened(office: Office) -> App:
    return open_app(office.home, environ=os.environ, clock=lambda: datetime(2026, 3, 19, 2, 0, tzinfo=UTC))


def _pages(office: Office, search: Search) -> None:
    app = _opened(office)

    async def look() -> None:
        transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=app.settings.base_url) as client:
            for path in (
                *PAGES,
                *(f"/outbox/{number}" for number in range(1, 12)),
                *(f"/outbox/T2603-{n:06}" for n in range(1, 12)),
            ):
                answer = await client.get(path)
                search.look(path, f"{answer.headers}\n{answer.text}")

    asyncio.run(look())
    app.close()


def _dump(url: str, search: Search) -> None:
    store: Store = open_store(url)
    with store.read() as db:
        for table in TABLES:
            search.look(
                f"table {table.name}", "\n".join(str(tuple(row)) for row in db.execute(text(f'SELECT * FROM "{table.name}"')))
            )
    store.close()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("${file:secrets/smtp.pw}", "CANARY-smtp-password-1!"),
        ("${file:secrets/robot.key}", "CANARY-wecom-robot-key-3"),
        ("${file:secrets/dingtalk.secret}", "SECCANARY-dingtalk-secret-5"),
        ("${file:secrets/hook.url}", "https://hooks.example/in/CANARY-hook-address-8"),
        ("${file:secrets/push.url}", "json://CANARY-push-user:CANARY-push-password-10@127.0.0.1/x"),
        ("type: webhook", "type: CANARY-hook-secret-9"),
        ("agent_id: 1000002", "agent_id: CANARY-wecom-app-secret-2"),
        ("${file:secrets/feishu.token}", "${env:CANARY-feishu-token-6}"),
    ],
)
def test_i24_a_secret_in_the_wrong_place_is_refused_and_not_repeated(
    marked: Office, loud: pytest.LogCaptureFixture, old: str, new: str
) -> None:
    search = Search()
    marked.edit("channels.yaml", lambda words: words.replace(old, new))
    answer = marked.types("check")
    assert answer.code == 1
    assert "channels.yaml" in answer.err
    search.look("check", answer.out + answer.err)
    for words in (("send", "--now", NOW), ("channels", "list", "--now", NOW)):
        _type(marked, search, *words)
    search.look("log", loud.text)
    (marked.home / "channels.yaml").unlink()
    search.look_through(marked.home)
    assert search.found == []


def test_i24_the_password_of_a_database_that_does_not_answer_is_not_repeated(
    marked: Office, loud: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUISHI_DATABASE_URL", "postgresql+psycopg://suishi:CANARY-ping-key-13@127.0.0.1:9/town")
    search = Search()
    for words in (("send", "--now", NOW), ("doctor", "--quick", "--now", NOW), ("list", "--now", NOW)):
        answer = marked.types(*words)
        assert answer.code in {1, 3}
        search.look(" ".join(words), answer.out + answer.err)
    search.look("log", loud.text)
    search.look_through(marked.home)
    assert search.found == []


def test_the_search_finds_a_secret_in_each_of_its_forms() -> None:
    for secret in MARKED:
        for form in forms(secret):
            search = Search()
            search.look("here", b"before " + form + b" after")
            assert search.found
