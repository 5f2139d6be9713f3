from __future__ import annotations

from collections.abc import Callable

import pytest

from config.editing.document import Document
from config.editing.refusals import EditRefused
from config.editing.spelling import Value
from tests.config.editing.conftest import PEOPLE, SETTINGS, STUDY, gone_and_come


def changed(text: str, *path: str | int, to: Value) -> tuple[list[str], list[str]]:
    return gone_and_come(text, Document.of(text).set(path, to).text)


# -- one field ---------------------------------------------------------------------------------------


def test_a_text_takes_the_place_of_a_text() -> None:
    assert changed(PEOPLE, "people", 0, "name", to="罗小辉") == (["    name: 罗辉\n"], ["    name: 罗小辉\n"])


def test_a_value_in_brackets_changes_and_its_neighbours_keep_their_spacing() -> None:
    text = "units:\n  - { key: a ,name:  甲,kind: town }   # 说明\n"

    assert changed(text, "units", 0, "name", to="乙")[1] == ["  - { key: a ,name:  乙,kind: town }   # 说明\n"]


def test_the_quotes_that_stood_there_stay() -> None:
    text = "a: \"x\"\nb: 'y'\nc: z\n"
    document = Document.of(text)
    for name in "abc":
        document = document.set((name,), "it's")

    assert document.text == "a: \"it's\"\nb: 'it''s'\nc: it's\n"


def test_a_comment_behind_a_value_keeps_its_column() -> None:
    assert changed(SETTINGS, "office", to="垫江县曹回镇人民政府")[1] == ["office: 垫江县曹回镇人民政府        # 单位全称\n"]
    assert changed(STUDY, "duties", 0, "basis_mark", to="见")[1] == [
        "    basis_mark: 见                     # 规则名称有出处；每季度一次是默认值，请核对\n"
    ]


def test_a_value_too_long_for_the_column_leaves_two_blanks_before_the_comment() -> None:
    assert changed("a: x   # 说明\n", "a", to="很长的一段话")[1] == ["a: 很长的一段话  # 说明\n"]


@pytest.mark.parametrize("empty", ["a:   # 说明\n", "a: ~   # 说明\n", 'a: ""   # 说明\n', "a: null   # 说明\n"])
def test_nothing_written_becomes_something(empty: str) -> None:
    document = Document.of(empty).set(("a",), "x")

    assert document.get(("a",)) == "x"
    assert document.text.startswith(("a: x ", 'a: "x" '))
    assert document.text.endswith("# 说明\n")


def test_equal_is_left_as_it_is_written() -> None:
    for text in (PEOPLE, STUDY, SETTINGS):
        document = Document.of(text)
        whole = document.get(())
        assert isinstance(whole, dict)
        for name, content in whole.items():
            assert document.set((name,), content) is not None
            assert document.set((name,), content).text == text


def test_a_new_field_takes_its_usual_place() -> None:
    order = ("key", "name", "posts", "destinations", "stand_ins", "left_on")
    text = Document.of(PEOPLE).set(("people", 0, "stand_ins"), [{"person": "chenxia", "since": "2026-07-01"}], order=order).text

    gone, come = gone_and_come(PEOPLE, text)

    assert gone == []
    assert come == ["    stand_ins:\n", "      - {person: chenxia, since: 2026-07-01}\n"]
    assert "luohui@caohui.example}\n    stand_ins:\n" in text


def test_a_new_field_in_brackets_takes_its_usual_place() -> None:
    order = ("key", "name", "kind", "parent", "head", "contact")

    text = Document.of("u: {key: a, name: 甲, kind: town, contact: x}\n").set(("u", "head"), "z", order=order).text

    assert text == "u: {key: a, name: 甲, kind: town, head: z, contact: x}\n"


def test_a_field_goes_with_its_lines_and_nothing_else() -> None:
    gone, come = gone_and_come(PEOPLE, Document.of(PEOPLE).remove(("people", 11, "stand_ins")).text)

    assert [line.strip()[:9] for line in gone] == ["stand_ins", "- {person"]
    assert come == []


def test_the_first_field_behind_a_dash_can_go() -> None:
    assert Document.of("a:\n  - x: 1\n    y: 2\n").remove(("a", 0, "x")).text == "a:\n  - y: 2\n"
    commented = Document.of("a:\n  - x: 1   # 一\n    # 二\n    y: 2\n").remove(("a", 0, "x"))
    assert commented.get(("a",)) == [{"y": "2"}]
    assert "# 一" in commented.text
    assert "# 二" in commented.text


def test_removing_what_is_not_there_changes_nothing() -> None:
    document = Document.of(PEOPLE)

    assert document.remove(("people", 0, "left_on")) is document


def test_a_value_changes_its_shape() -> None:
    assert changed(STUDY, "duties", 7, "rule", to={"by": "11-30"}) == (
        ["    rule: 11月底\n"],
        ["    rule: {by: 11-30}\n"],
    )
    gone, come = changed(STUDY, "duties", 0, "ladder", to="standard")
    assert len(gone) == 8
    assert come == ["    ladder: standard\n"]
    steps = [{"at": "T-3", "to": ["owner"]}, {"at": "T0", "to": ["owner"], "say": "请登记"}]
    assert changed(STUDY, "duties", 1, "ladder", to=steps)[1] == [
        "    ladder:\n",
        "      - {at: T-3, to: [owner]}\n",
        "      - {at: T0, to: [owner], say: 请登记}\n",
    ]


def test_another_rule_of_the_same_shape_changes_only_what_differs() -> None:
    text = "rule: {market_days: 二五八,  lunar: true, every: 4}   # 场期\n"

    assert changed(text, "rule", to={"market_days": "二五八", "lunar": "true", "every": 2})[1] == [
        "rule: {market_days: 二五八,  lunar: true, every: 2}   # 场期\n"
    ]


def test_several_lines_are_a_text_block_and_one_line_is_none() -> None:
    text = Document.of(STUDY).set(("duties", 0, "note"), "第一行\n第二行：说明").text

    assert "    note: |-\n      第一行\n      第二行：说明\n" in text
    assert Document.of(text).set(("duties", 0, "note"), "一行").text.count("    note: 一行\n") == 1


@pytest.mark.parametrize(
    "odd",
    [
        *("a: b", "x #y", "#c", "- a", "{unit}走访", "[x", "a,b", "&x", "*", "!t", "%", "@", "`", "? a", "--- x", "...", "a:"),
        *("null", "~", "yes", "No", "12:30", "'", '"', "\\", "它说：“好”", "  两头有空格  ", "多\n行\n", "\n", "\ta", "\u2028a"),
        *("\x07", "😀", "|", ">", "-1", "2026-01-01", "很" * 200, "a\u3000b", "\ufeff", "\x85b", "#", "-", "on"),
    ],
)
@pytest.mark.parametrize("place", [("block",), ("flow", "a"), ("list", 0), ("rows", 0, "a")])
def test_whatever_somebody_types_is_what_is_read(odd: str, place: tuple[str | int, ...]) -> None:
    text = "block: x   # 一\nflow: {a: x, b: y}   # 二\nlist: [x, y]\nrows:\n  - {a: x, b: y}\n  # 三\n"

    document = Document.of(text).set(place, odd)

    assert document.get(place) == (odd if odd.strip() else "")
    assert Document.of(document.text).get(()) == document.get(())
    assert [mark in document.text for mark in ("# 一", "# 二", "# 三")] == [True] * 3


# -- lists -------------------------------------------------------------------------------------------

COMMENTED = """\
duties:
  # 说明整张清单
  - key: a
    evidence: [甲, 乙]   # 甲和乙

  # —— 第二组 ——
  # 关于 b
  - key: b   # b 的行
    # 夹在里面
    measures:
      # 指标的说明
      - {name: 场次, unit: 场}   # 一场算一次
      # 关于人次
      - {name: 人次, unit: 人}
        # 人次怎么数
      # 备用: - {name: 份数}

  - key: c
# 尾注
"""


def comments(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]


def test_comments_inside_a_list_survive_a_change_of_the_list() -> None:
    rows: list[Value] = [{"name": "场次", "unit": "次"}, {"name": "人次", "unit": "人", "required": True}, {"name": "新的"}]

    text = Document.of(COMMENTED).set(("duties", 1, "measures"), rows).text

    assert comments(text) == comments(COMMENTED)
    assert gone_and_come(COMMENTED, text)[1] == [
        "      - {name: 场次, unit: 次}   # 一场算一次\n",
        "      - {name: 人次, unit: 人, required: true}\n",
        "      - {name: 新的}\n",
    ]


def test_a_member_goes_with_the_comment_above_it_and_its_blank_line() -> None:
    text = Document.of(COMMENTED).remove(("duties", 1)).text

    assert text == COMMENTED[: COMMENTED.index("  # 关于 b")] + COMMENTED[COMMENTED.index("  - key: c") :]
    assert "# —— 第二组 ——\n  - key: c" in text


def test_what_stands_above_the_first_member_speaks_of_the_whole_list() -> None:
    text = Document.of(COMMENTED).remove(("duties", 0)).text

    assert text.startswith("duties:\n  # 说明整张清单\n  # —— 第二组 ——\n  # 关于 b\n  - key: b")


def test_a_member_moves_as_it_is_written_with_the_comment_above_it() -> None:
    text = Document.of(COMMENTED).move(("duties",), 1, 2).text

    assert sorted(comments(text)) == sorted(comments(COMMENTED))
    moved = COMMENTED[COMMENTED.index("  # 关于 b") : COMMENTED.index("\n  - key: c")]
    assert text.endswith(f"  # —— 第二组 ——\n  - key: c\n\n{moved}# 尾注\n")


def test_members_in_another_order_are_moved_not_written_anew() -> None:
    document = Document.of(COMMENTED)
    rows = document.members(("duties", 1, "measures"))

    text = document.set(("duties", 1, "measures"), rows[::-1]).text

    assert (
        "      # 关于人次\n      - {name: 人次, unit: 人}\n        # 人次怎么数\n      - {name: 场次, unit: 场}   # 一场算一次\n"
    ) in text
    assert document.of(text).members(("duties", 1, "measures")) == rows[::-1]
    assert len(text.splitlines()) == len(COMMENTED.splitlines())


def test_a_new_member_comes_behind_what_is_said_below_the_one_before_it() -> None:
    text = Document.of(COMMENTED).append(("duties", 1, "measures"), {"name": "件数"}).text

    assert "        # 人次怎么数\n      - {name: 件数}\n      # 备用: - {name: 份数}\n\n  - key: c" in text


def test_a_new_member_looks_like_its_neighbour() -> None:
    document = Document.of(PEOPLE)

    unit = document.append(("units",), {"key": "new", "name": "新村", "kind": "village"})
    person = document.append(("people",), {"key": "new", "name": "新人", "posts": [{"unit": "caohui", "title": "干部"}]})

    assert gone_and_come(PEOPLE, unit.text) == ([], ["  - {key: new, name: 新村, kind: village}\n"])
    assert gone_and_come(PEOPLE, person.text)[1] == [
        "\n",
        "  - key: new\n",
        "    name: 新人\n",
        "    posts:\n",
        "      - {unit: caohui, title: 干部}\n",
    ]


def test_members_in_brackets_keep_their_lines_and_comments() -> None:
    text = "a: [x, y,\n  z,   # 关于 z\n  w\n]\n"
    document = Document.of(text)

    assert document.append(("a",), "v").text == "a: [x, y,\n  z,   # 关于 z\n  w, v\n]\n"
    assert document.remove(("a", 2)).text == "a: [x, y,\n     # 关于 z\n  w\n]\n"
    assert document.remove(("a", 3)).get(("a",)) == ["x", "y", "z"]
    assert "# 关于 z" in document.remove(("a", 3)).text
    assert document.move(("a",), 0, 1).text == "a: [y,\n  x,\n  z,   # 关于 z\n  w\n]\n"


def test_a_list_is_made_where_there_is_none_and_can_be_emptied() -> None:
    text = "a: x\nb: []   # 说明\n"

    filled = Document.of(text).append(("b",), {"k": "v"}).append(("c",), "w")

    assert filled.text == "a: x\nb:      # 说明\n  - {k: v}\nc: [w]\n"
    assert filled.remove(("b", 0)).text == "a: x\nb: []   # 说明\nc: [w]\n"


# -- other people's habits ---------------------------------------------------------------------------

ODD = """\
# 头
---
units:
- {key: a , name:  "甲 # x" ,kind: town}   # 一
- { key: b,
    name: 乙,   # 里
    kind: 'it''s' }
-   key: c      # 横后
    # 上
    name: 丙
    kind: |
      多行
      # 不是注释

    # 下
- key: d
  name: >-
    折叠
    起来
  kind: [ ]
people: [ ]   # 空
empty:   # 空白
"quoted name": 'v'   # 引号
nested:
  - - a
    - b
  - - c
long: 多 行
  续 行   # 尾
last: 末"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_stay(newline: str, mark: str) -> None:
    text = mark + ODD.replace("\n", newline)

    document = Document.of(text)
    edited = document.set(("units", 2, "name"), "丁").append(("units",), {"key": "e", "name": "戊"}).set(("last",), "新")

    assert document.text == text
    assert edited.text == text.replace("name: 丙", "name: 丁").replace(
        f"kind: [ ]{newline}", f"kind: [ ]{newline}{newline}- key: e{newline}  name: 戊{newline}"
    ).replace("last: 末", "last: 新")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("units", 0, "name"), "新 # 名"),
        (("units", 1, "kind"), "新"),
        (("units", 2, "kind"), "一行"),
        (("units", 3, "name"), "两\n行"),
        (("units", 3, "kind"), ["x"]),
        (("people",), [{"key": "p", "posts": [{"unit": "a"}]}]),
        (("empty",), {"a": "b"}),
        (("quoted name",), "w"),
        (("nested", 0), ["b"]),
        (("nested", 1, 0), "d"),
        (("long",), "短"),
    ],
)
def test_unusual_forms_are_edited_within_their_own_field(path: tuple[str | int, ...], value: Value) -> None:
    document = Document.of(ODD).set(path, value)

    assert document.get(path) == value
    gone, _ = gone_and_come(ODD, document.text)
    field = str(path[0])
    first = next(at for at, line in enumerate(ODD.splitlines()) if line.startswith((field, f'"{field}')))
    inside = ODD.splitlines(keepends=True)[first:]
    assert all(line in inside for line in gone)
    assert document.text.startswith("# 头\n---\n")


EXPLICIT = """\
rows:
  ? a
  : x   # 关于 x
  ? b
  : - c
    - d
  e: {f, g: h}
  ? i
"""


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.set(("rows", "a"), "z"),
        lambda document: document.set(("rows", "a"), ["z", {"k": "v"}]),
        lambda document: document.set(("rows", "b", 1), "z"),
        lambda document: document.append(("rows", "b"), "z"),
        lambda document: document.set(("rows", "j"), "z"),
        lambda document: document.set(("rows", "e", "f"), "z"),
        lambda document: document.set(("rows", "i"), "z"),
        lambda document: document.remove(("rows", "a")),
        lambda document: document.remove(("rows", "b")),
        lambda document: document.remove(("rows", "i")),
        lambda document: document.remove(("rows", "e", "f")),
    ],
)
def test_forms_that_nobody_writes_are_written_anew_where_they_cannot_be_edited(change: Callable[[Document], Document]) -> None:
    text = f"# 头\nfirst: 1\n{EXPLICIT}# 尾\nlast: 2   # 末\n"

    document = change(Document.of(text))

    assert document.text != text
    assert document.text.startswith("# 头\nfirst: 1\nrows:")
    assert document.text.endswith("# 尾\nlast: 2   # 末\n")


def test_a_last_line_without_an_end_gets_one_only_when_something_follows() -> None:
    assert Document.of("a: x").set(("a",), "z").text == "a: z"
    assert Document.of("a: x").set(("b",), "z").text == "a: x\nb: z\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "没有"),
        ("a: 1\na: 2\n", "第2行"),
        ("a: &x 1\nb: *x\n", "锚点"),
        ("a: 1\n---\nb: 2\n", "第二份"),
        ("a: x\u2028b\n", "换行符"),
        ("", ""),
    ],
)
def test_a_file_with_faults_of_yaml_is_left_to_a_person(text: str, said: str) -> None:
    with pytest.raises(EditRefused) as refused:
        Document.of(text)

    assert refused.value.code == "file_faulty"
    assert said in refused.value.sentence


def test_what_no_form_allows_is_refused_with_its_line() -> None:
    with pytest.raises(EditRefused, match="第2行") as refused:
        Document.of("# 只有一项\na: x\n").remove(("a",))

    assert refused.value.code == "too_odd"
