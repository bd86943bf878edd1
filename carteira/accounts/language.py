"""The language of a page: the person's own, else a cookie chosen while signed out, else the account's or pt-BR."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

COOKIE = settings.LANGUAGE_COOKIE_NAME
CODES = {code for code, _ in settings.LANGUAGES}


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with speaking(request, chosen(request) or settings.LANGUAGE_CODE):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)  # type: ignore[attr-defined]
        return response


@contextmanager
def speaking(request: HttpRequest, language: str) -> Iterator[None]:
    """Answer this request in `language`."""
    with translation.override(language):
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        yield


def chosen(request: HttpRequest) -> str:
    """The language this person chose, "" for none: then an account's pages speak the account's."""
    if request.user.is_authenticated and request.user.language in CODES:
        return request.user.language
    cookie = request.COOKIES.get(COOKIE, "")
    return cookie if cookie in CODES else ""
