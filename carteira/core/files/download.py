"""Handing a stored file out."""

from django.http import FileResponse, Http404

from carteira.core.files.models import StoredFile


def attachment(file: StoredFile) -> FileResponse:
    """The file as a download under its own name; never rendered, never cached, its type never guessed by the
    browser.

    Whoever calls has asked for `file.right`. Raises Http404 when the bytes are gone.
    """
    try:
        bytes_of = open(file.path, "rb")  # noqa: SIM115 - closed by the response
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(bytes_of, as_attachment=True, filename=file.name, content_type="application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
