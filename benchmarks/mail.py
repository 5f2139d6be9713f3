"""The same mails through one local sink: plain smtplib, Apprise, our sender alone, and the whole dispatcher.

python -m benchmarks.mail [--mails 2000] [--at-once 10000]

Apprise sends each mail by its own ``notify``, upstream's plugin as it comes: it is the reference of what the product
would be without its own sender. The dispatcher claims, marks and records every message with durable commits.
"""

from __future__ import annotations

import argparse
import resource
import smtplib
import warnings
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress

from benchmarks.county import fresh_store
from benchmarks.figures import Figure, Stopwatch, show
from benchmarks.smtp_sink import counting
from models.store import Store
from notifications.envelope import Envelope
from notifications.mail.build import build_mail
from notifications.mail.sender import MailSender
from planning.basis import DeliveryPolicy
from planning.roster import Destination
from services.tick import TickOutcome, tick
from tests.services.delivery.town import TZ, Town, policy

MAILS, AT_ONCE = 2_000, 10_000
MORNING = datetime.combine(date(2026, 3, 3), time(8, 45), TZ).astimezone(UTC)
SENDER = "曹回镇法治办 <fazhi@caohui.example>"
_MEGABYTE = 1024  # ru_maxrss counts kibibytes on Linux


@dataclass(frozen=True, slots=True)
class _Race:
    """What each way of sending took for the same number of mails."""

    way: str
    count: int
    watch: Stopwatch

    @property
    def rate(self) -> float:
        return self.count / self.watch.wall

    @property
    def cpu_each(self) -> float:
        return self.watch.cpu / self.count * 1e3

    def __str__(self) -> str:
        return f"{self.way} {self.rate:,.0f}/s, {self.cpu_each:.2f} ms CPU"


def measure(mails: int, at_once: int, console: Console) -> list[Figure]:
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("mails through one sink", total=4 * mails + at_once)
        races: dict[str, _Race] = {}
        envelopes = _envelopes(mails)
        for way, send in (("smtplib", _by_smtplib), ("sender", _by_sender), ("Apprise", _by_apprise)):
            with counting() as sink:
                races[way] = _Race(way, mails, send(envelopes, sink.port))
            _expect(sink.counted, mails)
            progress.advance(bar, mails)
        with counting() as sink, TemporaryDirectory(prefix="suishi-bench-") as folder:
            races["dispatcher"] = _Race("dispatcher", mails, _by_dispatcher(Path(folder), mails, sink.port))
        _expect(sink.counted, mails)
        progress.advance(bar, mails)
        crowd = _crowd(at_once)
    return [*_figures(races), crowd]


def _figures(races: dict[str, _Race]) -> list[Figure]:
    plain, apprise, sender, whole = (races[way] for way in ("smtplib", "Apprise", "sender", "dispatcher"))
    return [
        Figure(
            "hand-over of a mail, rate against plain smtplib (kept connection, same build)",
            f"{sender}; {plain}",
            sender.rate / plain.rate,
            0.8,
            at_least=True,
        ),
        Figure(
            "hand-over of a mail, rate against Apprise", f"{sender}; {apprise}", sender.rate / apprise.rate, 10, at_least=True
        ),
        Figure("dispatcher with durable commits, rate against plain smtplib", f"{whole}; {plain}", whole.rate / plain.rate),
        Figure("dispatcher with durable commits, rate against Apprise", f"{whole}; {apprise}", whole.rate / apprise.rate),
        Figure("dispatcher, CPU of a message against plain smtplib", f"{whole}; {plain}", whole.cpu_each / plain.cpu_each),
        Figure("dispatcher, CPU of a message against Apprise", f"{whole}; {apprise}", whole.cpu_each / apprise.cpu_each),
    ]


def _envelopes(count: int) -> list[Envelope]:
    """Distinct Chinese mails of the usual size, to distinct people."""
    lines = "".join(f"<tr><td>{number}</td><td>第{number}项工作，请按时限办理</td></tr>" for number in range(1, 30))
    return [
        Envelope(
            ref=f"T2603-{number:06d}",
            address=f"p{number}@caohui.example",
            name=f"第{number}人",
            subject=f"【法治建设工作提醒】第{number}件：还剩3个工作日（3月6日截止）",
            text=f"第{number}人同志：以下事项请按时限办理。\n" + "\n".join(f"{line}. 第{line}项工作" for line in range(1, 30)),
            html=f"<p>第{number}人同志：</p><table>{lines}</table>",
            headers={"Message-ID": f"<{number}@caohui.example>", "Auto-Submitted": "auto-generated"},
        )
        for number in range(1, count + 1)
    ]


def _by_smtplib(envelopes: list[Envelope], port: int) -> Stopwatch:
    with Stopwatch() as watch:
        server = smtplib.SMTP("127.0.0.1", port)
        for envelope in envelopes:
            server.sendmail("fazhi@caohui.example", [envelope.address], build_mail(envelope, sender=SENDER))
        server.quit()
    return watch


def _by_sender(envelopes: list[Envelope], port: int) -> Stopwatch:
    sender = MailSender("mail", host="127.0.0.1", port=port, security="none", sender=SENDER)
    with Stopwatch() as watch:
        for envelope in envelopes:
            outcome = sender.hand_over(envelope, marker=lambda: True)
            if outcome is None or outcome.verdict != "accepted":
                raise SystemExit(f"the sink did not take a mail: {outcome}")
        sender.close()
    return watch


def _by_apprise(envelopes: list[Envelope], port: int) -> Stopwatch:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise

        apprise.Apprise().add("mailto://a:b@127.0.0.1")  # the first look loads every plugin: not part of the race
        with Stopwatch() as watch:
            for envelope in envelopes:
                address = f"mailto://127.0.0.1:{port}?from=fazhi@caohui.example&to={envelope.address}&mode=insecure&format=html"
                one = apprise.Apprise()
                one.add(address)
                if not one.notify(title=envelope.subject, body=envelope.html):
                    raise SystemExit("Apprise did not deliver a mail")
    return watch


def _by_dispatcher(folder: Path, count: int, port: int) -> Stopwatch:
    store = fresh_store(folder, "mail.db")
    rules = _fill(store, count)
    with Stopwatch() as watch:
        outcome = _tick(store, rules, port)
    store.close()
    if outcome.sent != count:
        raise SystemExit(f"{outcome.sent} of {count} were sent")
    return watch


def _crowd(count: int) -> Figure:
    """So many reminders due at once, each to a person of his own, in one tick."""
    with TemporaryDirectory(prefix="suishi-bench-") as folder:
        store = fresh_store(Path(folder), "crowd.db")
        rules = _fill(store, count)
        with counting() as sink, Stopwatch() as watch:
            outcome = _tick(store, rules, sink.port)
        store.close()
    _expect(sink.counted, count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE
    lost = count - outcome.sent
    measured = f"{watch.wall:.0f} s, {lost} lost, {sink.counted['copies']} doubled, this process never above {peak:.0f} MB"
    return Figure(f"{count:,} reminders due at once: MB of memory", measured, peak, 200, is_ratio=False)


def _tick(store: Store, rules: DeliveryPolicy, port: int) -> TickOutcome:
    sender = MailSender("mail", host="127.0.0.1", port=port, security="none", sender=SENDER)
    try:
        return tick(store, {"mail": sender}, rules, now=MORNING)
    finally:
        sender.close()


def _fill(store: Store, count: int) -> DeliveryPolicy:
    """One reminder for each of so many people; the limits that would hold a crowd back are lifted."""
    town = Town(store)
    town.fill(count, fire_at=MORNING - timedelta(minutes=1))
    plain = policy(destinations={f"p{n}": (Destination("mail", f"p{n}@caohui.example"),) for n in range(1, count + 1)})
    return replace(plain, rules=replace(plain.rules, catch_up_limit=count))


def _expect(counted: dict[str, int], count: int) -> None:
    if counted["mails"] != count or counted["copies"]:
        raise SystemExit(f"{counted['mails']} mails came, {counted['copies']} of them copies; {count} were wanted")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mails", type=int, default=MAILS)
    asked.add_argument("--at-once", type=int, default=AT_ONCE)
    sizes = asked.parse_args()
    console = Console()
    raise SystemExit(0 if show(measure(sizes.mails, sizes.at_once, console), console) else 1)


if __name__ == "__main__":
    main()
