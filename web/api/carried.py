"""Calls that carry files (multipart/form-data): a part ``said`` with the call's own form as JSON, and the ``files``.

Nothing of a body is read before the gate has let the program in: a stranger's files are never taken from the line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.evidence import NewEvidence
from web.api.forms.base import In
from web.pages.staff_visit import FORMS
from web.uploads import MAX_FILES, read_uploads

MOST_SAID = 64 * 1024
"""Bytes of a call without files: it is read before anybody knows who calls."""

SAID, FILES = "said", "files"
MULTIPART = "multipart/form-data"
_JSON = "application/json"
_MOST_PARTS = FORMS["done"].files
"""As on the page, more than are taken: what is too much is said in a sentence, not by a broken upload."""

Form = TypeVar("Form", bound=In)


@dataclass(frozen=True, slots=True)
class Carried(Generic[Form]):
    """What was said, and the files that came along."""

    said: Form
    files: list[NewEvidence]


def carried(form: type[Form]) -> Callable[[Request], Awaitable[Carried[Form]]]:
    """Reads a call that may carry files. Raises RequestValidationError, and Refused for too many files."""

    async def read(request: Request) -> Carried[Form]:
        if not is_multipart(request.headers.get("content-type", "")):
            return Carried(_understood(form, await request.body()), [])
        try:
            async with request.form(max_files=_MOST_PARTS, max_fields=_MOST_PARTS, max_part_size=MOST_SAID) as parts:
                _refuse_strange(parts)
                return Carried(_understood(form, await _said(parts)), await read_uploads(parts, FILES))
        except HTTPException as broken:
            raise _unreadable("multipart", str(broken.detail)) from None

    return read


def described(form: type[In], *, alone: bool) -> dict[str, Any]:
    """The body of such a call for the description. ``alone``: it may come without files, as JSON."""
    said = form.model_json_schema()
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": MAX_FILES}
    parts: dict[str, Any] = {
        "type": "object",
        "properties": {SAID: said, FILES: files},
        "required": [SAID] if alone else [FILES],
        "additionalProperties": False,
    }
    content: dict[str, Any] = {MULTIPART: {"schema": parts, "encoding": {SAID: {"contentType": _JSON}}}}
    if alone:
        content = {_JSON: {"schema": said}, **content}
    return {"requestBody": {"required": True, "content": content}}


def is_multipart(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == MULTIPART


def _refuse_strange(parts: FormData) -> None:
    """A file without a name would be passed over in silence, and so would a part that nobody asked for."""
    for name, part in parts.multi_items():
        if name not in {SAID, FILES}:
            raise _unreadable(name, f"unknown part; there are {SAID} and {FILES}")
        if name == FILES and not (isinstance(part, UploadFile) and part.filename):
            raise _unreadable(name, "a file needs its filename")


async def _said(parts: FormData) -> bytes:
    """The JSON text; nothing said is an empty form."""
    part = parts.get(SAID, "{}")
    text = await part.read(MOST_SAID + 1) if isinstance(part, UploadFile) else part.encode()
    if len(text) > MOST_SAID:
        raise _unreadable(SAID, "more than 64 KB")
    return text


def _understood(form: type[Form], text: bytes) -> Form:
    try:
        return form.model_validate_json(text)
    except ValidationError as fault:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in fault.errors()]) from None


def _unreadable(where: str, why: str) -> RequestValidationError:
    return RequestValidationError([{"type": "unreadable", "loc": ("body", where), "msg": why}])
