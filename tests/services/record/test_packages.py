"""Word and Excel files: reports, lists and tables pass; whatever acts, hides or explodes is refused with its reason."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter

from services.errors import Refused
from services.packages import check_package
from services.zip_members import MAX_MEMBERS, MAX_UNPACKED, read_members, unpacked
from tests.services.record.handed_in import drawn, noise, office, office_parts, photo, relation, rels, zipped

DICE = random.Random(7)
PICTURE = b"\xff\xd8\xff" + DICE.randbytes(2_000_000)  # does not get smaller by packing
ADDRESS = "https://www.example.gov.cn/study?id=1&amp;page=2"
WORD_RELS = "word/_rels/document.xml.rels"
SETTINGS_RELS = "word/_rels/settings.xml.rels"
SHEET_RELS = "xl/worksheets/_rels/sheet1.xml.rels"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"
MACRO_EXCEL = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def refused(content: bytes, ending: str = "docx") -> Refused:
    with pytest.raises(Refused) as caught:
        check_package(f"方案.{ending}", ending, content)
    sentence = caught.value.sentence
    assert f"“方案.{ending}”" in sentence
    assert "请" in sentence
    return caught.value


def test_a_report_with_pictures_own_fonts_and_links_to_the_web_is_taken() -> None:
    links = rels(
        relation("hyperlink", ADDRESS, external=True),
        relation("hyperlink", "mailto:fazhi@example.gov.cn", external=True),
        relation("hyperlink", "附件1.docx", external=True),
        relation("hyperlink", "file:///D:\\材料\\附件2.docx", external=True),
        relation("hyperlink", "#第三章", external=True),
        relation("image", "media/image1.jpeg"),
        relation("fontTable", "fontTable.xml"),
    )
    more = {
        WORD_RELS: links,
        "word/media/image1.jpeg": photo((400, 300)),
        "word/media/image2.png": drawn(noise((40, 30)), "PNG"),
        "word/fonts/font1.odttf": bytes(range(256)),
        "customXml/item1.xml": "",
        "docProps/": "",
        "docProps/app.xml": '<?xml version="1.0" encoding="UTF-16"?><Properties/>'.encode("utf-16"),
    }
    check_package("方案.docx", "docx", office("docx", more))
    check_package("方案.docx", "docx", zipped({**office_parts("docx"), **more}, zipfile.ZIP_STORED))


def test_what_real_programs_write_is_taken() -> None:
    by_openpyxl, by_xlsxwriter = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    for row in range(2000):
        book.active.append([row, "学习民法典", "陈霞", "已办结"])
    book.active["E1"].hyperlink = "https://www.example.gov.cn"
    book.save(by_openpyxl)
    with xlsxwriter.Workbook(by_xlsxwriter) as written:
        sheet = written.add_worksheet("台账")
        sheet.write_row(0, 0, [1, 2, 3])
        sheet.insert_image(3, 3, "现场.jpg", {"image_data": io.BytesIO(photo())})
        chart = written.add_chart({"type": "column"})
        chart.add_series({"values": "=台账!$A$1:$C$1"})
        sheet.insert_chart(5, 5, chart)
    for book_bytes in (by_openpyxl.getvalue(), by_xlsxwriter.getvalue()):
        check_package("台账.xlsx", "xlsx", book_bytes)


def test_a_file_written_in_a_stream_is_taken() -> None:
    class Pipe(io.RawIOBase):  # cannot go back: sizes follow the data
        def __init__(self) -> None:
            self.written = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, block: bytes) -> int:
            self.written += block
            return len(block)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in office_parts("docx").items():
            package.writestr(name, content)
    check_package("方案.docx", "docx", bytes(pipe.written))


@pytest.mark.parametrize(
    "content",
    [
        office("docx", {"word/vbaProject.bin": b"x"}),
        office("docx", {"word/VBAPROJECT.BIN": b"x"}),
        office("docx", {"word\\vbaData.xml": "<x/>"}),
        office("docx", {WORD_RELS: rels(relation("vbaProject", "harmless.bin", base="http://schemas.microsoft.com/2006"))}),
        office("docx", main_type=MACRO_WORD),
        office("docx", main_type=MACRO_WORD.upper()),
        office("docx", types=f'<Default Extension="x" ContentType="{MACRO_EXCEL}"/>'),
        office("docx", types='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
        office("docx", types=f'<Override PartName="/x" ContentType="{MACRO_WORD.replace("macro", "ma&#99;ro")}"/>'),
    ],
)
def test_macros_are_refused_under_whatever_name(content: bytes) -> None:
    answer = refused(content)
    assert (answer.code, "带有宏，请另存为不带宏的文档" in answer.sentence) == ("evidence_active", True)


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/MacroSheets/intl.xml"])
def test_macros_of_excel_old_and_new_are_refused(part: str) -> None:
    assert "带有宏" in refused(office("xlsx", {part: "<x/>"}), "xlsx").sentence


def test_the_list_of_types_is_understood_in_any_encoding() -> None:
    parts = office_parts("docx", main_type=MACRO_WORD)
    listed = str(parts["[Content_Types].xml"]).replace("UTF-8", "UTF-16")
    assert "带有宏" in refused(zipped({**parts, "[Content_Types].xml": listed.encode("utf-16")})).sentence


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"word/embeddings/oleObject1.bin": b"x"}, "其他程序"),
        ({"word/Embeddings/Worksheet.xlsx": b"x"}, "其他程序"),
        ({"word/activeX/activeX1.xml": "<x/>"}, "其他程序"),
        ({"word/webextensions/taskpanes.xml": "<x/>"}, "其他程序"),
        ({WORD_RELS: rels(relation("oleObject", "somewhere.bin"))}, "其他程序"),
        ({WORD_RELS: rels(relation("package", "x.bin", base=STRICT))}, "其他程序"),
        ({WORD_RELS: rels(relation("aFChunk", "chunk.html"))}, "其他程序"),
        ({WORD_RELS: rels(relation("control", "c.xml"))}, "其他程序"),
        ({SETTINGS_RELS: rels(relation("attachedTemplate", "https://evil.example/t.dotm", external=True))}, "外面的文件"),
        ({SETTINGS_RELS: rels(relation("attachedTemplate", "https://evil.example/t.dotm"))}, "外面的文件"),
        ({SETTINGS_RELS: rels(relation("attachedTemplate", "http://evil/t", external=True, base=STRICT))}, "外面的文件"),
        ({WORD_RELS: rels(relation("image", "https://evil.example/pixel.png", external=True))}, "外面的文件"),
        ({WORD_RELS: rels(relation("image", "https://evil.example/pixel.png"))}, "外面的文件"),
        ({WORD_RELS: rels(relation("image", "//evil.example/pixel.png"))}, "外面的文件"),
        ({WORD_RELS: rels(relation("frame", "\\\\evil\\x", external=True))}, "外面的文件"),
        ({WORD_RELS: rels(relation("hyperlink", "file://evil/share", external=True))}, "超链接"),
        ({WORD_RELS: rels(relation("hyperlink", "file:///\\\\evil\\share", external=True))}, "超链接"),
        ({WORD_RELS: rels(relation("hyperlink", "\\\\evil\\share", external=True))}, "超链接"),
        ({WORD_RELS: rels(relation("hyperlink", "//evil/share", external=True))}, "超链接"),
        ({WORD_RELS: rels(relation("hyperlink", "ms-msdt:/id PCWDiagnostic", external=True))}, "超链接"),
        ({WORD_RELS: rels(relation("hyperlink", " javascript:alert(1)", external=True))}, "超链接"),
        ({"word/media/image1.png": zipped({"a": "b"})}, "夹着"),
        ({"word/media/image1.emz": b"\x1f\x8b\x08"}, "夹着"),
        ({"word/media/image1.wmf": b"7z\xbc\xaf\x27\x1c"}, "夹着"),
        ({"word/media/image1.png": b"Rar!\x1a\x07"}, "夹着"),
        ({"word/media/image1.png": b"MZ\x90"}, "夹着"),
        ({"word/media/image1.png": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, "夹着"),
        ({"word/media/image1.png": bytes(257) + b"ustar"}, "夹着"),
        ({"../../startup.xml": "<x/>"}, "文档之外"),
        ({"word\\..\\..\\startup.xml": "<x/>"}, "文档之外"),
        ({"/etc/startup.xml": "<x/>"}, "文档之外"),
        ({"C:\\startup.xml": "<x/>"}, "文档之外"),
    ],
)
def test_what_acts_hides_or_fetches_is_refused_with_its_reason(more: dict[str, str | bytes], said: str) -> None:
    answer = refused(office("docx", more))
    assert answer.code == "evidence_active"
    assert said in answer.sentence
    assert "PDF" in answer.sentence


@pytest.mark.parametrize(
    "more",
    [
        {"xl/externalLinks/externalLink1.xml": "<x/>"},
        {"xl/connections.xml": "<x/>"},
        {"xl/_rels/workbook.xml.rels": rels(relation("externalLink", "elsewhere/one.xml"))},
        {"xl/_rels/workbook.xml.rels": rels(relation("connections", "c.xml"))},
        {SHEET_RELS: rels(relation("externalLinkPath", "file:///D:\\别的表.xlsx", external=True))},
    ],
)
def test_a_table_that_asks_other_tables_is_refused(more: dict[str, str | bytes]) -> None:
    assert "断开链接" in refused(office("xlsx", more), "xlsx").sentence


BILLION = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'
OUTSIDE = '<!DOCTYPE l SYSTEM "file:///etc/passwd"><l/>'


@pytest.mark.parametrize("part", ["[Content_Types].xml", WORD_RELS, "word/document.xml", "customXml/item1.xml"])
@pytest.mark.parametrize("xml", [BILLION, OUTSIDE, "<!-- remarks -->\n" + BILLION])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_entity_is_declared_so_none_is_expanded(part: str, xml: str, encoding: str) -> None:
    answer = refused(zipped({**office_parts("docx"), part: xml.encode(encoding)}))
    assert (answer.code, "实体" in answer.sentence) == ("evidence_active", True)


@pytest.mark.parametrize(
    "xml",
    [
        b"no xml",
        b"<unfinished",
        b'<?xml version="1.0" encoding="of-nobody"?><l/>',
        b'<?xml version="1.0" encoding="gb18030"?><l/>',
        b"<!--" + DICE.randbytes(200_000).hex().encode() + b"--><l/>",
        b"\xff\xfe\x00",
    ],
)
@pytest.mark.parametrize("part", ["[Content_Types].xml", "word/document.xml"])
def test_a_part_that_is_no_xml_is_refused(part: str, xml: bytes) -> None:
    answer = refused(zipped({**office_parts("docx"), part: xml}))
    assert answer.code in {"evidence_broken", "evidence_type"}


def test_the_lists_of_a_package_are_not_read_without_end() -> None:
    endless = rels(relation("hyperlink", ADDRESS + "x" * 17_000_000, external=True))
    assert refused(zipped({**office_parts("docx"), WORD_RELS: endless}, zipfile.ZIP_STORED)).code == "evidence_broken"


def test_a_file_that_only_bears_the_name_is_refused() -> None:
    for content, ending in (
        (office("xlsx"), "docx"),
        (office("docx"), "xlsx"),
        (zipped({"学习.txt": "x"}), "docx"),
        (office("docx", main_type="application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"), "docx"),
    ):
        answer = refused(content, ending)
        assert (answer.code, f"内容不是{ending}文件" in answer.sentence) == ("evidence_type", True)


# Bombs and lies, as files on disk


def bomb(size: int, *, filler: bytes = b"") -> bytes:
    """A package with one part of ``size`` zero bytes, written a block at a time."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in office_parts("docx").items():
            package.writestr(name, content)
        if filler:
            package.writestr("word/media/image1.jpeg", filler)
        with package.open("word/media/image2.bmp", "w") as part:
            for _ in range(0, size, 1024 * 1024):
                part.write(bytes(1024 * 1024))
    return whole.getvalue()


@pytest.mark.parametrize("size", [200, 30])  # the smaller by its ratio alone
def test_a_bomb_is_refused_from_its_table_of_contents(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bomb(size * 1024 * 1024)
    assert len(content) < 300_000
    monkeypatch.setattr("services.packages.unpacked", None)
    assert refused(content).code == "evidence_bomb"


def test_a_part_that_ends_just_behind_a_block_is_read_to_its_end() -> None:
    parts = {f"word/{size}.bin": bytes(64 * 1024 + size) for size in range(0, 600, 7)}
    check_package("方案.docx", "docx", office("docx", {"word/media/image1.jpeg": PICTURE, **parts}))


def test_a_bomb_in_the_shade_of_a_large_picture_is_refused() -> None:
    assert len(PICTURE) * 100 > 110 * 1024 * 1024  # the ratio alone would let it pass
    assert refused(bomb(110 * 1024 * 1024, filler=PICTURE)).code == "evidence_bomb"


def test_what_unpacks_to_just_under_the_limit_is_taken() -> None:
    check_package("方案.docx", "docx", bomb(MAX_UNPACKED - 3 * 1024 * 1024, filler=PICTURE))


def test_as_many_parts_as_no_document_has_are_refused_before_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {f"word/p{number}.bin": "x" for number in range(MAX_MEMBERS - 3)}
    check_package("方案.docx", "docx", office("docx", parts))
    content = office("docx", {**parts, "word/one-more.bin": "x"})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    answer = refused(content)
    assert (answer.code, "超过2000个" in answer.sentence) == ("evidence_bomb", True)


def patched(content: bytes, name: str, *, local: dict[int, int] | None = None, central: dict[int, int] | None = None) -> bytes:
    """The file with 32-bit numbers written at offsets of the member's two headers."""
    changed, raw = bytearray(content), name.encode()
    for changes, signature, fixed in ((local, b"PK\x03\x04", 30), (central, b"PK\x01\x02", 46)):
        at = changed.find(signature)
        while changed[at + fixed : at + fixed + len(raw)] != raw:
            at = changed.index(signature, at + 1)
        for offset, number in (changes or {}).items():
            struct.pack_into("<I", changed, at + offset, number)
    return bytes(changed)


BMP = "word/media/image2.bmp"
LOCAL = {"flags": 6, "crc": 14, "packed": 18, "size": 22}
CENTRAL = {"flags": 8, "crc": 16, "packed": 20, "size": 24, "offset": 42}


def test_a_table_of_contents_that_lies_about_sizes_is_found_out() -> None:
    content = bomb(30 * 1024 * 1024, filler=PICTURE)
    for said in (1000, 0, 29 * 1024 * 1024, 31 * 1024 * 1024):
        lying = patched(content, BMP, local={LOCAL["size"]: said}, central={CENTRAL["size"]: said})
        assert refused(lying).code == "evidence_broken"
        assert refused(patched(content, BMP, central={CENTRAL["size"]: said})).code == "evidence_broken"


def test_a_lie_is_found_out_before_more_is_unpacked_than_was_said() -> None:
    content = bomb(30 * 1024 * 1024, filler=PICTURE)
    lying = patched(content, BMP, local={LOCAL["size"]: 1000}, central={CENTRAL["size"]: 1000})
    member = next(one for one in read_members("x", lying) if one.name == BMP)
    got = 0
    with pytest.raises(Refused):
        for block in unpacked("x", lying, member):
            got += len(block)
    assert got <= 1000


def hidden_between(whole: bytes) -> bytes:
    """A second document that only readers see who go from header to header."""
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        directory = package.start_dir
        size = len(whole) - directory - 22
    hidden = zipped({"word/document2.xml": "<x/>"}, zipfile.ZIP_STORED)
    hidden = hidden[: hidden.index(b"PK\x01\x02")]
    end = bytearray(whole[-22:])
    struct.pack_into("<II", end, 12, size, directory + len(hidden))
    return whole[:directory] + hidden + whole[directory:-22] + bytes(end)


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "a sum that does not fit": lambda it: patched(it, BMP, local={LOCAL["crc"]: 1}, central={CENTRAL["crc"]: 1}),
    "data said to be longer": lambda it: patched(it, BMP, local={LOCAL["packed"]: 10**6}, central={CENTRAL["packed"]: 10**6}),
    "data said to be shorter": lambda it: patched(it, BMP, local={LOCAL["packed"]: 9}, central={CENTRAL["packed"]: 9}),
    "two headers of different sizes": lambda it: patched(it, BMP, local={LOCAL["packed"]: 9}),
    "two headers of different names": lambda it: it.replace(BMP.encode(), BMP.upper().encode(), 1),
    "a place that is another's": lambda it: patched(it, BMP, central={CENTRAL["offset"]: 0}),
    "a place behind the end": lambda it: patched(it, BMP, central={CENTRAL["offset"]: 10**8}),
    "something before it": lambda it: b"PK\x03\x04" + bytes(60) + it,
    "something behind it": lambda it: it + zipped({"a": "b"}),
    "a hidden part between": hidden_between,
    "an end that is missing": lambda it: it[:-40],
    "half of it": lambda it: it[: len(it) // 2],
    "only a beginning": lambda _: b"PK\x03\x04 rubbish",
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
def test_a_file_of_which_two_readers_would_read_two_things_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    whole = office("docx", {BMP: bytes(range(256)) * 10})
    check_package("方案.docx", "docx", whole)
    answer = refused(spoil(whole))
    assert (answer.code, "已损坏，打不开。请用Office或WPS打开后另存" in answer.sentence) == ("evidence_broken", True)


def test_data_that_go_on_behind_their_end_are_refused() -> None:
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = squeezer.compress(b"x" * 500) + squeezer.flush()
    for rest, taken in ((b"", True), (b"hidden", False)):
        whole = zipped({**office_parts("docx"), BMP: packed + rest}, zipfile.ZIP_STORED)
        said = {"size": 500, "crc": zlib.crc32(b"x" * 500)}
        local, central = {8: zipfile.ZIP_DEFLATED}, {10: zipfile.ZIP_DEFLATED}  # the method, before a time of 0
        for key, number in said.items():
            local[LOCAL[key]] = central[CENTRAL[key]] = number
        content = patched(whole, BMP, local=local, central=central)
        if taken:
            check_package("方案.docx", "docx", content)
        else:
            assert refused(content).code == "evidence_broken"


def test_members_that_lie_over_each_other_are_refused() -> None:
    """As in the bombs of Fifield: one compressed kernel, counted a thousand times."""
    inner = zipped({"word/inner.bin": "x" * 500}, zipfile.ZIP_STORED)
    inner = inner[: inner.index(b"PK\x01\x02")]
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as package:
        for name, content in office_parts("docx").items():
            package.writestr(name, content)
        package.writestr("word/outer.bin", b"data" + inner)
        outer = package.getinfo("word/outer.bin")
        info = zipfile.ZipInfo("word/inner.bin")
        info.header_offset = outer.header_offset + 30 + len(outer.filename) + 4
        info.file_size = info.compress_size = 500
        info.CRC = zlib.crc32(b"x" * 500)
        package.filelist.append(info)
    assert refused(whole.getvalue()).code == "evidence_broken"


@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile's remark on what this test is about
def test_two_members_of_one_name_are_refused() -> None:
    for twin in ("word/document.xml", "WORD/Document.xml", "word\\document.xml"):
        whole = io.BytesIO(office("docx"))
        with zipfile.ZipFile(whole, "a") as package:
            package.writestr(twin, "<another/>")
        assert refused(whole.getvalue()).code == "evidence_broken"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_no_office_program_uses_is_refused(method: int) -> None:
    assert refused(zipped(office_parts("docx"), method)).code == "evidence_broken"


def test_encrypted_members_are_refused_with_the_remedy() -> None:
    whole = office("docx", {BMP: b"x"})
    flag = 0x00080001  # the method stands behind the flags
    answer = refused(patched(whole, BMP, local={LOCAL["flags"]: flag}, central={CENTRAL["flags"]: flag}))
    assert (answer.code, "去掉密码" in answer.sentence) == ("evidence_locked", True)
    assert refused(patched(whole, BMP, local={LOCAL["flags"]: flag})).code == "evidence_broken"
