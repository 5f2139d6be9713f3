"""Starts dispatchers that can be killed: imports everything once, then forks one child for each line on stdin.

A line is JSON: url, port, now, spec (a failpoint, may be empty), alone. The answers are the child's pid, and its wait
status when it has ended. A fork costs milliseconds where a new interpreter costs a second.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from typing import Any

from models.store import open_store
from notifications.mail import sender as mail_sender
from notifications.mail.connection import Connection
from planning.windows import parse_windows
from services import failpoints
from services.tick import tick
from tests.services.delivery.town import policy


class Watched(Connection):
    """The two points that lie inside the channel."""

    def log_in(self) -> None:
        super().log_in()
        failpoints.reach("D5")

    def getreply(self) -> tuple[int, bytes]:
        if self.handed > self.answered:
            failpoints.reach("D6")
            self.answered = self.handed
        return super().getreply()

    answered = 0


def send(url: str, port: int, now: str, spec: str, alone: bool) -> None:
    failpoints.arm(spec)
    mail_sender.Connection = Watched
    store = open_store(url)
    channel = mail_sender.MailSender("mail", host="127.0.0.1", port=port, security="none", sender="a@caohui.example")
    at_all_hours = policy(windows=parse_windows(["00:00-24:00"]), destinations=Everybody())
    tick(store, {"mail": channel}, at_all_hours, now=datetime.fromisoformat(now), alone=alone)
    channel.close()
    store.close()


class Everybody(dict[str, Any]):
    """Every person has one address, named after him."""

    def get(self, person: str, default: object = None) -> Any:
        from planning.roster import Destination

        return (Destination("mail", f"{person}@caohui.example"),)


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            _answer(status)
            continue
        child = os.fork()
        if child == 0:
            code = 1
            try:
                send(**order)
                code = 0
            finally:
                os._exit(code)
        _answer(child)


if __name__ == "__main__":
    main()
