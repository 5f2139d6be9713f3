"""In a group whoever has no address there is only not mentioned: what is for him reaches the group all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.canaries import write_home
from tests.journeys.office import Office
from tests.notifications.providers.server import said, serving


@pytest.mark.parametrize("number", [3, 4, 5], ids=["wecom-robot", "dingtalk", "feishu"])
def test_who_has_no_address_in_a_group_is_reached_by_suishi_send(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    with serving(lambda _: said(errcode=0, code=0, errmsg="ok", msg="success", result="ok")) as provider:
        office = Office(tmp_path / "home", capsys)
        write_home(office.home, mail=9, http=provider.port)
        assert office.types("plan", "--now", "2026-03-16T09:00+08:00").code == 0
        office.types("send", "--now", "2026-03-16T09:03+08:00")  # off the hour, as two of the providers ask
        shown = office.types("show", f"duty-{number}:2026", "--now", "2026-03-16T09:10+08:00").out
        assert "没有可用的地址" not in shown
        sent = b"".join(request.body for request in provider.requests).decode()
        assert f"第{number}件" in sent
