"""Any other Apprise address of the allow-list: taken or not is all that Apprise tells, so nothing here is ever verified.

Apprise as it comes would retry blindly, follow redirects, call a failure a success when the address says so, and wait
without end for an answer that drips. None of this is left to it.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Collection
from threading import Thread, get_ident
from typing import Any

from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from notifications.masking import fit, keys_in
from notifications.other.allow_list import refuse_url, schema_of
from notifications.quiet_logs import quiet

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Apprise looks for modules that newer Pythons drop
    import apprise

_Apprise: Any = apprise  # its annotations are incomplete: its objects are taken as they are
_CLOUDS = frozenset({"cloud", "t2bot"})


class OtherChannel:
    """One Apprise address. It names its receivers itself; an envelope's address plays no part, nor do attachments."""

    def __init__(
        self,
        name: str,
        *,
        url: str,
        secrets: Collection[str] = (),
        also_allowed: Collection[str] = (),
        timeout_seconds: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``secrets`` are further words that may be shown nowhere; the address and what looks like its keys never are.

        Raises ValueError with a Chinese sentence when the address is not allowed or not understood.
        """
        self.name = name
        self._url = url.strip()
        self._secrets = (*keys_in(self._url), *secrets)
        quiet(self._secrets)
        self._also_allowed = also_allowed
        self._seconds = timeout_seconds
        self._monotonic = monotonic
        self._late: Thread | None = None  # a hand-over that was given up and may still be going on
        self._service()

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        """Accepted when Apprise saw no fault; unknown when it took so long that the message may have arrived."""
        if self._late is not None and self._late.is_alive():
            return Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="busy", words="上一条消息还没有回音，这一条没有发出。")
        service = self._service()  # a kept one would sleep seconds before each message
        patience = float(service[0].socket_read_timeout)
        if not marker():
            return None
        work = _HandOver(service, envelope)
        began = self._monotonic()
        worker = Thread(target=work.run, daemon=True)
        worker.start()
        worker.join(self._seconds)
        if worker.is_alive():
            self._late = worker
            return Outcome(Verdict.UNKNOWN, code="cut-off", words=f"超过 {self._seconds:g} 秒没有办完，不再等待。")
        if work.taken:
            return Outcome(Verdict.ACCEPTED, code="apprise", words="没有报错；Apprise 不核对对方的回答，未经核实。")
        # Refusals come at once; what took as long as the patience for an answer was sent, and nobody knows.
        verdict = Verdict.UNKNOWN if self._monotonic() - began >= patience else Verdict.DEFERRED
        words = " ".join(work.said) or "Apprise 报告没有送出，没有说明原因。"
        return Outcome(verdict, Scope.MESSAGE, code="apprise", words=fit(words, secrets=self._secrets))

    def close(self) -> None:
        """Nothing is kept open."""

    def _service(self) -> Any:  # noqa: ANN401 - Apprise has no usable types
        """A fresh Apprise object with our one plugin, tamed."""
        fault = refuse_url(self._url, self._also_allowed)
        if fault is not None:
            raise ValueError(fault)
        schema = schema_of(self._url)
        asset = _Apprise.AppriseAsset(http_redirects=False, default_service_retry=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the first look loads all of Apprise's plugins
            plugin = _Apprise.Apprise.instantiate(self._url, asset=asset, suppress_exceptions=True)
        if plugin is None:
            raise ValueError(f"这个 {schema}:// 地址 Apprise 读不懂，或缺少它需要的程序包；请对照 Apprise 的说明改正。")
        if str(getattr(plugin, "mode", "")) in _CLOUDS and schema not in self._also_allowed:
            raise ValueError(f"{schema}:// 地址会发往境外的公共服务，不准使用；请写明自建服务器的主机。")
        plugin.retry, plugin.optional, plugin.redirects, plugin.verify_certificate = 0, False, False, True
        service = _Apprise.Apprise(asset=asset)
        service.add(plugin)
        return service


class _HandOver:
    """One call of Apprise in a thread of its own, and what it said of it there."""

    def __init__(self, service: Any, envelope: Envelope) -> None:  # noqa: ANN401 - Apprise has no usable types
        self._service = service
        self._envelope = envelope
        self.taken = False
        self.said: list[str] = []

    def run(self) -> None:
        reasons = _Reasons(get_ident(), self.said)
        logger = logging.getLogger("apprise")
        logger.addHandler(reasons)
        try:
            said = self._service.notify(
                title=self._envelope.subject, body=self._envelope.text, body_format=_Apprise.NotifyFormat.TEXT
            )
            self.taken = said is True
        except Exception as error:  # noqa: BLE001 - whatever a plugin trips over: not taken
            self.said.append(f"{type(error).__name__}: {error}")
        finally:
            logger.removeHandler(reasons)


class _Reasons(logging.Handler):
    """Collects the warnings of one thread: Apprise gives its reasons nowhere else."""

    def __init__(self, thread: int, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._thread = thread
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._said.append(record.getMessage())
