"""The leaders' pages: every figure opens the rows that it counts, the two lights, and what is new after a change."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from models.message import messages
from models.occurrence import assignments, occurrences
from models.reminder import reminders
from planning.access import AccountRole
from reports.figures import STATE_OF
from services.acknowledge import acknowledge
from services.change import waive
from services.evidence import NewEvidence
from services.extend import extend
from services.extension_requests import ask_extension
from services.tick import tick
from tests.rows import message_row

FIGURE = re.compile(r'<a class="n[^"]*" href="(/list[^"]*)">(\d+)</a>')
COLUMN = re.compile(r'<a href="(/list\?when=[^"]*)" aria-label="\d+月 (\d+) 项')
DAY_OF_STRIP = re.compile(r'<a href="(/list\?day=[^"]*)" aria-label="\d+月\d+日(\d+)项"')
DAY_OF_YEAR = re.compile(r'href="(/list\?day=[^"]*)"[^>]*>\d+<i>(\d+)</i>')
TODAY = datetime(2026, 6, 26, 1, 30, tzinfo=UTC)  # a Friday, before the last days of the half-year


@pytest.fixture
def midsummer(town: Any) -> Any:
    """The town with a year half gone and something of everything in it."""
    store, clock = town.app.store, town.clock
    clock.now = datetime(2026, 1, 6, 1, 30, tzinfo=UTC)
    place = {"workdays": town.app.workdays, "remind_at": time(8, 45), "tz": town.app.tz}
    extend(store, "theme:2026-02", to=date(2026, 3, 10), by="wangmin", reason="讲课人出差", via="page", now=clock.now, **place)
    clock.now = datetime(2026, 2, 11, 1, 30, tzinfo=UTC)
    proof = {"evidence": [NewEvidence("报告.pdf", b"%PDF-1.4 demo")], "folder": town.app.evidence_folder}
    town.done("report:2026", date(2026, 2, 10), by="zhangwei", name="张伟", **proof)
    town.done("safe:2026-01", date(2026, 2, 11))
    waive(store, "theme:2026-01", by="wangmin", reason="与县里合并开展", via="page", now=clock.now)
    clock.now = datetime(2026, 6, 8, 1, 30, tzinfo=UTC)
    town.done("theme:2026-06", date(2026, 6, 8), by="wangmin", name="王敏")
    for day in (15, 16, 17):
        clock.now = datetime(2026, 6, day, 1, 30, tzinfo=UTC)
        with town.app.open_channels() as channels:
            tick(store, channels, town.app.delivery_policy(), now=clock.now)
    clock.now = TODAY
    asked = {"by": "chenxia", "by_name": "陈霞", "reason": "等县里材料", "via": "page", "now": TODAY, "tz": town.app.tz}
    ask_extension(store, "study-law:2026-Q2", to=date(2026, 7, 10), **asked)
    town.done("fix:整改-007", date(2026, 6, 26), by="wangmin", name="王敏")
    _told(town, "safe:2026-07", datetime(2026, 6, 18, 1, 0, tzinfo=UTC))
    _set(town, "theme:2026-03", unit=None)
    _set(town, "theme:2026-04", unit="dissolved")
    _set(town, "theme:2026-05", unit="caohui")
    _set(town, "safe:2026-02", silent=True)
    _set(town, "safe:2026-10", provisional=True)
    town.sign_in()
    return town


def _set(town: Any, ref: str, **columns: Any) -> None:
    key, period = ref.split(":")
    with town.app.store.write() as db:
        this = (occurrences.c.duty_key == key) & (occurrences.c.period == period)
        assert db.execute(update(occurrences).where(this).values(row_version=1, **columns)).rowcount == 1


def _told(town: Any, ref: str, when: datetime) -> None:
    """A reminder of it went out, earlier than its ladder says."""
    key, period = ref.split(":")
    row = {"ref": "T2606-900001", "dedupe_key": "k", "built_at": when, "next_at": when, "state": "sent", "sent_at": when}
    part = (
        select(assignments.c.id, assignments.c.occurrence_id)
        .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
        .where(occurrences.c.duty_key == key, occurrences.c.period == period, assignments.c.role == "owner")
    )
    with town.app.store.write() as db:
        found = db.execute(part).one()
        message = db.execute(insert(messages).returning(messages.c.id), message_row(**row)).scalar_one()
        said = {"step": "T-30", "offset": -30, "due_epoch": 0, "fire_at": when, "say": "", "state": "sent", "reason": ""}
        db.execute(
            insert(reminders), {"assignment_id": found.id, "occurrence_id": found.occurrence_id, "message_id": message, **said}
        )


def total_of(town: Any, address: str) -> int:
    found = re.search(r"共 <b>(\d+)</b> 项", town.get(html.unescape(address)).text)
    assert found, address
    return int(found[1])


def followed(town: Any, *pages: str) -> dict[str, int]:
    """Every figure of the pages that links to the list, each compared with what the list finds."""
    seen: dict[str, int] = {}
    for page in pages:
        text = town.get(page).text
        for pattern in (FIGURE, COLUMN, DAY_OF_STRIP, DAY_OF_YEAR):
            for address, number in pattern.findall(text):
                assert seen.setdefault(address, int(number)) == int(number), (page, address)
    for address, number in seen.items():
        assert total_of(town, address) == number, address
    return seen


def test_every_figure_opens_exactly_the_rows_that_it_counts(midsummer: Any) -> None:
    seen = followed(midsummer, "/", "/year/2026")
    words = {word: [number for address, number in seen.items() if f"state={word}" in address] for word in STATE_OF.values()}
    assert [word for word, numbers in words.items() if not any(numbers)] == []  # the town has something of everything
    addresses = [html.unescape(address) for address in seen]
    parts = ("unit=-", "unit=dissolved", "unit=caohui_own", "unit=sifasuo", "kind=publicity", "when=2026-06", "day=2026-06-30")
    assert [part for part in parts if not any(part in address for address in addresses)] == []


def test_the_same_in_another_year_and_for_somebody_with_a_scope(midsummer: Any) -> None:
    followed(midsummer, "/?year=2027", "/year/2027")
    midsummer.sign_in("liguoqiang", AccountRole.LEADER, scope="sifasuo")
    seen = followed(midsummer, "/", "/year/2026")
    assert {unit[1] for address in seen if (unit := re.search("unit=([^&]+)", address))} == {"sifasuo"}


def test_no_number_of_the_tables_stands_without_its_link(midsummer: Any) -> None:
    page = midsummer.get("/").text
    cells = re.findall(r'<td class="num[^>]*>(.*?)</td>', page)
    assert len(cells) > 12 * 11  # the months alone
    assert all(FIGURE.fullmatch(cell) for cell in cells)
    tiles = re.findall(r"<b>(.*?)</b>", page.partition('<ul class="figures">')[2].partition("</ul>")[0])
    assert len(tiles) == 6
    assert all(FIGURE.fullmatch(tile) for tile in tiles)


def test_the_figures_of_units_add_up_to_the_whole(midsummer: Any) -> None:
    units = midsummer.get("/").text.partition("各单位完成情况")[2].partition("</table>")[0]
    own = [int(number) for address, number in FIGURE.findall(units) if "state=due" in address]
    assert sum(own) == total_of(midsummer, "/list?when=2026&state=due")


def test_stagnant_is_a_light_of_its_own_and_goes_out_when_somebody_says_that_he_knows(midsummer: Any) -> None:
    assert 'state=stagnant">1</a>' in midsummer.get("/").text
    page = midsummer.get("/list?state=stagnant").text
    assert "safe%3A2026-07" in page
    assert '<span class="tag stuck">停滞</span>' in page
    assert "首次提醒后已满 5 个工作日，没有任何登记" in midsummer.get("/o/safe:2026-07").text
    acknowledge(midsummer.app.store, "safe:2026-07", by="wangmin", via="page", now=midsummer.clock.now)
    assert total_of(midsummer, "/list?state=stagnant") == 0
    assert "王敏表示收到（网页）。" in midsummer.get("/o/safe:2026-07").text


def test_what_is_overdue_says_what_last_happened_to_it(midsummer: Any) -> None:
    page = midsummer.get("/").text.partition("各年累计")[2].partition("</section>")[0]
    assert re.search(r"最近 2026-06-\d\d \d\d:\d\d 给\w+的提醒已写入发件箱，没有真的发出。", page)
    row = page.partition("/o/theme%3A2026-02")[2].partition("</tr>")[0]
    assert "原定 2026-02-28，已延期 1 次，共 10 天" in row
    assert "王敏登记延期（网页）：由2026年2月28日延至2026年3月10日" in row


def test_an_item_whose_extension_is_awaited_is_counted_as_such_and_not_as_overdue(midsummer: Any) -> None:
    midsummer.clock.now = TODAY + timedelta(days=10)
    midsummer.sign_in()
    page = midsummer.get("/").text
    assert 'state=extension-pending">1</a>' in page
    assert "study-law%3A2026-Q2" not in page.partition("各年累计")[2].partition("</section>")[0]
    assert "延期待批" in midsummer.get("/list?state=extension-pending").text


def test_figures_are_counted_once_and_anew_after_a_change(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import reports.overview as module

    counted: list[int] = []
    real = module._sums
    monkeypatch.setattr(module, "_sums", lambda *asked: (counted.append(1), real(*asked))[1])

    def overdue() -> int:
        tile = town.get("/").text.partition("逾期未办</span><b>")[2]
        return int(re.match(r'<a class="n[^>]*>(\d+)', tile)[1])

    before = overdue()
    assert overdue() == before
    assert len(counted) == 1
    town.done("study-law:2026-Q1", date(2026, 4, 8), measures={"场次": 1})
    assert overdue() == before - 1
    assert len(counted) == 2
    town.clock.now += timedelta(days=40)  # another day, other figures; nothing was recorded
    town.sign_in()
    assert overdue() > before
