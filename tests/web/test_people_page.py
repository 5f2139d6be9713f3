"""人员和单位: the clerk changes people.yaml in pages; the file keeps its comments, and nothing happens unseen."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from config.editing.own_files import KEPT
from config.security_log import SecurityLog
from models.message import attempts
from models.occurrence import assignments, occurrences
from planning.access import AccountRole
from planning.roster import Destination, Post, StandIn
from tests.web.filled_form import form_at

FILE = "people.yaml"


@pytest.fixture
def people(town: Any) -> Path:
    """The town's file as people write one: with remarks, and a blank here and there."""
    path: Path = town.app.home / FILE
    text = path.read_text("utf-8")
    text = text.replace("  - {key: chenxia,", "  # —— 司法所 ——\n  - {key: chenxia,").replace(
        "people:\n", "\npeople:  # 官方次序\n"
    )
    path.write_text(text, "utf-8")
    town.app.reload()
    return path


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def kept(town: Any) -> list[str]:
    return [path.read_text("utf-8") for path in sorted((town.app.home / KEPT).glob(f"*-{FILE}"))]


def counts(page: httpx.Response) -> list[int]:
    """新增, 改期, 撤回, 更新, 通知: as the page says."""
    found = re.search(
        r"新增 <b>(\d+)</b> 项，改期 <b>(\d+)</b> 项，撤回 <b>(\d+)</b> 项，其他更新 <b>(\d+)</b> 项.*?<b>(\d+)</b> 份", page.text
    )
    assert found, page.text
    return [int(number) for number in found.groups()]


def test_everybody_stands_in_the_official_order(town: Any) -> None:
    page = town.get("/people").text.partition("<main")[2]

    names = ["李国强", "张军", "张伟", "陈霞", "王敏", "冯刚"]
    places = [page.index(f">{name}</a>") for name in names]
    assert places == sorted(places)
    assert page.index("曹回镇</a>") < page.index("党政办公室</a>") < page.index("司法所</a>") < page.index("回龙村</a>")


def test_a_name_and_a_post_are_changed_and_the_rest_of_the_file_keeps_every_byte(town: Any, people: Path) -> None:
    before = people.read_text("utf-8")
    form = form_at(town.get("/people/wangmin"), "/people/wangmin")

    preview = form.send(town, "preview", name="王慧敏", post_0_roles="普法专干、档案员")
    assert preview.status_code == 200
    assert people.read_text("utf-8") == before  # looking writes nothing
    done = form_at(preview, "/people/wangmin").send(town, "confirm")

    assert done.status_code == 200
    gone, come = lines_changed(before, people.read_text("utf-8"))
    assert len(gone) == len(come) == 1
    assert "roles: [普法专干, 档案员]" in come[0]
    assert "# —— 司法所 ——" in people.read_text("utf-8")
    known = town.app.roster.people["wangmin"]
    assert (known.name, known.posts) == ("王慧敏", (Post("sifasuo", "司法助理员", ("普法专干", "档案员")),))
    assert FILE in done.text
    assert KEPT in done.text
    assert kept(town) == [before]
    assert town.app.office.errors == ()


def test_a_form_sent_as_it_is_changes_nothing(town: Any, people: Path) -> None:
    before = people.read_text("utf-8")
    for key in town.app.roster.people:
        answer = form_at(town.get(f"/people/{key}"), f"/people/{key}").send(town, "preview")
        assert (answer.status_code, "没有改动" in answer.text) == (409, True), key
    for key in town.app.roster.units:
        answer = form_at(town.get(f"/units/{key}"), f"/units/{key}").send(town, "preview")
        assert (answer.status_code, "没有改动" in answer.text) == (409, True), key
    assert people.read_text("utf-8") == before


def test_somebody_new_stands_below_whom_the_clerk_chose(town: Any, people: Path) -> None:
    form = form_at(town.get("/new/person"), "/new/person")
    typed = {"name": "周明", "key": "zhouming", "after": "chenxia", "post_0_unit": "sifasuo", "post_0_title": "司法所干部"}

    preview = form.send(town, "preview", **typed, way_0_channel="outbox", way_0_address="zm@caohui.example")
    done = form_at(preview, "/new/person").send(town, "confirm")

    assert done.status_code == 200
    assert list(town.app.roster.people)[3:6] == ["chenxia", "zhouming", "wangmin"]
    assert town.app.roster.people["zhouming"].destinations == (Destination("outbox", "zm@caohui.example"),)
    assert town.app.office.problems == ()
    assert "# —— 司法所 ——" in people.read_text("utf-8")


def test_what_would_be_wrong_is_shown_with_its_line_and_what_was_typed_stays(town: Any, people: Path) -> None:
    before = people.read_text("utf-8")
    form = form_at(town.get("/new/person"), "/new/person")

    answer = form.send(town, "preview", name="周明", key="Zhou Ming", post_0_unit="sifasuo", post_0_title="干部")

    assert answer.status_code == 409
    assert "没有保存" in answer.text
    assert re.search(r"people\.yaml:\d+</span> <span lang=\"zh-CN\">人员的 key", answer.text)
    assert "<b>代号</b>" in answer.text
    again = form_at(answer, "/new/person").fields
    assert (again["name"], again["key"], again["post-0-title"]) == ("周明", "Zhou Ming", "干部")
    assert people.read_text("utf-8") == before


def test_a_channel_nobody_has_is_refused_before_anything_is_written(town: Any) -> None:
    form = form_at(town.get("/people/wangmin"), "/people/wangmin")

    answer = form.send(town, "preview", way_1_channel="pigeon", way_1_address="x")

    assert "没有这个渠道" in answer.text
    assert form_at(answer, "/people/wangmin").fields["way-1-channel"] == "pigeon"


def test_a_test_message_goes_to_an_address_of_the_file_and_to_no_other(town: Any) -> None:
    form = form_at(town.get("/people/wangmin"), "/people/wangmin/test")

    sent = form.send(town, number="0")
    strange = form.send(town, number="7")

    assert "接受了测试消息" in sent.text
    assert strange.status_code == 409
    assert len(list((town.app.home / "outbox").rglob("*TEST*"))) == 1
    with town.app.store.read() as db:
        assert db.execute(select(attempts)).all() == []  # a test is no message of the office


def test_who_stands_in_is_written_and_ended(town: Any, people: Path) -> None:
    form = form_at(town.get("/people/chenxia"), "/people/chenxia/stand-in")
    preview = form.send(town, "preview", who="wangmin", since="2026-04-06", until="2026-04-20")
    form_at(preview, "/people/chenxia/stand-in").send(town, "confirm")
    assert town.app.roster.people["chenxia"].stand_ins == (StandIn("wangmin", date(2026, 4, 6), date(2026, 4, 20)),)
    assert "代办" in town.get("/people").text

    preview = form_at(town.get("/people/chenxia"), "/people/chenxia/stand-in/end").send(town, "preview")
    form_at(preview, "/people/chenxia/stand-in/end").send(town, "confirm")

    assert town.app.roster.people["chenxia"].stand_ins == (StandIn("wangmin", date(2026, 4, 6), date(2026, 4, 8)),)
    assert "# —— 司法所 ——" in people.read_text("utf-8")


def test_dates_that_make_no_sense_come_back_with_what_was_typed(town: Any) -> None:
    form = form_at(town.get("/people/chenxia"), "/people/chenxia/stand-in")

    backwards = form.send(town, "preview", who="wangmin", since="2026-04-20", until="2026-04-06")
    unreadable = form.send(town, "preview", who="wangmin", since="四月", until="2026-04-06")

    assert "早于开始" in backwards.text
    assert "四月" in unreadable.text
    assert form_at(unreadable, "/people/chenxia/stand-in").fields["who"] == "wangmin"


def owners(town: Any) -> dict[str, set[str]]:
    """Who has open items in hand, by person."""
    wanted = (
        select(assignments.c.person, occurrences.c.duty_key, occurrences.c.period)
        .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
        .where(assignments.c.active, assignments.c.role == "owner", occurrences.c.state == "open", ~occurrences.c.silent)
    )
    found: dict[str, set[str]] = {}
    with town.app.store.read() as db:
        for row in db.execute(wanted):
            found.setdefault(row.person, set()).add(f"{row.duty_key}:{row.period}")
    return found


def test_whoever_leaves_hands_over_everything_with_one_press(town: Any) -> None:
    his = owners(town)["wangmin"]
    page = town.get("/people/wangmin")
    assert f"{len(his)} 项全部移交" in page.text

    done = form_at(page, "/people/wangmin/hand-over").send(town, to="chenxia")

    assert done.status_code == 200
    assert "wangmin" not in owners(town)
    assert his <= owners(town)["chenxia"]
    assert "没有移交成" not in done.text
    assert "离任移交" in town.get("/o/fix:整改-007").text

    preview = form_at(town.get("/people/wangmin"), "/people/wangmin/left").send(town, "preview", left_on="2026-04-08")
    form_at(preview, "/people/wangmin/left").send(town, "confirm")
    assert town.app.roster.people["wangmin"].left_on == date(2026, 4, 8)
    assert his <= owners(town)["chenxia"]  # who was given it keeps it
    assert "离任" in town.get("/people").text


def test_what_names_somebody_is_told_before_he_is_let_go(town: Any) -> None:
    page = town.get("/people/wangmin")
    named = page.text[page.text.index("写着") :]
    assert [title for title in ("一月一主题普法", "整改反馈问题", "司法所") if title not in named] == []

    preview = form_at(page, "/people/wangmin/left").send(town, "preview", left_on="2026-04-08")

    assert re.search("一月一主题普法.*找不到承办人", preview.text)


def test_what_somebody_shares_with_the_one_who_follows_is_left_to_her(town: Any) -> None:
    his = owners(town)["wangmin"]
    with town.app.store.write() as db:  # 陈霞 does this one already, together with him
        row = db.execute(select(occurrences.c.id).where(occurrences.c.duty_key == "fix")).scalar_one()
        wanted = select(assignments).where(assignments.c.occurrence_id == row, assignments.c.role == "verifier")
        verifier = db.execute(wanted).one()
        db.execute(update(assignments).where(assignments.c.id == verifier.id).values(role="owner"))

    done = form_at(town.get("/people/wangmin"), "/people/wangmin/hand-over").send(town, to="chenxia")

    assert "wangmin" not in owners(town)
    assert his <= owners(town)["chenxia"]
    assert f"已移交 {len(his)} 项" in done.text
    assert "原来一同承办" in town.get("/o/fix:整改-007").text


def test_nobody_is_handed_anything_without_a_name_and_a_reason(town: Any) -> None:
    his = owners(town)["wangmin"]
    form = form_at(town.get("/people/wangmin"), "/people/wangmin/hand-over")

    answers = [
        form.send(town),
        form.send(town, to="wangmin"),
        form.send(town, to="nobody"),
        form.send(town, to="chenxia", reason=" "),
    ]

    assert [answer.status_code for answer in answers] == [409] * 4
    assert form_at(answers[3], "/people/wangmin/hand-over").fields["to"] == "chenxia"
    assert owners(town)["wangmin"] == his


def test_another_hand_in_the_same_person_is_noticed_before_the_preview(town: Any, people: Path) -> None:
    form = form_at(town.get("/people/wangmin"), "/people/wangmin")
    people.write_text(people.read_text("utf-8").replace("title: 司法助理员", "title: 司法所副所长"), "utf-8")

    answer = form.send(town, "preview", name="王慧敏")

    assert answer.status_code == 409
    assert "司法所副所长" in answer.text
    again = form_at(answer, "/people/wangmin")
    assert (again.fields["name"], again.fields["post-0-title"]) == ("王慧敏", "司法助理员")
    preview = again.send(town, "preview", post_0_title="司法所副所长")
    form_at(preview, "/people/wangmin").send(town, "confirm")
    known = town.app.roster.people["wangmin"]
    assert (known.name, known.title) == ("王慧敏", "司法所副所长")


def test_another_hand_in_the_file_between_preview_and_saving_is_not_overwritten(town: Any, people: Path) -> None:
    preview = form_at(town.get("/people/wangmin"), "/people/wangmin").send(town, "preview", name="王慧敏")
    people.write_text(people.read_text("utf-8").replace("name: 冯刚", "name: 冯大刚"), "utf-8")

    answer = form_at(preview, "/people/wangmin").send(town, "confirm")

    assert answer.status_code == 409
    assert "被别人改过" in answer.text
    assert "王慧敏" not in people.read_text("utf-8")
    done = form_at(answer, "/people/wangmin").send(town, "confirm")
    assert done.status_code == 200
    assert "王慧敏" in people.read_text("utf-8")
    assert "冯大刚" in people.read_text("utf-8")


def test_going_back_from_the_preview_keeps_what_was_typed(town: Any) -> None:
    preview = form_at(town.get("/people/wangmin"), "/people/wangmin").send(town, "preview", name="王慧敏")

    back = form_at(preview, "/people/wangmin").send(town, "back")

    assert form_at(back, "/people/wangmin").fields["name"] == "王慧敏"


def test_a_unit_gets_another_contact_and_a_new_one_is_added(town: Any, people: Path) -> None:
    preview = form_at(town.get("/units/sifasuo"), "/units/sifasuo").send(town, "preview", contact="chenxia")
    assert counts(preview)[3] > 0  # 重点人员排查 is addressed to the unit
    done = form_at(preview, "/units/sifasuo").send(town, "confirm")
    assert counts(done) == counts(preview)
    assert town.app.roster.units["sifasuo"].contact == "chenxia"

    typed = {"name": "青松村", "key": "qingsong", "kind": "village", "parent": "caohui", "head": "fenggang"}
    preview = form_at(town.get("/new/unit"), "/new/unit").send(town, "preview", **typed)
    form_at(preview, "/new/unit").send(town, "confirm")

    assert list(town.app.roster.units)[-1] == "qingsong"
    assert "# 官方次序" in people.read_text("utf-8")


def test_an_edit_is_noted_by_whom_and_where(town: Any) -> None:
    preview = form_at(town.get("/people/wangmin"), "/people/wangmin").send(town, "preview", name="王慧敏")
    form_at(preview, "/people/wangmin").send(town, "confirm")

    (event,) = SecurityLog(town.app.home / "logs").newest(1)
    assert (event.event, event.outcome, event.actor, event.about) == ("files", "ok", "zhangwei", "person wangmin people.yaml")


def test_a_broken_file_is_said_and_not_made_worse(town: Any, people: Path) -> None:
    people.write_text("units: [\n", "utf-8")

    answer = town.get("/people/wangmin")

    assert answer.status_code == 409
    assert "people.yaml" in answer.text or "文件" in answer.text
    assert people.read_text("utf-8") == "units: [\n"


def test_whom_a_fault_keeps_out_is_mended_in_the_page(town: Any, people: Path) -> None:
    people.write_text(
        people.read_text("utf-8").replace("unit: sifasuo, title: 司法助理员", "unit: sifasu, title: 司法助理员"), "utf-8"
    )
    town.app.reload()
    listed = town.get("/people")
    assert re.search(r'<a href="/people/wangmin">王敏</a>没有采用', listed.text)
    assert re.search(r"people\.yaml:\d+</span>.*没有这个单位", listed.text)

    refused = form_at(town.get("/people/chenxia"), "/people/chenxia").send(town, "preview", name="陈小霞")
    preview = form_at(town.get("/people/wangmin"), "/people/wangmin").send(town, "preview", post_0_unit="sifasuo")
    done = form_at(preview, "/people/wangmin").send(town, "confirm")

    assert (refused.status_code, "改好之前不能重新编排" in refused.text) == (409, True)
    assert done.status_code == 200
    assert town.app.office.errors == ()


def test_who_is_not_in_the_file_has_no_page(town: Any) -> None:
    assert [town.get(path).status_code for path in ("/people/nobody", "/units/nowhere")] == [404, 404]


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        (AccountRole.STAFF, None),
        (AccountRole.LEADER, None),
        (AccountRole.AUDITOR, None),
        (AccountRole.OFFICE, None),
        (AccountRole.OFFICE, "sifasuo"),
        (AccountRole.ADMIN, "sifasuo"),
    ],
)
def test_only_the_offices_own_admin_may(town: Any, people: Path, role: AccountRole, scope: str | None) -> None:
    before = people.read_text("utf-8")
    town.sign_in("chenxia", role, scope)

    for path in ("/manage", "/people", "/people/wangmin", "/units/sifasuo", "/new/person", "/new/unit", "/settings", "/replan"):
        assert town.get(path).status_code == 403, path
    typed = {"code": town.form_code("chenxia"), "name": "某", "step": "confirm", "to": "chenxia", "reason": "x"}
    for path in ("/people/wangmin", "/people/wangmin/left", "/people/wangmin/hand-over", "/people/wangmin/test", "/new/person"):
        assert town.post(path, data=typed).status_code == 403, path
    assert people.read_text("utf-8") == before
    assert "/manage" not in town.get("/me").text


def test_the_menu_ends_with_the_hub_and_the_hub_leads_to_every_room(town: Any) -> None:
    page = town.get("/manage").text

    menu = re.findall(r'<a href="([^"]+)"', page[page.index("<nav") : page.index("</nav>")])
    assert (menu[-1], "/accounts" in menu) == ("/manage", False)
    rooms = re.findall(r'<li class="card"><a href="([^"]+)"', page)
    assert {"/people", "/duties", "/items/new", "/holidays", "/accounts", "/programs", "/today", "/security"} <= set(rooms)
    assert {"/feedback/list", "/coming", "/settings", "/replan"} <= set(rooms)
    assert [path for path in rooms if town.get(path).status_code != 200] == []


def test_files_edited_by_hand_are_planned_from_a_page(town: Any) -> None:
    calendar = town.app.home / "calendar/all.yaml"
    calendar.write_text(calendar.read_text("utf-8").replace("rule: {on: 2026-06-30}", "rule: {on: 2026-07-31}"), "utf-8")

    preview = form_at(town.get("/replan"), "/replan").send(town, "preview")
    done = form_at(preview, "/replan").send(town, "confirm")

    assert counts(preview)[1] == counts(done)[1] == 1
    assert "2026-07-31" in preview.text
    assert "保存以后，计划不变。" in form_at(town.get("/replan"), "/replan").send(town, "preview").text


def test_the_time_is_the_towns(town: Any) -> None:
    """What is kept is named by the moment of the edit."""
    town.clock.now = datetime(2026, 4, 9, 2, 3, 4, tzinfo=UTC)
    town.sign_in()
    preview = form_at(town.get("/people/wangmin"), "/people/wangmin").send(town, "preview", name="王慧敏")
    form_at(preview, "/people/wangmin").send(town, "confirm")

    (path,) = (town.app.home / KEPT).iterdir()
    assert path.name.startswith("20260409T020304")


def test_a_title_that_begins_with_the_unit_says_it_once(town: Any) -> None:
    page = town.get("/people").text

    assert "<td>司法所所长</td>" in page
    assert "<td>司法所 司法助理员</td>" in page
