"""Photos: what is kept is what one sees, and nothing that the camera wrote beside it."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from services import pictures
from services.errors import Refused
from services.pictures import LONG_SIDE, MAX_PIXELS, redrawn
from tests.services.record.handed_in import drawn, noise, photo

ROOT = Path(__file__).parents[3]
RED, BLUE = (255, 0, 0), (0, 0, 255)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><who>taken by me</who></x:xmpmeta>'


def seen(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def exif(*, orientation: int = 1) -> Image.Exif:
    said = Image.Exif()
    said[ExifTags.Base.Make] = "a phone of mine"
    said[ExifTags.Base.Orientation] = orientation
    place = said.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (29.0, 21.0, 0.5)
    return said


def half_and_half(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, ...]) -> bool:
    found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, colour, strict=True))


def test_a_photo_loses_place_device_remarks_and_hidden_tail_and_keeps_its_picture() -> None:
    handed = half_and_half()
    profile = b"a stranger's profile" * 10
    content = drawn(handed, "JPEG", exif=exif(), comment=b"taken by me", xmp=XMP, icc_profile=profile)
    assert b"a phone of mine" in content
    kept = redrawn("现场.jpg", "jpg", content + b"a film with a place of its own")
    for private in (b"a phone of mine", b"Exif", b"taken by me", b"adobe", b"stranger", b"film"):
        assert private not in kept
    image = seen(kept)
    assert (image.format, image.size, len(image.getexif())) == ("JPEG", handed.size, 0)
    assert near(image, (8, 16), RED)
    assert near(image, (56, 16), BLUE)


def test_a_screenshot_loses_its_texts_and_its_place() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", "taken by me")
    said.add_text("Comment", "taken by me" * 20, zip=True)
    said.add_itxt("XML:com.adobe.xmp", XMP.decode())
    content = drawn(half_and_half(), "PNG", pnginfo=said, exif=exif(), icc_profile=b"a stranger's profile", dpi=(300, 300))
    kept = redrawn("截图.png", "png", content + b"tail")
    assert [kind for kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"pHYs", b"tIME", b"tail") if kind in kept] == []
    assert seen(kept).tobytes() == half_and_half().tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png")])
def test_a_picture_stands_as_the_camera_was_held(orientation: int, kind: str, ending: str) -> None:
    turn_back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = half_and_half()
    if orientation in turn_back:
        lying = lying.transpose(turn_back[orientation])
    image = seen(redrawn("x", ending, drawn(lying, kind, exif=exif(orientation=orientation))))
    assert image.size == (64, 32)
    assert near(image, (8, 16), RED)
    assert near(image, (56, 16), BLUE)


@pytest.mark.parametrize("damaged", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"])
def test_damaged_exif_does_not_cost_the_picture(damaged: bytes) -> None:
    assert near(seen(redrawn("x", "jpg", drawn(half_and_half(), "JPEG", exif=damaged))), (8, 16), RED)


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((4000, 3000), (2560, 1920)),
        ((3000, 4000), (1920, 2560)),
        ((5400, 1800), (2560, 853)),
        ((2560, 1920), (2560, 1920)),
        ((800, 600), (800, 600)),
        ((500, 6000), (500, 6000)),  # a long screenshot of a chat: shrunk, nobody could read it
    ],
)
def test_a_phones_photo_is_shrunk_to_what_the_eye_needs(size: tuple[int, int], kept: tuple[int, int]) -> None:
    content = photo(size, quality=95)
    small = redrawn("x", "jpg", content)
    assert seen(small).size == kept
    assert size == kept or len(small) < len(content) / 2
    assert seen(redrawn("x", "png", drawn(half_and_half(size), "PNG"))).size == kept


def test_a_turned_photo_is_shrunk_before_it_is_turned() -> None:
    image = seen(redrawn("x", "jpg", photo((4000, 3000), exif=exif(orientation=6))))
    assert image.size == (1920, LONG_SIDE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_keeps_its_look(mode: str) -> None:
    if mode == "I;16":
        handed = Image.new(mode, (64, 32), 200 * 257)
        looks: Any = 200
    else:
        handed = half_and_half().convert(mode)
        looks = handed.convert("RGBA").getpixel((8, 16))
    image = seen(redrawn("x", "png", drawn(handed, "PNG")))
    assert image.mode == ("L" if mode == "I;16" else mode)
    if mode == "I;16":
        assert image.getpixel((8, 16)) == looks
    else:
        assert image.convert("RGBA").getpixel((8, 16)) == looks


@pytest.mark.parametrize(("mode", "clear"), [("P", 0), ("P", b"\x00\xff"), ("L", 76), ("RGB", RED), ("RGBA", None), ("LA", None)])
def test_what_one_can_see_through_stays_so(mode: str, clear: Any) -> None:
    handed = half_and_half().quantize(2) if mode == "P" else half_and_half().convert(mode)
    if clear is None:
        handed.putalpha(Image.new("L", handed.size, 0))
        content = drawn(handed, "PNG")
    else:
        content = drawn(handed, "PNG", transparency=clear)
    before, after = seen(content).convert("RGBA"), seen(redrawn("x", "png", content)).convert("RGBA")
    assert after.getchannel("A").tobytes() == before.getchannel("A").tobytes()
    assert 0 in before.getchannel("A").tobytes()


def test_indexed_drawings_and_two_tone_scans_are_not_blown_up_by_shrinking() -> None:
    for mode in ("1", "P"):
        content = drawn(noise((2700, 1000)).convert(mode), "PNG")
        kept = redrawn("扫描.png", "png", content)
        assert seen(kept).size == (2700, 1000)
        assert len(kept) <= len(content) * 1.1


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_scanners_and_a_printers_jpeg_are_read(mode: str) -> None:
    image = seen(redrawn("x", "jpg", drawn(half_and_half().convert(mode), "JPEG")))
    assert image.mode == ("L" if mode == "L" else "RGB")
    if mode == "CMYK":
        assert near(image, (8, 16), RED)


def test_sixteen_bits_a_colour_become_eight() -> None:
    row = b"\0" + struct.pack(">3H", 0xFFFF, 0x8000, 0) * 4
    header = struct.pack(">2I5B", 4, 4, 16, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 4)) + chunk(b"IEND", b"")
    assert seen(redrawn("x", "png", content)).getpixel((1, 1)) == (255, 128, 0)


def test_of_a_moving_picture_and_of_a_phones_two_exposures_the_first_is_kept() -> None:
    first, second = Image.new("RGB", (40, 30), RED), Image.new("RGB", (40, 30), BLUE)
    for content, ending in (
        (drawn(first, "PNG", save_all=True, append_images=[second], duration=100), "png"),
        (drawn(first, "MPO", save_all=True, append_images=[second]), "jpg"),
    ):
        image = seen(redrawn("x", ending, content))
        assert getattr(image, "n_frames", 1) == 1
        assert near(image, (5, 5), RED)


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def flat_png(wide: int, high: int) -> bytes:
    """A black picture of any size in a few kilobytes, made without ever being drawn."""
    squeezer = zlib.compressobj(9)
    row = bytes(1 + (wide + 7) // 8)
    body = b"".join(squeezer.compress(row) for _ in range(high)) + squeezer.flush()
    header = struct.pack(">2I5B", wide, high, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("wide", [MAX_PIXELS // 4000 + 1, 2 * MAX_PIXELS // 4000 + 1, 60_000])
def test_a_bomb_of_pixels_is_refused_before_it_is_drawn(wide: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing: list[object] = []
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", lambda *_: drawing.append(1))
    content = flat_png(wide, 4000)
    assert len(content) < 100_000
    with pytest.raises(Refused, match=r"照片“现场.png”超过4000万像素，请.*缩小") as caught:
        redrawn("现场.png", "png", content)
    assert (caught.value.code, drawing) == ("evidence_too_big", [])


def test_the_largest_picture_that_is_taken_is_drawn() -> None:
    assert seen(redrawn("x", "png", flat_png(MAX_PIXELS // 4000, 4000))).size == (10_000, 4000)


@pytest.mark.parametrize("guard", ["warnings.simplefilter", "_refuse_too_many"])
def test_each_of_two_guards_refuses_a_bomb_of_pixels(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread may take the filter for warnings away; without the filter the library only warns."""
    real = warnings.simplefilter
    monkeypatch.setattr(f"services.pictures.{guard}", lambda *_: real("ignore") if "filter" in guard else None)
    with pytest.raises(Refused) as caught:
        redrawn("x", "png", flat_png(MAX_PIXELS // 4000 + 1, 4000))
    assert caught.value.code == "evidence_too_big"


@pytest.mark.parametrize(
    ("kind", "ending", "said"), [("JPEG", "jpg", {}), ("JPEG", "jpg", {"progressive": True}), ("PNG", "png", {})]
)
def test_a_photo_that_was_cut_off_on_its_way_is_refused(kind: str, ending: str, said: dict[str, Any]) -> None:
    content = drawn(noise((900, 600)), kind, exif=exif(orientation=6), **said)
    for share in (0.01, 0.1, 0.3, 0.5, 0.9, 0.99):
        with pytest.raises(Refused, match=r"照片“现场”不完整或已损坏，打不开。请重新拍照") as caught:
            redrawn("现场", ending, content[: int(len(content) * share)])
        assert caught.value.code == "evidence_broken"


def test_pixels_that_cannot_be_read_are_not_forgiven_as_damaged_exif_is(monkeypatch: pytest.MonkeyPatch) -> None:
    real, tries = PngImagePlugin.PngImageFile.load, iter([True])

    def fails_once(self: PngImagePlugin.PngImageFile) -> Any:
        if next(tries, False):
            raise OSError("image file is truncated")
        return real(self)

    content = drawn(half_and_half(), "PNG")
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", fails_once)
    with pytest.raises(Refused):
        redrawn("x", "png", content)


def test_a_text_that_unpacks_to_hundreds_of_megabytes_is_refused() -> None:
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(300_000_000), 9))
    content = drawn(half_and_half(), "PNG")
    after_header = 8 + 25
    with pytest.raises(Refused):
        redrawn("x", "png", content[:after_header] + text + content[after_header:])


def test_want_of_memory_is_no_fault_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "copy", full)
    with pytest.raises(MemoryError):
        redrawn("x", "jpg", photo())


def test_ten_phones_at_once_take_the_memory_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    next_may_begin: list[bool] = []
    real = Image.Image.copy

    def looked_at(self: Image.Image) -> Image.Image:
        next_may_begin.append(not pictures._one_at_a_time.locked())
        return real(self)

    monkeypatch.setattr(Image.Image, "copy", looked_at)
    redrawn("x", "jpg", photo())
    assert next_may_begin == [False]
    assert not pictures._one_at_a_time.locked()


def test_who_hands_in_no_picture_does_not_wait_for_the_library() -> None:
    asked = "import sys, services.evidence, cli.main; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT, check=False).returncode == 0
