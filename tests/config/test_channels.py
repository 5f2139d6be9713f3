from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from config.channels import Channels, MailConfig, OutboxConfig, read_channels
from config.mail_address import is_mail_address
from config.secret import Secret

if TYPE_CHECKING:
    from tests.config.conftest import Home


MAIL = "channels:\n  mail:\n    type: mail\n    host: {host}\n    sender: 法治办 <fazhi@caohui.example>\n{more}"


def channels_of(home: Home, more: str = "", host: str = "smtp.caohui.example", **environ: str) -> Channels:
    home.write("channels.yaml", MAIL.format(host=host, more=more))
    return read_channels(home.folder, environ)


def test_a_mail_channel_and_the_outbox_are_read(home: Home) -> None:
    channels = read_channels(home.folder, {})

    assert channels.problems == ()
    assert channels.declared == {"mail": "mail", "outbox": "outbox"}
    mail = channels.configs["mail"]
    assert isinstance(mail, MailConfig)
    assert (mail.host, mail.port, mail.security) == ("smtp.caohui.example", 465, "tls")
    assert mail.password.reveal() == "canary-Passw0rd"
    assert channels.configs["outbox"] == OutboxConfig("outbox")


def test_a_secret_never_shows_itself(home: Home) -> None:
    channels = read_channels(home.folder, {})

    for shown in (repr(channels), str(channels.configs["mail"]), f"{channels.configs['mail'].password:>10}"):
        assert "canary" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(Secret("canary"))


def test_a_secret_may_come_from_the_environment(home: Home) -> None:
    channels = channels_of(home, "    password: ${env:SMTP_PASSWORD}\n", SMTP_PASSWORD="canary-from-env")

    assert channels.problems == ()
    assert channels.configs["mail"].password.reveal() == "canary-from-env"


def test_a_password_in_the_file_leaves_the_channel_out_and_is_not_repeated(home: Home) -> None:
    channels = channels_of(home, "    password: canary-literal\n")

    assert [(problem.code.value, problem.line) for problem in channels.problems] == [("CHN001", 6)]
    assert "canary" not in str(channels.problems)
    assert channels.configs == {}
    assert channels.declared == {"mail": "mail"}


def test_a_secret_that_others_can_read_is_a_warning(home: Home) -> None:
    (home.folder / "secrets/smtp.pw").chmod(0o644)

    channels = read_channels(home.folder, {})

    assert [(problem.code.value, problem.severity) for problem in channels.problems] == [("CHN003", "warning")]
    assert "mail" in channels.configs


@pytest.mark.parametrize("content", [b"", b"\n\n", b"two\nlines\n", b"\xff\xfe", b"x" * 70_000])
def test_a_secret_file_that_holds_no_single_line_is_refused(home: Home, content: bytes) -> None:
    home.write("secrets/smtp.pw", content)

    channels = read_channels(home.folder, {})

    assert [problem.code.value for problem in channels.problems] == ["CHN002"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.53", '"::1"'])
def test_an_unencrypted_connection_may_stay_on_this_machine(home: Home, host: str) -> None:
    channels = channels_of(home, "    security: none\n    port: 1025\n", host=host)

    assert channels.problems == ()


@pytest.mark.parametrize("host", ["smtp.caohui.example", "127.0.0.1.caohui.example", "10.0.0.1"])
def test_an_unencrypted_connection_elsewhere_must_be_asked_for(home: Home, host: str) -> None:
    refused = channels_of(home, "    security: none\n", host=host)
    allowed = channels_of(home, "    security: none\n    allow_plain: true\n", host=host)

    assert [problem.code.value for problem in refused.problems] == ["CHN004"]
    assert allowed.problems == ()


def test_the_usual_port_follows_the_security(home: Home) -> None:
    assert channels_of(home, "    security: starttls\n").configs["mail"].port == 587


@pytest.mark.parametrize("good", ["a@b", "chenxia@caohui.example", "a.b+c@x-y.cn", "a@中国移动.中国"])
def test_mail_addresses_that_are_taken(good: str) -> None:
    assert is_mail_address(good)


@pytest.mark.parametrize(
    "bad", ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b..c", ".a@b", "a.@b", "a@-b", "陈@b", "a＠b", "a@b\r\nBcc: c@d", "a@b;c@d"]
)
def test_mail_addresses_that_are_refused(bad: str) -> None:
    assert not is_mail_address(bad)
