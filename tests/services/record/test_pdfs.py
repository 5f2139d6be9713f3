"""PDF files: a scan and a print pass; a program inside and a file within the file do not."""

from __future__ import annotations

import zlib

import pytest

from services.errors import Refused
from services.pdfs import check_pdf
from tests.services.record.handed_in import photo

SCRIPT = b"<</S /JavaScript /JS (app.alert(1))>>"


def pdf(*objects: bytes) -> bytes:
    numbered = (b"%d 0 obj\n%s\nendobj\n" % (number, body) for number, body in enumerate(objects, 1))
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"".join(numbered) + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"


def stream(said: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\r\n%s\nendstream" % (said, len(data), data)


def packed(*bodies: bytes, order: bytes = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode") -> bytes:
    """Objects inside a compressed stream, as most writers put them since PDF 1.5."""
    return stream(order, zlib.compress(b"1 0 " + b" ".join(bodies)))


def damaged(body: bytes, *, behind: bytes, level: int = 9) -> bytes:
    """An object stream that unpacks up to its last bytes, which are others than they should be."""
    good = zlib.compressobj(level)
    whole = good.compress(b"1 0 " + body) + good.flush(zlib.Z_FULL_FLUSH)
    return stream(b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode", whole + behind)


WRONG_SUM = zlib.compress(b"")[2:-4] + b"\0\0\0\0"
NO_BLOCK = b"\7"  # RFC 1951, 3.2.3: there is no third kind of block

SCAN = stream(b"/Subtype/Image/Filter/DCTDecode", photo((600, 800)))
PAGE = b"<</Type/Page/Annots[<</Subtype/Link/A<</S/URI/URI(https://www.example.gov.cn/Web/JavaScript)>>>>]>>"


@pytest.mark.parametrize(
    "content",
    [
        pdf(b"<</Type/Catalog>>", PAGE, SCAN),
        pdf(b"<</Type/Catalog>>", packed(PAGE, b"<</Font 3>>"), SCAN),
        pdf(b"<</Type/Catalog/OpenAction[3 0 R/Fit]/AcroForm<</SigFlags 3>>>>", SCAN),  # with an electronic seal
        pdf(b"<</Type/Catalog/S/LaunchPad>>"),
        pdf(stream(b"/Filter/FlateDecode", zlib.compress(b"(/S /JavaScript)"))),  # words on a page, not an action
        pdf(b"<</Type/Catalog>>", damaged(PAGE, behind=WRONG_SUM), damaged(PAGE, behind=NO_BLOCK)),
        pdf(b"<</Type/Catalog>>", stream(b"/Type/ObjStm", b"")),
        pdf(b"<</Encrypt 5 0 R>>", stream(b"/Type/ObjStm/Filter/FlateDecode", bytes(range(256)))),
        b"%PDF-1",
        b"%PDF-1.4\nstream\n",
    ],
)
def test_a_scan_a_print_and_a_sealed_paper_are_taken(content: bytes) -> None:
    check_pdf("通知.pdf", content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pdf(b"<</OpenAction %s>>" % SCRIPT, SCAN), "自动运行的程序"),
        (pdf(b"<</OpenAction<</S/JavaScript/JS 5 0 R>>>>"), "自动运行的程序"),
        (pdf(b"<</AA<</O<</S\r\n/Java#53cript>>>>>>"), "自动运行的程序"),
        (pdf(b"<</OpenAction<</#53/#4aava#53#63ript>>>>"), "自动运行的程序"),
        (pdf(b"<</OpenAction<</S/Launch/F(cmd.exe)>>>>"), "自动运行的程序"),
        (pdf(b"<</Names<</EmbeddedFiles 5 0 R>>>>"), "其他文件"),
        (pdf(stream(b"/Type/EmbeddedFile", b"MZ")), "其他文件"),
        (pdf(SCAN, packed(b"<</OpenAction %s>>" % SCRIPT)), "自动运行的程序"),
        (pdf(packed(b"<</Names<</EmbeddedFiles 5 0 R>>>>", order=b"/Filter/FlateDecode/Type /Obj#53tm/N 1")), "其他文件"),
        (pdf(packed(PAGE), SCAN, packed(SCRIPT)), "自动运行的程序"),
        (pdf(packed(SCRIPT))[:-60], "自动运行的程序"),  # cut off behind what matters
        (pdf(damaged(SCRIPT, behind=WRONG_SUM)), "自动运行的程序"),
        (pdf(damaged(SCRIPT, behind=NO_BLOCK)), "自动运行的程序"),
        (pdf(damaged(PAGE * 3000 + SCRIPT, behind=NO_BLOCK)), "自动运行的程序"),
        (pdf(damaged(PAGE * 3000 + SCRIPT, behind=NO_BLOCK, level=0)), "自动运行的程序"),
        (pdf(damaged(PAGE, behind=NO_BLOCK), packed(SCRIPT)), "自动运行的程序"),
    ],
)
def test_a_program_or_a_file_inside_is_refused_with_the_remedy(content: bytes, said: str) -> None:
    with pytest.raises(Refused) as caught:
        check_pdf("通知.pdf", content)
    assert caught.value.code == "evidence_active"
    for word in ("“通知.pdf”", said, "打印", "另存为PDF"):
        assert word in caught.value.sentence


def test_a_bomb_in_an_object_stream_is_refused() -> None:
    squeezer = zlib.compressobj(9)
    data = b"".join(squeezer.compress(bytes(1024 * 1024)) for _ in range(110)) + squeezer.flush()
    with pytest.raises(Refused) as caught:
        check_pdf("通知.pdf", pdf(stream(b"/Type/ObjStm/Filter/FlateDecode", data)))
    assert caught.value.code == "evidence_bomb"


def test_a_file_full_of_beginnings_is_read_once() -> None:
    check_pdf("通知.pdf", b"%PDF-1.7 " + b"/Type/ObjStm>>stream\n" * 200_000)
