"""A QR code as a picture inside the page: what a phone's camera turns into an address."""

from __future__ import annotations

import segno

_QUIET = 4
"""Light modules around the code, without which cameras do not find it (ISO/IEC 18004)."""


class Svg(str):
    """A picture that a template puts into the page as it is. Only what this module drew may be one."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def qr_svg(text: str, *, title: str) -> Svg:
    """The code of ``text``; ``title`` is what a screen reader says of it. Raises ValueError when no code can hold the text.

    Dark on light whatever the page's own colours are, and no style attribute: the pages' policy allows none. How large
    it is shown is for the style sheet to say, by the class ``qr``.
    """
    code = segno.make(text, error="m", micro=False)  # a seventh of it may be lost to glare; micro codes no phone reads
    looks = {"dark": "#000", "light": "#fff", "svgclass": "qr", "lineclass": None, "omitsize": True}
    return Svg(code.svg_inline(border=_QUIET, title=title, **looks).replace("<svg ", '<svg role="img" ', 1))
