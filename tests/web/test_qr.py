"""QR codes as pages show them: drawn again from the picture in the page, and read by a program that reads such codes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jinja2 import DictLoader, Environment
from PIL import Image, ImageDraw

from tests.readers import ran
from web.qr import qr_svg

ADDRESS = "https://suishi.caohui.example/sign-in/zX9-q_7Kp2vTe4mRwB81cg"
_MOVE = re.compile(r"([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?")
_DOTS = 6  # of the picture, for one module


def painted(svg: str, path: Path) -> Path:
    """The picture as a browser would paint it: the strokes of its one dark path, each a module high."""
    picture = ET.fromstring(svg)
    side = int(picture.attrib["viewBox"].split()[2])
    image = Image.new("L", (side * _DOTS, side * _DOTS), 255)
    draw = ImageDraw.Draw(image)
    [strokes] = [one.attrib["d"] for one in picture.iter("path") if "stroke" in one.attrib]
    x = y = 0.0
    for command, first, second in _MOVE.findall(strokes):
        if command == "h":
            top = (y - 0.5) * _DOTS
            draw.rectangle((x * _DOTS, top, (x + float(first)) * _DOTS - 1, top + _DOTS - 1), fill=0)
            x += float(first)
        elif command == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    image.save(path)
    return path


@pytest.mark.readers
@pytest.mark.parametrize(
    "text",
    [
        ADDRESS,
        "otpauth://totp/%E7%8E%8B%E6%95%8F?secret=JBSWY3DPEHPK3PXP",
        f"{ADDRESS}?{'a' * 900}",
        "签到：https://曹回镇.example/",
    ],
    ids=["sign in", "second factor", "long", "chinese"],
)
def test_a_program_that_reads_codes_finds_the_text(tmp_path: Path, text: str) -> None:
    picture = painted(qr_svg(text, title="签到"), tmp_path / "code.png")
    assert ran("zbarimg", "--quiet", "--raw", str(picture)) == f"{text}\n"


def test_the_picture_has_a_name_and_needs_neither_style_nor_script() -> None:
    svg = qr_svg(ADDRESS, title='"签到" <二维码> & 更多')
    picture = ET.fromstring(svg)
    assert (picture.attrib["role"], picture.attrib["class"]) == ("img", "qr")
    assert [one.text for one in picture.iter("title")] == ['"签到" <二维码> & 更多']
    assert not {name for one in picture.iter() for name in one.attrib if name == "style" or name.startswith("on")}
    assert {one.tag for one in picture.iter()} == {"svg", "title", "path"}
    assert "://" not in svg


def test_a_template_shows_it_as_a_picture_and_what_was_typed_as_text() -> None:
    page = Environment(loader=DictLoader({"page": "{{ code }}{{ typed }}"}), autoescape=True).get_template("page")
    shown = page.render(code=qr_svg(ADDRESS, title="签到"), typed="<svg>")
    assert shown.startswith('<svg role="img" ')
    assert shown.endswith("</svg>&lt;svg&gt;")


def test_what_no_code_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="Data too large"):
        qr_svg("x" * 3000, title="签到")
