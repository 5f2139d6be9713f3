"""A home in which every place that can hold a secret holds a marked one, and providers that say aloud whatever they are told."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.notifications.mail_sink import MailSink
from tests.notifications.providers.server import Reply, Request, said

APP_KEY = "c0ffee5ec2e7" * 5 + "abcd"
SECRETS: Mapping[str, str] = {
    "smtp.pw": "CANARY-smtp-password-1!",
    "wecom.secret": "CANARY-wecom-app-secret-2",
    "robot.key": "CANARY-wecom-robot-key-3",
    "dingtalk.token": "CANARY-dingtalk-token-4",
    "dingtalk.secret": "SECCANARY-dingtalk-secret-5",
    "feishu.token": "CANARY-feishu-token-6",
    "feishu.secret": "CANARY-feishu-secret-7",
    "hook.url": "http://127.0.0.1:{port}/in/CANARY-hook-address-8",
    "hook.secret": "CANARY-hook-secret-9",
    "push.url": "json://CANARY-push-user:CANARY-push-password-10@127.0.0.1:{port}/CANARY-push-path-11",
    "ping.url": "http://127.0.0.1:{port}/ping/CANARY-ping-address-12?key=CANARY-ping-key-13",
    "app.key": APP_KEY,
}
MARKED = (
    *(value for name, value in SECRETS.items() if "://" not in value),
    "CANARY-hook-address-8",
    "CANARY-push-user",
    "CANARY-push-password-10",
    "CANARY-push-path-11",
    "CANARY-ping-address-12",
    "CANARY-ping-key-13",
)
CHANNEL_KEYS = ("mail", "wecom", "wecom-group", "dingtalk-group", "feishu-group", "hook", "push")

CHANNELS = """\
channels:
  outbox: {{type: outbox}}
  mail:
    type: mail
    host: 127.0.0.1
    port: {mail}
    security: none
    user: fazhi@caohui.example
    password: ${{file:secrets/smtp.pw}}
    sender: 法治办 <fazhi@caohui.example>
  wecom:
    type: wecom-app
    corp_id: ww1234567890abcdef
    agent_id: 1000002
    secret: ${{file:secrets/wecom.secret}}
    base_url: http://127.0.0.1:{http}
  wecom-group:
    type: wecom-robot
    group: 工作群
    key: ${{file:secrets/robot.key}}
    base_url: http://127.0.0.1:{http}
  dingtalk-group:
    type: dingtalk
    group: 工作群
    token: ${{file:secrets/dingtalk.token}}
    secret: ${{file:secrets/dingtalk.secret}}
    base_url: http://127.0.0.1:{http}
  feishu-group:
    type: feishu
    group: 工作群
    token: ${{file:secrets/feishu.token}}
    secret: ${{file:secrets/feishu.secret}}
    base_url: http://127.0.0.1:{http}
  hook:
    type: webhook
    url: ${{file:secrets/hook.url}}
    secret: ${{file:secrets/hook.secret}}
    accepted_when: {{field: result, value: ok}}
  push:
    type: apprise
    url: ${{file:secrets/push.url}}
"""

SETTINGS = """\
office: 某某镇人民政府
title: 法治工作提醒
admin: reader-mail
silent_before: 2026-03-01
mail_domain: caohui.example
ping_url: ${file:secrets/ping.url}
"""

_ADDRESSES = {"mail": "reader@caohui.example", "wecom": "reader", "hook": "reader", "push": "reader"}


def write_home(home: Path, *, mail: int, http: int) -> None:
    """One person and one duty for each channel, all due on 20 March."""
    (home / "secrets").mkdir(parents=True, mode=0o700)
    (home / "calendar").mkdir()
    for name, value in SECRETS.items():
        path = home / "secrets" / name
        path.write_text(value.format(port=http) + "\n", encoding="utf-8")
        path.chmod(0o600)
    (home / "channels.yaml").write_text(CHANNELS.format(mail=mail, http=http), encoding="utf-8")
    (home / "suishi.yaml").write_text(SETTINGS, encoding="utf-8")
    people, duties = [], []
    for number, channel in enumerate(CHANNEL_KEYS, start=1):
        address = f", address: {_ADDRESSES[channel]}" if channel in _ADDRESSES else ""
        people.append(
            f"  - key: reader-{channel}\n    name: 读者{number}\n"
            f"    posts: [{{unit: zhen, title: 干部{number}, roles: [岗位{number}]}}]\n"
            f"    destinations: [{{channel: {channel}{address}}}]\n"
        )
        duties.append(
            f"  - key: duty-{number}\n    kind: routine\n    title: 第{number}件\n"
            f"    owner: role:岗位{number}\n    rule: {{before: 03-20}}\n"
        )
    units = "units:\n  - {key: zhen, name: 某某镇, kind: town, head: reader-mail}\n"
    (home / "people.yaml").write_text(f"{units}people:\n{''.join(people)}", encoding="utf-8")
    (home / "calendar" / "10.yaml").write_text(f"duties:\n{''.join(duties)}", encoding="utf-8")


def echo(request: Request) -> Reply:
    """A refusal that repeats every word of what came, as some providers and most proxies do."""
    words = f"no: {request.path}?{request.query} {request.headers} {request.body.decode('utf-8', 'replace')}"
    return said(errcode=93000, code=19001, errmsg=words, msg=words, result="no", message=words)


def in_plain_html(request: Request) -> Reply:
    """The same as a page of an angry proxy."""
    return Reply(502, {"Content-Type": "text/html"}, f"<html>{request.path} {request.query} {request.headers}</html>".encode())


def let_the_mail_echo(sink: MailSink) -> None:
    words = f"550 5.7.1 no such account: password {SECRETS['smtp.pw']} " + base64.b64encode(SECRETS["smtp.pw"].encode()).decode()
    sink.answers["MAIL"] = [words] * 50


def forms(secret: str) -> Iterator[bytes]:
    """The secret as it may have been written: plainly, as an address has it, in base64 at any place of three."""
    raw = secret.encode()
    yield from {raw, quote(secret, safe="").encode(), quote_plus(secret).encode()}
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        core = whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]
        yield from {core, core.replace(b"+", b"-").replace(b"/", b"_")}


@dataclass
class Search:
    """Everything that was said and written, and where a secret stands in it."""

    found: list[str] = field(default_factory=list)
    looked_at: int = 0

    def look(self, where: str, content: str | bytes) -> None:
        content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self.looked_at += len(content)
        for secret in MARKED:
            if any(form in content for form in forms(secret)):
                self.found.append(f"{secret} in {where}")

    def look_through(self, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.parent.name != "secrets":
                self.look(str(path.relative_to(folder)), path.read_bytes())
