"""Handing a stored file out."""

from collections.abc import Iterator
from pathlib import Path

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from carteira.core.files.models import StoredFile

_CHUNK = 64 * 1024


def attachment(file: StoredFile) -> StreamingHttpResponse:
    """The file as a download under its own name; never rendered, never cached, its type never guessed by the
    browser.

    Whoever calls has asked for `file.right`. Raises Http404 when the bytes are gone.
    """
    try:
        size = file.path.stat().st_size
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {
        "Content-Length": str(size),
        "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(_chunks(file.path), content_type="application/octet-stream", headers=headers)


def _chunks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as bytes_of:
        while chunk := bytes_of.read(_CHUNK):
            yield chunk
