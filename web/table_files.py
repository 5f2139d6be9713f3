"""Lists that a page hands out as files for Excel or WPS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from reports.table_file import MEDIA_TYPE, TableHead
from web.answers import answer
from web.shell import Shell

_REFUSED = 400


def table_head(shell: Shell, title: str, *, scope: str = "", remark: str = "") -> TableHead:
    return TableHead(title, shell.app.settings.office, shell.as_of, scope, remark)


def table_answer(shell: Shell, request: Request, head: TableHead, plain: str, write: Callable[[TableHead], bytes]) -> Response:
    """The file that ``write`` makes, or its sentence when it is more than a file holds."""
    try:
        content = write(head)
    except ValueError as error:
        return answer(shell, request, _REFUSED, "没有导出", str(error))
    return file_answer(content, MEDIA_TYPE, title=head.title, plain=plain, as_of=head.as_of, suffix="xlsx")


def file_answer(content: bytes, media_type: str, *, title: str, plain: str, as_of: date, suffix: str) -> Response:
    """A file that is saved, never shown. RFC 6266, appendix D: a ``plain`` name for old browsers, and the Chinese one."""
    day = as_of.isoformat()
    name = quote(f"{title}_截至{day}.{suffix}", safe="")
    disposition = f"attachment; filename=\"{plain}-{day}.{suffix}\"; filename*=UTF-8''{name}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
