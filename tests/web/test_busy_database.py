"""Somebody else writes for a long time: the page says so within its patience, and the next press works."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from typing import Any

STUDY, OWNER = "study-law:2026-Q2", "chenxia"


def test_a_page_does_not_wait_for_a_locked_database_longer_than_its_patience(town: Any) -> None:
    town.app.close()
    del town.app.store  # the next page opens it with the patience of a page: four seconds (cli/page.py), a command has thirty
    town.app.patience = 1
    address = town.get(f"/t/{town.link(STUDY, OWNER)}").headers["location"]
    found = re.search(r'name="code" value="([0-9a-f]+)"', town.get(address).text)
    assert found
    typed = {"code": found[1], "done_on": "2026-04-07", "note": "留住这句话", "m-0": "7"}
    with closing(sqlite3.connect(town.app.store.engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        refused = town.post(f"{address}/done", data=typed)
        took = time.monotonic() - began
        shown = town.get(address)  # reading goes on
        other.execute("ROLLBACK")
    assert (refused.status_code, shown.status_code) == (503, 200)
    assert 0.9 < took < 3
    assert "数据库正忙" in refused.text
    assert "留住这句话" in refused.text
    assert town.post(f"{address}/done", data=typed).status_code in {200, 303}
