"""What still stands between a home's files and colleagues who rely on them.

Samples that came with the pack, an address that opens on no phone, a channel that only writes files: nothing of it is
wrong in itself, so that all are warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from config.channels import FILE as CHANNELS_FILE
from config.channels import only_writes
from config.office import Office
from config.people import FILE as PEOPLE_FILE
from config.problems import Code, Problem, in_order
from config.settings import FILE as SETTINGS_FILE
from planning.roster import Person
from planning.rules import AfterEvent, BeforeExpiry

SAMPLE = "样例"
"""The names of the packs' made-up events begin with it."""

MADE_UP = ".example"
"""The end of made-up domains: reserved for samples, nobody can have a mailbox there (RFC 2606)."""


def unready(office: Office) -> tuple[Problem, ...]:
    """Warnings, in the order of files and lines. Reads the files again for the lines; one that has gone is passed over."""
    found = (*_nobody_receives(office), *_dead_links(office), *_sample_people(office), *_sample_events(office))
    return in_order(found)


def _nobody_receives(office: Office) -> Iterator[Problem]:
    if only_writes(office.channels.values()):
        line = _line_of(office.home / CHANNELS_FILE, f"{next(iter(office.channels))}:")
        message = "现在只有发件箱渠道，消息只写成文件，没有人会收到"
        yield _warning(
            Code.NOBODY_RECEIVES, CHANNELS_FILE, line, message, "照文件里的说明写上邮件或其他渠道，再给每个人加上那里的地址"
        )


def _dead_links(office: Office) -> Iterator[Problem]:
    """Before anybody is told anything it is the right address for a look at the pages."""
    settings = office.settings
    really_sends = bool(office.channels) and not only_writes(office.channels.values())
    if (settings.production or really_sends) and _is_this_machine(settings.base_url):
        line = _line_of(office.home / SETTINGS_FILE, "base_url:")
        message = f"base_url 是 {settings.base_url}，只有服务器自己打得开，消息里的链接在同事的手机和电脑上都是死的"
        hint = "改成同事能打开的内网地址，如 http://10.1.2.3:8600，并把 listen 改成 0.0.0.0:8600"
        yield _warning(Code.DEAD_LINKS, SETTINGS_FILE, line, message, hint)


def _sample_people(office: Office) -> Iterator[Problem]:
    """One sentence for all of them: thirty would hide the rest."""
    made_up = [person for person in office.roster.people.values() if _is_made_up(person)]
    if not made_up:
        return
    named = "、".join(person.name for person in made_up[:3]) + (
        f" 等 {len(made_up)} 人" if len(made_up) > len(made_up[:3]) else ""
    )
    line = _line_of(office.home / PEOPLE_FILE, made_up[0].destinations[0].address)
    message = f"{named}的地址是样例（以 {MADE_UP} 结尾），收不到消息"
    yield _warning(Code.SAMPLE_PEOPLE, PEOPLE_FILE, line, message, "换成本单位的人和他们的地址，没有的人删去")


def _sample_events(office: Office) -> Iterator[Problem]:
    for duty in office.calendar.duties:
        rule = duty.rule
        dates = rule.events if isinstance(rule, AfterEvent) else rule.expiries if isinstance(rule, BeforeExpiry) else ()
        names = [name for name, _ in dates if name.startswith(SAMPLE)]
        if names:
            file, _, from_line = duty.source.rpartition(":")
            line = _line_of(office.home / file, names[0], after=int(from_line))
            message = f"事项 {duty.key}（{duty.title}）里还有样例：{'、'.join(names)}，会照它提醒真的人"
            yield _warning(Code.SAMPLE_EVENTS, file, line, message, "删去这几项；真的一项也没有时，写 {}")


def _is_made_up(person: Person) -> bool:
    return bool(person.destinations) and all(_domain_is_made_up(one.address) for one in person.destinations)


def _domain_is_made_up(address: str) -> bool:
    return address.lower().rstrip(">").endswith(MADE_UP)


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _warning(code: Code, file: str, line: int | None, message: str, hint: str) -> Problem:
    return Problem(code, file, line, message, hint, "warning")


def _line_of(path: Path, words: str, *, after: int = 1) -> int | None:
    """The first line from ``after`` on in which the words stand before any comment."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return next((n for n, line in enumerate(lines, 1) if n >= after and words in line.partition("#")[0]), None)
