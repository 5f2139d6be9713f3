from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.envelope import Envelope
from notifications.mail.sender import MailSender
from tests.notifications.mail_sink import MailSink, serving


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our channels use the proxy of the environment on purpose; the tests' servers are on the loopback."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def _running_sink() -> Iterator[MailSink]:
    with serving(MailSink()) as sink:
        yield sink


@pytest.fixture
def sink(_running_sink: MailSink) -> MailSink:
    """A mail server that takes everything unless told otherwise."""
    _running_sink.reset()
    return _running_sink


@pytest.fixture
def sender(sink: MailSink) -> Iterator[MailSender]:
    opened = MailSender(
        "mail",
        host="127.0.0.1",
        port=sink.port,
        security="none",
        sender="曹回镇法治办 <fazhi@caohui.example>",
        timeout_seconds=3,
        recycle_after=3,
    )
    yield opened
    opened.close()


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(
        ref="T2603-000142",
        address="wangmin@caohui.example",
        name="王敏",
        subject="【法治建设工作提醒】党委理论学习中心组法治专题学习：还剩3个工作日（3月6日截止）",
        text="王敏同志：以下事项请按时限办理。\n.一行以点开头\n",
        html="<p>王敏同志：以下事项请按时限办理。</p>",
        headers={
            "Message-ID": "<T2603-000142.abc@caohui.example>",
            "Date": "Tue, 03 Mar 2026 08:45:00 +0800",
            "Auto-Submitted": "auto-generated",
            "References": "<occurrence-7.thread@caohui.example>",
            "In-Reply-To": "<occurrence-7.thread@caohui.example>",
        },
    )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate of our own making for 127.0.0.1 and the providers' hosts: as a CA file, and loaded for a server."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "曹回镇测试")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=365 * 40))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ip_address("127.0.0.1")),
                    *map(x509.DNSName, ("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn")),
                ]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("authority")
    ca_file, key_file = folder / "ca.pem", folder / "key.pem"
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, key_file)
    return ca_file, context
