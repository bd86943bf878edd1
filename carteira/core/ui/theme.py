"""Light, dark, or as the system has it: kept in a cookie the server reads, so every page starts right."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

COOKIE = "theme"
THEMES: dict[str, Promise] = {"auto": _("System"), "light": _("Light"), "dark": _("Dark")}
YEAR = 60 * 60 * 24 * 365


def chosen(request: HttpRequest | None) -> str:
    value = request.COOKIES.get(COOKIE, "auto") if request else "auto"
    return value if value in THEMES else "auto"


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """POST theme=auto|light|dark, next=/where/to. Where scripts run, theme.js does it without a request."""
    value = request.POST.get("theme", "")
    if value not in THEMES:
        return HttpResponseBadRequest()
    response = HttpResponseRedirect(safe_next(request))
    attributes: dict[str, Any] = {"max_age": YEAR, "samesite": "Lax", "secure": request.is_secure()}
    response.set_cookie(COOKIE, value, **attributes)
    return response


def safe_next(request: HttpRequest) -> str:
    """Where a settings form came from: a path of this site, else the start."""
    to = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return to if own else "/"
