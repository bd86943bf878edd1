"""The language of a page: the person's own, else a cookie chosen while signed out, else the account's or pt-BR."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

COOKIE = settings.LANGUAGE_COOKIE_NAME
CODES = {code for code, _ in settings.LANGUAGES}


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _chosen(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def _chosen(request: HttpRequest) -> str:
    if request.user.is_authenticated and request.user.language in CODES:
        return request.user.language
    cookie = request.COOKIES.get(COOKIE)
    if cookie in CODES:
        return cookie
    return settings.LANGUAGE_CODE
