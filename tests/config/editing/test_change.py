from __future__ import annotations

import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from config.app import App, HomeUnusable
from config.editing import duties, people, settings
from config.editing.change import Draft, open_draft
from config.editing.checking import check_draft
from config.editing.own_files import KEPT
from config.editing.refusals import DraftFaulty, EditedMeanwhile, EditRefused
from config.editing.writing import MOST_KEPT, write_draft
from models.store import Store
from planning.roster import Post
from services.plan import plan

if TYPE_CHECKING:
    from tests.config.conftest import Home

NOW = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
NO_ENVIRON: Mapping[str, str] = {}
GOOD = "calendar/10-good.yaml"


def renamed(draft: Draft, name: str = "张三丰") -> Draft:
    return draft.edit("people.yaml", lambda text: people.rename_person(text, "zhangsan", name))


def write(home: Home, draft: Draft, *, now: datetime = NOW) -> tuple[str, ...]:
    return write_draft(home.folder, draft, environ=NO_ENVIRON, now=now)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# -- the draft ---------------------------------------------------------------------------------------


def test_a_draft_writes_nothing_and_knows_what_it_would_change(home: Home) -> None:
    before = everything(home.folder)

    draft = renamed(open_draft(home.folder))
    check_draft(home.folder, draft, environ=NO_ENVIRON)

    assert everything(home.folder) == before
    assert draft.changed == ("people.yaml",)
    assert draft.calendar_files == (GOOD,)
    assert draft.difference("people.yaml") == (
        "@@",
        "   - key: zhangsan",
        "-    name: 张三",
        "+    name: 张三丰",
        "     posts: [{unit: bangongshi, title: 党政办主任, roles: [学习秘书, 联络员]}]",
    )


def test_a_change_taken_back_is_none(home: Home) -> None:
    draft = renamed(renamed(open_draft(home.folder)), "张三")

    assert draft.changed == ()
    assert write(home, draft) == ()
    assert not (home.folder / KEPT).exists()


@pytest.mark.parametrize(
    "name",
    [
        *("channels.yaml", "letters.yaml", "secrets/smtp.pw", "holidays/2026.json", "data/suishi.db"),
        *("calendar/../channels.yaml", "calendar/sub/a.yaml", "calendar/.hidden.yaml", "/etc/passwd", "calendar/a\n.yaml", ""),
    ],
)
def test_other_files_are_no_pages_business(home: Home, name: str) -> None:
    with pytest.raises(EditRefused) as refused:
        open_draft(home.folder).edit(name, lambda _: "x")

    assert refused.value.code == "not_editable"


def test_a_page_cannot_put_a_secret_or_an_address_into_the_settings(home: Home) -> None:
    draft = open_draft(home.folder)

    with pytest.raises(EditRefused, match="database_url"):
        draft.edit("suishi.yaml", lambda text: text + "database_url: sqlite:///elsewhere.db\n")

    assert draft.edit("suishi.yaml", lambda text: settings.change_settings(text, {"title": "提醒"})).changed == ("suishi.yaml",)


def test_a_file_with_faults_of_yaml_stops_nobody_from_editing_the_others(home: Home) -> None:
    home.write("calendar/20-gbk.yaml", "duties: []  # 说明\n".encode("gbk"))
    home.write("calendar/30-open.yaml", "duties: [\n")
    draft = open_draft(home.folder)

    assert renamed(draft).changed == ("people.yaml",)
    with pytest.raises(EditRefused, match="GBK") as wrong_encoding:
        draft.text("calendar/20-gbk.yaml")
    with pytest.raises(EditRefused) as not_closed:
        draft.edit("calendar/30-open.yaml", lambda text: duties.change_duty(text, "x", {}))
    assert {wrong_encoding.value.code, not_closed.value.code} == {"file_faulty"}


# -- checking ----------------------------------------------------------------------------------------


def faulty(draft: Draft) -> Draft:
    return draft.edit(GOOD, lambda text: duties.change_duty(text, "study-law", {"owner": "person:nobody", "rule": "尽快"}))


def test_a_faulty_change_has_the_problems_that_check_would_tell(home: Home) -> None:
    draft = faulty(open_draft(home.folder))

    checked = check_draft(home.folder, draft, environ=NO_ENVIRON)
    home.write(GOOD, draft.text(GOOD))

    assert [(problem.code.value, problem.line) for problem in checked.faults] == [("PPL003", 12), ("CAL002", 13)]
    assert checked.problems == home.read().problems
    assert checked.office.calendar.broken == ("study-law",)


def test_a_faulty_change_is_not_written(home: Home) -> None:
    before = everything(home.folder)

    with pytest.raises(DraftFaulty, match="第12行") as refused:
        write(home, faulty(open_draft(home.folder)))

    assert [problem.code.value for problem in refused.value.problems] == ["PPL003", "CAL002"]
    assert everything(home.folder) == before | {"data/edit.lock": b""}


def test_a_fault_that_was_there_before_stops_no_other_change(home: Home) -> None:
    home.replace(GOOD, "role:学习秘书", "role:没有")
    twice = "  - {key: twice, kind: study, title: 甲, owner: person:lisi, rule: 3月底}\n"
    home.write(GOOD, (home.folder / GOOD).read_text(encoding="utf-8") + twice * 2)
    draft = open_draft(home.folder).edit(
        GOOD, lambda text: duties.change_duty(text, "annual-report", {"note": "甲\n乙\n丙", "title": "报告"})
    )

    checked = check_draft(home.folder, draft, environ=NO_ENVIRON)

    assert checked.introduced == ()
    assert len(checked.problems) == len(home.read().problems) > 2
    assert write(home, draft) == (GOOD,)


def test_a_warning_is_told_and_does_not_stop(home: Home) -> None:
    draft = open_draft(home.folder).edit("people.yaml", lambda text: people.set_destinations(text, "wangwu", []))

    checked = check_draft(home.folder, draft, environ=NO_ENVIRON)

    assert [(problem.code.value, problem.severity) for problem in checked.introduced] == [("PPL007", "warning")]
    assert checked.faults == ()


def test_who_is_taken_off_the_list_is_missed_in_every_file(home: Home) -> None:
    post = [Post("bangongshi", "党政办主任", ("联络员",))]
    draft = open_draft(home.folder).edit("people.yaml", lambda text: people.set_posts(text, "zhangsan", post))

    faults = check_draft(home.folder, draft, environ=NO_ENVIRON).faults

    assert [(problem.file, problem.code.value) for problem in faults] == [(GOOD, "CAL006")]


def test_the_office_as_it_would_be_is_the_office_itself_in_all_else(home: Home) -> None:
    home.write("holidays/local.yaml", "- {date: 2026-08-10, off: true, reason: 停工令}\n")
    office = home.read()

    checked = check_draft(home.folder, open_draft(home.folder), environ=NO_ENVIRON)

    assert checked.office.revision == office.revision
    assert replace(checked.office, holidays=office.holidays) == office
    assert not checked.office.workdays.is_workday(date(2026, 8, 10))


def test_a_preview_can_be_planned_before_anything_is_written(home: Home, store: Store) -> None:
    app = App(home.folder, NO_ENVIRON, lambda: NOW)
    plan(store, app.plan_basis(), now=NOW)
    draft = open_draft(home.folder).edit(GOOD, lambda text: duties.change_duty(text, "annual-report", {"rule": {"by": "10-15"}}))
    checked = check_draft(home.folder, draft, environ=NO_ENVIRON)

    preview = plan(store, app.basis_of(checked.office), now=NOW, dry_run=True)
    before = plan(store, app.plan_basis(), now=NOW, dry_run=True)
    write(home, draft)
    made = plan(store, app.plan_basis(), now=NOW)

    assert before.moved == ()
    assert preview.moved == made.moved
    assert [(move.ref, move.to_on) for move in made.moved] == [("annual-report:2027", date(2027, 10, 15))]


def test_nothing_is_planned_from_files_that_make_no_sense(home: Home) -> None:
    app = App(home.folder, NO_ENVIRON, lambda: NOW)
    draft = open_draft(home.folder).edit(
        "suishi.yaml", lambda text: settings.change_settings(text, {"silent_before": "2026-02-30"})
    )

    with pytest.raises(HomeUnusable, match="2026-02-30"):
        app.basis_of(check_draft(home.folder, draft, environ=NO_ENVIRON).office)


# -- writing -----------------------------------------------------------------------------------------


def test_after_writing_everybody_reads_the_new_value(home: Home) -> None:
    assert write(home, renamed(open_draft(home.folder))) == ("people.yaml",)

    assert home.read().roster.people["zhangsan"].name == "张三丰"
    assert home.read().problems == ()


def test_the_mode_of_the_file_stays_and_what_was_replaced_is_for_the_owners_eyes(home: Home) -> None:
    (home.folder / "people.yaml").chmod(0o640)
    old = (home.folder / "people.yaml").read_bytes()

    write(home, renamed(open_draft(home.folder)))

    kept = home.folder / KEPT / "20260302T010500000000Z-people.yaml"
    assert stat.S_IMODE((home.folder / "people.yaml").stat().st_mode) == 0o640
    assert kept.read_bytes() == old
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_link_to_the_file_stays_a_link(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "people.yaml"
    elsewhere.parent.mkdir()
    (home.folder / "people.yaml").rename(elsewhere)
    (home.folder / "people.yaml").symlink_to(elsewhere)

    write(home, renamed(open_draft(home.folder)))

    assert (home.folder / "people.yaml").is_symlink()
    assert "张三丰" in elsewhere.read_text(encoding="utf-8")
    assert names(elsewhere.parent) == {"people.yaml"}


def test_line_ends_and_a_byte_order_mark_are_written_as_they_were(home: Home) -> None:
    old = "\ufeff" + (home.folder / "people.yaml").read_text(encoding="utf-8").replace("\n", "\r\n")
    home.write("people.yaml", old)

    write(home, renamed(open_draft(home.folder)))

    assert (home.folder / "people.yaml").read_bytes() == old.replace("张三\r", "张三丰\r").encode()


def test_the_newest_hundred_replaced_texts_are_kept(home: Home) -> None:
    folder = home.folder / KEPT
    folder.mkdir(parents=True)
    for minute in range(MOST_KEPT):
        (folder / f"{NOW - timedelta(minutes=minute + 1):%Y%m%dT%H%M%S%fZ}-people.yaml").write_text("x", encoding="utf-8")
    (folder / "说明.txt").write_text("x", encoding="utf-8")
    oldest = min(names(folder))

    write(home, renamed(open_draft(home.folder)))

    kept = names(folder)
    assert len(kept) == MOST_KEPT + 1
    assert oldest not in kept
    assert "说明.txt" in kept


def test_a_file_that_somebody_else_changed_is_not_overwritten(home: Home) -> None:
    draft = renamed(open_draft(home.folder))
    home.replace("people.yaml", "李四", "李四光")
    before = everything(home.folder)

    with pytest.raises(EditedMeanwhile, match=r"people\.yaml") as refused:
        write(home, draft)

    assert refused.value.files == ("people.yaml",)
    assert everything(home.folder) == before | {"data/edit.lock": b""}


def test_a_change_of_another_file_is_no_hindrance(home: Home) -> None:
    draft = renamed(open_draft(home.folder))
    home.replace(GOOD, "报送年度报告", "报送报告")

    assert write(home, draft) == ("people.yaml",)


def test_a_file_that_somebody_else_made_or_took_away_is_another(home: Home) -> None:
    new = open_draft(home.folder).edit("calendar/50-new.yaml", lambda _: "duties: []\n")
    old = renamed(open_draft(home.folder))
    home.write("calendar/50-new.yaml", "duties: []\n# von Hand\n")
    (home.folder / "people.yaml").unlink()

    for draft in (new, old):
        with pytest.raises(EditedMeanwhile):
            write(home, draft)


def test_of_two_writers_at_once_one_is_told_to_look_again(home: Home) -> None:
    together = Barrier(2)

    def one(name: str) -> str:
        draft = renamed(open_draft(home.folder), name)
        together.wait()
        try:
            write(home, draft)
        except EditedMeanwhile:
            return "look again"
        return name

    with ThreadPoolExecutor(2) as both:
        said = set(both.map(one, ("张三丰", "张三思")))

    assert "look again" in said
    (written,) = said - {"look again"}
    assert home.read().roster.people["zhangsan"].name == written


def test_a_page_holds_its_preview_to_the_files_it_was_made_from(home: Home) -> None:
    shown = renamed(open_draft(home.folder))
    again = renamed(open_draft(home.folder))
    assert again.hold_to(shown.stamp) is again

    home.replace("people.yaml", "李四", "李四光")

    with pytest.raises(EditedMeanwhile):
        renamed(open_draft(home.folder)).hold_to(shown.stamp)
