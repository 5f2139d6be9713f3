"""A calendar followed by programs that people really use: vdirsyncer fetches it, khal shows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from models.store import Store
from planning.rules import FixedDay
from planning.workdays import Workdays, builtin_years
from reports.feed import MEDIA_TYPE
from tests.readers import Khal, Vdirsyncer
from tests.reports.planned_town import PlannedTown, found_town


@pytest.fixture
def town(store: Store) -> PlannedTown:
    made = found_town(store, Workdays(builtin_years()))
    made.plan(
        made.duty(),
        made.duty("check", FixedDay(3, 31), title="行政检查计划报备"),
        made.duty("theme", FixedDay(4, 8), title="一月一主题：消费者权益保护, 讲座; 第\\1场"),
    )
    return made.at(3, 9)


@contextmanager
def served(town: PlannedTown) -> Iterator[str]:
    """The address at which the calendar of 王敏 lies, as it is at the moment of asking."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed = town.feed()
            body = feed.text.encode()
            self.send_response(200)
            for name, value in (("Content-Type", MEDIA_TYPE), ("ETag", feed.etag), ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """The test's output is for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/calendar.ics"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.readers
def test_a_calendar_program_follows_a_move_and_a_withdrawal_without_doubles(town: PlannedTown, tmp_path: Path) -> None:
    khal = Khal(tmp_path)
    march, theme = date(2026, 3, 1), "一月一主题：消费者权益保护, 讲座; 第\\1场"
    with served(town) as url:
        client = Vdirsyncer(khal, url)
        client.follow()
        assert khal.shows(march, 60) == [
            "2026-03-30 17:00-17:30 专题学法截止 CONFIRMED",
            "2026-03-31 17:00-17:30 行政检查计划报备截止 CONFIRMED",
            f"2026-04-08 17:00-17:30 {theme}截止 CONFIRMED",
        ]
        client.follow()
        town.at(3, 10).extend("study-law:2026", date(2026, 4, 9))
        town.waive("check:2026")
        client.follow()
        assert khal.shows(march, 60) == [
            "2026-03-31 17:00-17:30 行政检查计划报备（已取消） CANCELLED",
            f"2026-04-08 17:00-17:30 {theme}截止 CONFIRMED",
            "2026-04-09 17:00-17:30 专题学法截止 CONFIRMED",
        ]
        town.at(3, 11).done("theme:2026")
        client.follow()
        assert khal.shows(march, 60)[1] == f"2026-04-08 17:00-17:30 {theme}（已办结） CONFIRMED"


@pytest.mark.readers
def test_what_has_left_the_calendar_leaves_the_reader_too(town: PlannedTown, tmp_path: Path) -> None:
    khal = Khal(tmp_path)
    with served(town) as url:
        client = Vdirsyncer(khal, url)
        client.follow()
        town.at(1, 6).waive("check:2026")  # more than sixty days before the day of asking
        client.follow()
        assert len(list(khal.calendar.glob("*.ics"))) == 2
        assert not any("行政检查" in line for line in khal.shows(date(2026, 3, 1), 60))
