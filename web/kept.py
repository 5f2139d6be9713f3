"""What somebody typed into a page whose session had ended: it goes along through signing in, and can be sent afterwards.

Passwords and codes are never carried along, nor files, which no page can hand back to a browser.
"""

from __future__ import annotations

from starlette.datastructures import FormData

KEPT = "kept."
"""Before the names of such fields on the page for signing in."""

_SECRET = frozenset({"password", "again", "old", "digits", "activation", "set_up_code"})
_LONG = 16

Fields = list[tuple[str, str]]


def can_be_kept(lost: FormData) -> bool:
    """Forms that ask for something secret are filled in anew."""
    return not any(name in _SECRET for name in lost)


def to_keep(lost: FormData) -> Fields:
    """The fields for the page for signing in. The form's own code is made anew."""
    return [(f"{KEPT}{name}", value) for name, value in plain(lost) if name != "code"]


def carried(form: FormData) -> Fields:
    """Those that came back from that page, as they came; several of one name stay several."""
    return [(name, value) for name, value in plain(form) if name.startswith(KEPT)]


def restored(form: FormData) -> Fields:
    """The same under their own names."""
    return [(name.removeprefix(KEPT), value) for name, value in carried(form)]


def plain(form: FormData) -> Fields:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def words(fields: Fields) -> list[str]:
    """What a person wrote, to be looked at before it is sent: not the keys and numbers that a form carries along."""
    return [value.strip() for _, value in fields if not value.isascii() or len(value.strip()) > _LONG]
