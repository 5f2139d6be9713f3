"""Photos and screenshots, drawn anew: what leaves here holds pixels and nothing that a camera or a stranger wrote beside them."""

from __future__ import annotations

import io
import warnings
from threading import Lock
from typing import TYPE_CHECKING

from services.errors import Refused

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 40_000_000
"""Of one picture. Drawing one of them takes 430 MB at the worst (a PNG with transparency), a phone's photo 100 MB."""

LONG_SIDE = 2560
"""Pixels: a photo of a signed list can still be read, and takes a third of what the camera wrote."""

_STRIP = 3
"""A picture so many times longer than wide is a long screenshot of a chat: shrunk to LONG_SIDE nobody could read it."""

_QUALITY = 85  # of a JPEG: above it the file grows and the eye sees no more
_FORMATS = {"jpg": "JPEG", "png": "PNG"}
_KEPT_MODES = {"jpg": {"L", "RGB"}, "png": {"1", "L", "LA", "P", "RGB", "RGBA"}}
_SIXTEEN_BITS = "I;16"
_INDEXED = "P"
_DRAWINGS = {"1", _INDEXED}
"""Two-tone scans and indexed drawings: small as they are, and larger when shrinking gives them in-between colours."""

_one_at_a_time = Lock()
"""Ten phones may hand in at once; the memory is taken once."""


def redrawn(name: str, ending: str, content: bytes) -> bytes:
    """The picture upright, at most LONG_SIDE long, as a file of the same kind (``jpg`` or ``png``), all metadata gone.

    Of a file with several pictures (animation, a phone's second exposure) the first is kept. The colour profile goes
    too: it is a stranger's program for the colour engine, and evidence needs no exact red. Raises Refused:
    evidence_too_big by its pixels, before any is decoded; evidence_broken when it ends early or cannot be read.
    """
    # Most commands never see a picture, and need not wait for the library.
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with _one_at_a_time, warnings.catch_warnings(action="ignore"):  # remarks about damaged EXIF, which goes anyway
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=[_FORMATS[ending]]) as picture:
                # Said once more: a filter belongs to the whole process, and another thread may have taken ours away.
                _refuse_too_many(name, picture.width * picture.height)
                return _written(_upright(picture, ending), ending)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise _too_many(name) from None
        except (Refused, MemoryError):  # the second is the machine's fault, not the picture's
            raise
        except Exception as error:  # a reader of strangers' bytes stumbles in more ways than it documents
            raise Refused(f"照片“{name}”不完整或已损坏，打不开。请重新拍照或重新保存后上传。", code="evidence_broken") from error


def _refuse_too_many(name: str, pixels: int) -> None:
    if pixels > MAX_PIXELS:
        raise _too_many(name)


def _too_many(name: str) -> Refused:
    sentence = f"照片“{name}”超过{MAX_PIXELS // 10_000}万像素，请在相机里改用普通像素，或缩小后再上传。"
    return Refused(sentence, code="evidence_too_big")


def _upright(picture: Image.Image, ending: str) -> Image.Image:
    """Shrunk, in colours that the format knows, turned as the camera was held."""
    from PIL import ExifTags, ImageOps

    wide, high = picture.size
    shrinks = picture.mode not in _DRAWINGS and LONG_SIDE < max(wide, high) <= _STRIP * min(wide, high)
    if shrinks:
        share = LONG_SIDE / max(wide, high)
        picture.draft(None, (round(wide * share), round(high * share)))  # JPEG: decoded at a half, a quarter, an eighth
    picture.load()  # here, since what goes wrong with the pixels is not forgiven as damaged EXIF is
    turned = _orientation(picture)
    plain = _in_known_colours(picture, ending)
    if shrinks:
        plain.thumbnail((LONG_SIDE, LONG_SIDE))
    plain = plain.copy()
    # What is noted beside the pixels is what the writers of both formats would take along.
    seen_through = plain.info.get("transparency") if plain.mode == _INDEXED else None
    plain.info = {} if seen_through is None else {"transparency": seen_through}
    plain.getexif()[ExifTags.Base.Orientation] = turned
    ImageOps.exif_transpose(plain, in_place=True)
    return plain


def _orientation(picture: Image.Image) -> int:
    """EXIF's number for how the camera was held; 1 is upright, and so is what damaged EXIF says."""
    from PIL import ExifTags

    try:
        said = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - damaged EXIF stumbles in more ways than it documents, and the picture is still good
        return 1
    return said if isinstance(said, int) else 1


def _in_known_colours(picture: Image.Image, ending: str) -> Image.Image:
    if picture.mode == _SIXTEEN_BITS:  # Pillow would cut what is brighter than 255 instead of scaling it
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    mode = picture.mode
    if mode != _INDEXED and picture.has_transparency_data:  # one colour may stand for «nothing here»
        mode = mode if mode == "LA" else "RGBA"
    mode = mode if mode in _KEPT_MODES[ending] else "RGB"
    return picture if mode == picture.mode else picture.convert(mode)


def _written(picture: Image.Image, ending: str) -> bytes:
    whole = io.BytesIO()
    picture.save(whole, _FORMATS[ending], quality=_QUALITY)
    return whole.getvalue()
