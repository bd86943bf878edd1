"""How large a body may be to be read at all.

Looking for the form's token, Django writes uploads to disk before any view has seen who sends them.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from carteira.core.ui import errors


class BodyLimitMiddleware:
    """413 for more than a form holds from somebody signed out, and for more than any file may have from a member.

    Which files a screen takes is its own to say; this only keeps the disk. Behind AuthenticationMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        size = _size(request)
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            limit = settings.MAX_UPLOAD if request.user.is_authenticated else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            if size > limit:
                return errors.too_large(request, limit)
        return self.get_response(request)


def _size(request: HttpRequest) -> int:
    """As Django reads it: a body of no stated length is not read at all."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
