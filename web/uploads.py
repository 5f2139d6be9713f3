"""The files of a form, read without holding more than may be kept; whether a file is taken is the service's word."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile

from services.errors import Refused
from services.evidence import FILE_LIMIT, NewEvidence

MAX_FILES = 8
ACCEPT = ".jpg,.jpeg,.png,.pdf,.docx,.xlsx"


async def read_uploads(form: FormData, field: str) -> list[NewEvidence]:
    """The files of a field; one left empty gives none. Raises Refused when there are too many."""
    files = [item for item in form.getlist(field) if isinstance(item, UploadFile) and item.filename]
    if len(files) > MAX_FILES:
        raise Refused(f"一次最多上传{MAX_FILES}个文件，请只留最能说明问题的几个。", code="evidence_too_many")
    # One byte beyond the limit is enough for the service to see that a file is too big.
    return [NewEvidence(file.filename or "", await file.read(FILE_LIMIT + 1)) for file in files]
