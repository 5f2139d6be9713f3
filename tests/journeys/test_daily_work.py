"""A quarter's session from its reminder to its record, typed by a clerk; and what every no sounds like."""

from __future__ import annotations

import json
from pathlib import Path

from tests.journeys.office import Office, Postbox

PLANNED = "2026-03-02T08:00+08:00"
SESSION = "study-law:2026-Q1"


def ready(office: Office) -> None:
    office.starts_on("2026-03-01")
    assert office.types("plan", "--now", PLANNED).code == 0


def test_a_session_is_reminded_done_taken_back_and_proved_in_the_log(office: Office) -> None:
    ready(office)
    owner = office.types("show", SESSION, "--json", "--now", PLANNED).json["line"]["owners"][0]
    assert office.types("send", "--now", "2026-03-20T09:00+08:00").code == 0
    told = office.types("why", owner, "2026-03-20", "--json", "--now", "2026-03-20T10:00+08:00").json
    assert any(one["ref"] == SESSION and one["state"] == "sent" for one in told["lines"])

    short = office.types("done", SESSION, "--by", owner, "--now", "2026-03-25T10:00+08:00")
    assert short.code == 1
    assert "专题学习次数" in short.err
    done = office.types(
        "done", SESSION, "--by", owner, "--measure", "专题学习次数＝1", "--json", "--now", "2026-03-25T10:00+08:00"
    )
    assert done.code == 0, done.err
    again = office.types("done", SESSION, "--by", owner, "--measure", "专题学习次数=1", "--now", "2026-03-25T11:00+08:00")
    assert again.code == 1
    assert f"已由{owner}于3月25日办结" in again.err

    assert office.types("reopen", SESSION, "--by", owner, "--reason", "填错了", "--now", "2026-03-25T12:00+08:00").code == 0
    paper = office.home / "签到表.pdf"
    paper.write_bytes(b"%PDF-1.4\n%%EOF\n")
    late = office.types(
        "done", SESSION, "--by", owner, "--measure", "专题学习次数=1", "--json", "--now", "2026-04-02T10:00+08:00"
    ).json
    assert late["late"]
    assert office.types("prove", SESSION, "--by", owner, "--evidence", str(paper), "--now", "2026-04-02T10:30+08:00").code == 0
    story = office.types("show", SESSION, "--now", "2026-04-02T11:00+08:00").out
    for words in ("列入计划", "已写入发件箱", "办结", "恢复待办", "逾期"):
        assert words in story
    seq, code = done.json["seq"], office.types("log", "--json").json["entries"]
    anchor = next(entry["code"] for entry in code if entry["seq"] == seq)
    assert office.types("log", "verify", "--anchor", f"{seq}:{anchor}").code == 0
    assert office.types("log", "verify", "--anchor", f"{seq}:0000-0000-0000-0000").code == 1


def test_an_item_is_extended_handed_over_waived_and_signed_off(office: Office) -> None:
    ready(office)
    ref = "rect-empowered-capacity:整改-003"
    [line] = office.types("list", "--text", "赋权执法事项承接能力", "--json", "--now", PLANNED).json["occurrences"]
    owner = line["owners"][0]
    assert office.types("extend", ref, "--to", "2026-10-30", "--by", owner, "--reason", "等县里清单", "--now", PLANNED).code == 0
    [moved] = office.types("list", "--text", "赋权执法事项承接能力", "--json", "--now", PLANNED).json["occurrences"]
    assert (moved["original_due_on"], moved["due_on"], moved["extensions"]) == (line["due_on"], "2026-10-30", 1)
    kept = office.types("plan", "--json", "--now", PLANNED).json
    assert kept["moved"] == []
    assert office.types("hand-over", ref, "--to", "陈霞", "--by", owner, "--reason", "调整分工", "--now", PLANNED).code == 0
    assert office.types("done", ref, "--by", "陈霞", "--now", "2026-09-01T10:00+08:00").code == 0
    same = office.types("sign-off", ref, "--by", "陈霞", "--now", "2026-09-02T10:00+08:00")
    assert same.code == 1
    assert "谁验收、谁负责" in same.err
    history = office.types("show", ref, "--json", "--now", "2026-09-02T10:00+08:00").json
    verifier = next(part["person"] for part in history["assignments"] if part["role"] == "verifier")
    assert office.types("sign-off", ref, "--by", verifier, "--note", "已核", "--now", "2026-09-02T10:00+08:00").code == 0
    assert office.types("waive", SESSION, "--by", owner, "--reason", "会议取消", "--now", PLANNED).code == 0


def test_a_standing_duty_is_reviewed_and_never_ticked_off(office: Office) -> None:
    ready(office)
    refused = office.types("done", "grid-roster:2026", "--by", "陈霞", "--now", PLANNED)
    assert refused.code == 1
    assert "长期坚持" in refused.err
    assert office.types("review", "grid-roster:2026", "--by", "陈霞", "--note", "名册无变化", "--now", PLANNED).code == 0


def test_every_no_is_a_sentence_with_the_right_exit_code(office: Office, tmp_path: Path) -> None:
    ready(office)
    for code, words, part in (
        (2, ("show", "不像编号"), "study-law:2026-Q1"),
        (1, ("show", "study-law:1999-Q1"), "suishi list"),
        (2, ("done", SESSION, "--by", "查无此人"), "人员名单里没有"),
        (2, ("send", "--now", "明天"), "--now"),
        (2, ("send", "--now", "2026-03-02T09:00"), "时区"),
        (2, ("nonsense",), "没有“nonsense”这个命令。可用的有：init、check"),
        (2, ("lst",), "是不是 list？\n用 suishi --help 看用法"),
        (2, ("channels", "tst"), "没有“tst”这个命令。是不是 test？"),
        (2, ("--hom", "x"), "没有 --hom 这个选项。是不是 --home？"),
        (2, ("list", "--stat", "done"), "没有 --stat 这个选项。是不是 --state？\n用 suishi list --help 看用法"),
        (2, ("list", "--due-to", "明年"), "--due-to 的值“明年”写得不对：应当是日期，写成 2026-03-05"),
        (2, ("list", "--limit", "三"), "--limit 的值“三”写得不对：应当是整数"),
        (2, ("list", "--limit"), "--limit 后面缺少内容"),
        (2, ("list", "--limit", "1", "--limit", "2"), "--limit 写了两次"),
        (2, ("list", "--state", "过期"), "没有“过期”这个状态"),
        (2, ("show",), "缺少必填的 REF"),
        (2, ("done", SESSION), "缺少必填的 --by"),
        (2, ("check", "study", "law"), "多出了“study law”"),
        (2, ("rehearse", "--until", "2020-01-01"), "已经过去"),
        (2, ("done", SESSION, "--by", "陈霞", "--measure", "三次"), "场次=2"),
        (2, ("channels", "test", "wecom", "--to", "x@y.example"), "wecom"),
    ):
        answer = office.types(*words)
        assert answer.code == code, (words, answer)
        assert part in answer.err, (words, answer)
        assert "Traceback" not in answer.err
    nowhere = Office(tmp_path / "nowhere", office.capture).types("plan")
    assert nowhere.code == 3
    assert "suishi init" in nowhere.err


def test_words_are_taken_as_the_pages_say_them_and_as_scripts_do(office: Office) -> None:
    ready(office)
    for asked in (("--state", "待办"), ("--kind", "普法"), ("--state", "逾期")):
        option, word = asked
        key = {"待办": "open", "普法": "publicity", "逾期": "overdue"}[word]
        spoken = office.types("list", option, word, "--json", "--now", "2026-06-01T09:00+08:00").json
        assert spoken == office.types("list", option, key, "--json", "--now", "2026-06-01T09:00+08:00").json
        assert spoken["total"] > 0


def test_the_help_offers_no_option_that_nobody_would_write(office: Office) -> None:
    for command in ("up", "list", "done", "outbox", "plan"):
        told = office.types(command, "--help").out
        assert "--no-no-" not in told
        assert "--empty-" not in told
        assert "default: ()" not in told


def test_what_went_into_the_outbox_is_never_called_sent(office: Office) -> None:
    ready(office)
    owner = office.types("show", SESSION, "--json", "--now", PLANNED).json["line"]["owners"][0]
    assert office.types("send", "--now", "2026-03-20T09:00+08:00").code == 0
    listed = office.types("outbox", "--person", owner, "--now", "2026-03-20T10:00+08:00").out
    assert "已写入发件箱" in listed
    assert "已发出" not in listed
    assert "写入发件箱，没有真的发出" in office.types("why", owner, "2026-03-20", "--now", "2026-03-20T10:00+08:00").out
    story = office.types("show", SESSION, "--now", "2026-03-20T10:00+08:00").out
    assert "已写入发件箱" in story
    assert "对方已接收" not in story


def test_production_takes_no_invented_time(office: Office) -> None:
    office.edit("suishi.yaml", lambda text: text.replace("production: false", "production: true"))
    answer = office.types("plan", "--now", PLANNED)
    assert answer.code == 2
    assert "系统时钟" in answer.err


def test_a_channel_is_tried_with_a_real_message_that_counts_as_nothing(office: Office, postbox: Postbox) -> None:
    ready(office)
    (office.home / "channels.yaml").write_text(
        "channels:\n  outbox: {type: outbox}\n  mail:\n    type: mail\n    host: 127.0.0.1\n"
        f"    port: {postbox.port}\n    security: none\n    sender: 法治办 <fazhi@caohui.example>\n",
        encoding="utf-8",
    )
    answer = office.types("channels", "test", "mail", "--to", "wangmin@caohui.example", "--now", PLANNED)
    assert answer.code == 0, answer.err
    assert "250" in answer.out
    assert "渠道测试" in str(postbox.mails[0]["Subject"])
    assert office.types("outbox", "--json").json["total"] == 0


def test_the_table_of_a_year_goes_out_as_json_and_comes_back_in(office: Office, tmp_path: Path) -> None:
    shown = office.types("holidays", "show", "2026", "--json").json["table"]
    file = tmp_path / "2026.json"
    file.write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
    assert office.types("holidays", "import", str(file), "--year", "2026", "--yes").code == 0
    assert office.types("holidays", "show", "2026", "--json").json["table"]["days"] == shown["days"]
    unsure = office.types("holidays", "import", str(file), "--year", "2026")
    assert unsure.code == 1
    assert "--yes" in unsure.err
    wrong = office.types("holidays", "import", str(file), "--year", "2027", "--yes")
    assert wrong.code == 1
    assert "2026 年" in wrong.err


def test_the_doctor_finds_a_sound_house_and_a_broken_file(office: Office) -> None:
    ready(office)
    assert office.types("doctor", "--quick", "--now", PLANNED).code == 0
    office.edit("calendar/10-study.yaml", lambda text: text.replace("kind: study", "kind: studdy", 1))
    ill = office.types("doctor", "--quick", "--json", "--now", PLANNED)
    assert ill.code == 1
    assert any("suishi check" in finding["remedy"] for finding in ill.json["findings"])


def test_a_copy_is_made_and_an_upgrade_finds_nothing_to_do(office: Office) -> None:
    ready(office)
    made = office.types("backup", "--json", "--now", PLANNED).json
    assert Path(made["place"]).is_file()
    assert made["entries"] == 1
    assert office.types("upgrade", "--now", PLANNED).code == 0
