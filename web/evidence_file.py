"""One piece of evidence as a download: an attachment, never shown inside our own pages (RELIABILITY 4.2, 5.x uploads)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from reports.history import EvidenceLine
from web.headers import FILE_POLICY

_NOT_FOUND = 404


def as_attachment(
    files: Sequence[EvidenceLine], number: int, *, folder: Path, headers: Mapping[str, str] | None = None
) -> Response:
    """The file of that number, counted from 1. Raises HTTPException where there is none."""
    found = evidence_file(files, number, folder=folder)
    if found is None:
        raise HTTPException(_NOT_FOUND)
    found.headers.update(headers or {})
    return found


def evidence_file(files: Sequence[EvidenceLine], number: int, *, folder: Path) -> FileResponse | None:
    """The same; None where there is none, or when it is not on the disk."""
    if not 1 <= number <= len(files):
        return None
    file = files[number - 1]
    path = folder / file.stored_as
    if not path.is_file():
        return None
    # RFC 6266, appendix D: first a plain name for old browsers, then the real one.
    plain = f"evidence-{number}{path.suffix}"
    sent = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": FILE_POLICY,
    }
    return FileResponse(path, media_type="application/octet-stream", headers=sent)
