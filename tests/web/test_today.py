"""今日: the clerk sees what goes out, what went, what did not; and pulls the levers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from models.message import messages
from models.reminder import reminders
from planning.access import AccountRole
from services.facts import read_fact, write_fact
from services.tick import tick
from tests.rows import message_row

MORNING = datetime(2026, 4, 8, 1, 0, tzinfo=UTC)


def press(town: Any, lever: str, **typed: str) -> Any:
    return town.post(f"/today/{lever}", data={"code": town.form_code(), **typed})


def test_what_will_go_out_today_stands_there_without_the_secret_of_its_links(town: Any) -> None:
    town.clock.now = datetime(2026, 4, 7, 23, 0, tzinfo=UTC)  # seven in the morning of the 8th
    town.sign_in()
    page = town.get("/today").text
    due = datetime(2026, 4, 8, 0, 46, tzinfo=UTC)
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=due, office=False)
    with town.app.store.read() as db:
        sent = db.execute(select(messages.c.name, messages.c.subject)).all()
    assert sent
    assert [row for row in sent if f'{row.name}：<span lang="zh-CN">{row.subject}</span>' not in page] == []
    assert "/t/……" in page


def test_a_refused_message_stands_there_with_its_reason_and_is_sent_again_by_a_press(town: Any) -> None:
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=MORNING, office=False)
    with town.app.store.write() as db:
        sent = db.execute(select(messages).order_by(messages.c.id)).first()
        assert sent is not None
        lost = {
            **sent._asdict(),
            "ref": "T2604-900001",
            "dedupe_key": "lost",
            "state": "failed",
            "last_error": "550 no such user",
        }
        lost.pop("id")
        number = db.execute(insert(messages).returning(messages.c.id), lost).scalar_one()
        part = db.execute(select(reminders).where(reminders.c.message_id == sent.id)).first()
        assert part is not None
        again = {**part._asdict(), "step": "T-99", "state": "failed", "message_id": number}
        again.pop("id")
        db.execute(insert(reminders), again)
    assert "550 no such user" in town.get("/today").text
    answer = press(town, "resend", ref="T2604-900001")
    assert "已安排重发1项" in answer.text
    refused = press(town, "resend", ref="T2604-900001")
    assert refused.status_code == 409
    assert "不用重发" in refused.text


def test_a_crowd_that_waits_is_let_go_by_a_press(town: Any) -> None:
    with town.app.store.write() as db:
        crowd = {"since": town.clock.now.isoformat(), "count": 312, "reason": "停机后积压", "released": ""}
        write_fact(db, "hold:catch-up", crowd, now=town.clock.now)
    assert "有 312 条积压的消息" in town.get("/today").text
    assert "已放行312条" in press(town, "release").text
    with town.app.store.read() as db:
        assert read_fact(db, "hold:catch-up")["released"] == "zhangwei"
    assert "积压的消息等待补发" not in town.get("/today").text


def test_a_test_message_shows_the_channels_own_answer(town: Any) -> None:
    assert 'value="zw@caohui.example"' in town.get("/today").text
    assert "请填写收件地址" in press(town, "channel", channel="outbox").text
    answer = press(town, "channel", channel="outbox", address="zw@caohui.example")
    assert "接受了测试消息" in answer.text
    assert "没有这个可用的渠道" in press(town, "channel", channel="nowhere").text
    wrong = press(town, "channel", channel="outbox", address="不是邮箱")
    assert wrong.status_code == 409
    assert "“不是邮箱”不是这个渠道能用的收件地址，没有发送。请改正“收件地址”一栏再试" in wrong.text
    assert "people.yaml" not in wrong.text.partition("收件地址”一栏")[0].rpartition("“不是邮箱”")[2]


def test_a_copy_of_the_database_is_one_press_away(town: Any) -> None:
    assert "已备份并核对：suishi-2026" in press(town, "backup").text
    assert list((town.app.home / "backups").glob("suishi-*.db"))
    assert "没有看到备份" not in town.get("/today").text


def test_an_auditor_sees_it_and_pulls_nothing(town: Any) -> None:
    town.sign_in("chenxia", AccountRole.AUDITOR)
    page = town.get("/today")
    assert page.status_code == 200
    assert "<button" not in page.text.partition("<main")[2]
    refused = town.post("/today/backup", data={"code": town.form_code("chenxia")})
    assert refused.status_code == 403


def test_yesterday_is_the_workday_before(town: Any) -> None:
    with town.app.store.write() as db:
        friday = datetime(2026, 4, 3, 1, 0, tzinfo=UTC)
        row = message_row(ref="T2604-000777", dedupe_key="friday", state="sent", built_at=friday, next_at=friday, sent_at=friday)
        db.execute(insert(messages), row)
    town.clock.now = datetime(2026, 4, 7, 2, 0, tzinfo=UTC)  # Tuesday after 清明 and its Monday off
    town.sign_in()
    page = town.get("/today").text
    assert "4月3日发出" in page
    assert page.count("邮件：1 条") == 1
    assert page.index("今天已发出") < page.index("4月3日发出") < page.index("邮件：1 条")
    town.clock.now += timedelta(days=1)
