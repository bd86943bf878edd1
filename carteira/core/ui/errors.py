"""Error pages: one calm sentence. An htmx request gets just the sentence, which toasts.js shows.

The roof names these as handler400 … handler500 and CSRF_FAILURE_VIEW. They ask the database nothing.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from carteira.core.ui import theme


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    context = {"status": status, "title": title, "text": text, "theme": theme.chosen(request)}
    return HttpResponse(render_to_string("core/ui/error.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, _("That request made no sense"), _("Please go back and try again."))


def too_large(request: HttpRequest, limit: int) -> HttpResponse:
    """413. `limit` in bytes."""
    text = _("The file is larger than %(limit)s MB. Split it into several files.") % {"limit": limit // 1_000_000}
    return _page(request, 413, _("That file is too large"), text)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = str(exception) if exception and exception.args else ""
    fallback = _("Your role in this business does not allow that. Its owner can change your role.")
    return _page(request, 403, _("You may not do that"), text or fallback)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _("This page was open for too long, or cookies are blocked. Reload it and try again.")
    return _page(request, 403, _("Please reload the page"), text)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _("There is nothing at this address, or it belongs to another business.")
    return _page(request, 404, _("Page not found"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    text = _("That was our mistake. Nothing was changed. Please try again in a moment.")
    return _page(request, 500, _("Something broke"), text)
