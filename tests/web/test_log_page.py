"""办结日志: a code that was kept elsewhere, and the walk along the whole chain."""

from __future__ import annotations

import re
from concurrent.futures import Future
from datetime import date
from typing import Any

import pytest

from planning.access import AccountRole
from reports.log import head, verify
from services.record_check import RecordCheck, note_check
from tests.web.filled_form import form_at
from web.chain_check import KEPT_FOR, ChainCheck
from web.shell import Shell


@pytest.fixture
def recorded(town: Any) -> str:
    """The sentence of the second entry, as a mail of that day carried it; one more entry came after it."""
    town.done("study-law:2026-Q1", date(2026, 4, 8), measures={"场次": 2})
    sentence: str = head(town.app.store).sentence
    town.done("report:2026", date(2026, 2, 10), by="zhangwei", name="张伟")
    return sentence


def test_the_page_names_the_newest_entry_and_what_the_log_cannot_promise(town: Any, recorded: str) -> None:
    page = town.get("/log").text
    assert head(town.app.store).sentence in page
    assert "可发现篡改，不能阻止管理员篡改" in page
    assert "共 3 条" in page
    assert "通过：" not in page  # the whole chain is walked when somebody asks
    assert "suishi" not in page.replace("suishi.css", "").lower()


@pytest.mark.parametrize("as_pasted", [str, lambda said: said.partition("校验码 ")[2], lambda said: f"　{said}。请核对。"])
def test_a_sentence_of_an_old_mail_agrees_and_says_how_many_came_after_it(town: Any, recorded: str, as_pasted: Any) -> None:
    page = town.get("/log", params={"anchor": as_pasted(recorded)}).text
    assert "与第 2 条一致，之后又有 1 条" in page
    assert "与第 3 条一致，它就是最新的一条" in town.get("/log", params={"anchor": head(town.app.store).sentence}).text


def test_the_walk_along_the_whole_log_speaks_of_the_code_that_was_pasted(town: Any, recorded: str) -> None:
    alone = town.get("/log", params={"verify": "1"}).text
    with_code = town.get("/log", params={"verify": "1", "anchor": recorded}).text
    with_other = town.get("/log", params={"verify": "1", "anchor": "2:0000-0000-0000-0000"}).text
    assert ("没有提供留存的校验码" in alone, "没有提供留存的校验码" in with_code) == (True, False)
    assert "与留存的第2条校验码一致：第1至2条从那时起没有改动。" in with_code
    assert "从那时起没有改动。</p>" not in with_other


def test_what_does_not_agree_says_what_to_do(town: Any, recorded: str) -> None:
    code = recorded.partition("校验码 ")[2]
    for pasted, because in {
        f"3:{code}": "现在的第 3 条是另一个校验码。",
        f"4:{code}": "现在只有 3 条，没有第 4 条。",
        "0000-0000-0000-0000": "没有哪一条是这个校验码。",
    }.items():
        page = town.get("/log", params={"anchor": pasted}).text
        assert "<h2>对不上</h2>" in page, pasted
        assert because in page
        assert "请保留那封邮件或打印件" in page
        assert f'value="{pasted}"' in page
    assert "看不懂：里面没有完整的校验码" in town.get("/log", params={"anchor": "什么"}).text


def test_the_whole_chain_is_checked_on_a_button_and_the_result_kept(town: Any, recorded: str) -> None:
    page = town.get("/log?verify=1").text
    assert "通过：共3条记录" in page
    assert "2026-04-08 09:30 核对" in page
    assert "通过：共3条记录" in town.get("/log").text
    town.done("safe:2026-01", date(2026, 4, 8))
    assert "通过：" not in town.get("/log").text  # it said nothing of the fourth
    assert "通过：共4条记录" in town.get("/log?verify=1").text


def test_a_result_is_not_believed_for_ever(town: Any, recorded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[int] = []
    monkeypatch.setattr("web.chain_check.verify", lambda store: (walks.append(1), verify(store))[1])
    check = ChainCheck(Shell(town.app))
    first = check.ask()
    town.clock.now += KEPT_FOR / 2
    assert check.ask() == check.known() == first
    town.clock.now += KEPT_FOR
    assert check.known() is None
    again = check.ask()
    assert again is not None
    assert again.at == town.clock.now
    assert len(walks) == 2


def test_a_walk_that_takes_longer_than_a_page_can_wait_goes_on_alone(
    town: Any, recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go: Future[None] = Future()
    monkeypatch.setattr("web.chain_check.verify", lambda store: (let_go.result(60), verify(store))[1])
    check = ChainCheck(Shell(town.app), patience=0.0)
    assert check.ask() is None
    assert check.is_walking
    assert check.ask() is None  # asking again starts no second walk
    let_go.set_result(None)
    while check.is_walking:
        check.known()
    found = check.known()
    assert found is not None
    assert found.found.ok


def test_while_it_walks_the_page_says_so_in_words(town: Any, recorded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChainCheck, "ask", lambda _: None)
    monkeypatch.setattr(ChainCheck, "is_walking", True)
    assert "正在逐条重算 3 条记录" in town.get("/log?verify=1").text


def test_the_log_is_not_for_whoever_has_only_a_part_of_the_office(town: Any, recorded: str) -> None:
    town.sign_in("liguoqiang", AccountRole.LEADER, scope="sifasuo")
    assert town.get("/log", params={"anchor": recorded}).status_code == 403


def test_the_printed_overview_and_list_carry_the_newest_entry(town: Any, recorded: str) -> None:
    newest = head(town.app.store).sentence
    for path in ("/", "/list"):
        assert re.search(rf">{re.escape(newest)} <a class=\"screen\" href=\"/log\">核对</a><", town.get(path).text), path


def test_the_page_says_when_the_files_of_evidence_were_last_read(town: Any, recorded: str) -> None:
    assert "佐证文件还没有逐个核对过" in town.get("/log").text
    note_check(town.app.store, RecordCheck(entries=3, faults=0, files=12, file_faults=0), now=town.clock.now)
    assert "佐证文件 2026-04-08 09:30 逐个核对过，12 个都与提交时相同。" in town.get("/log").text
    note_check(town.app.store, RecordCheck(entries=3, faults=2, files=12, file_faults=2), now=town.clock.now)
    page = town.get("/log?verify=1").text
    assert "12 个中有 2 个与提交时不同或者不见了" in page
    assert "核对完成记录发现2处不符" in town.get("/problems").text


def test_a_plan_s_entry_says_what_it_changed_and_for_which_file(town: Any) -> None:
    """Rows that only say 制定计划 look all the same."""
    settings = town.get("/settings")
    preview = form_at(settings, "/settings").send(town, "preview", silent_before="2026-04-01")
    form_at(preview, "/settings").send(town, "confirm")
    page = town.get("/log").text
    newest, first = re.findall(r"<td>([^<]*项[^<]*)</td>", page)
    assert re.fullmatch(r"其他更新 (\d+) 项 · 转为静默，不提醒 \1 项 · 改动的文件 suishi.yaml", newest)
    assert re.match(r"新增 \d+ 项", first)
