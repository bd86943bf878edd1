"""Switching the language: kept with the person, or in a cookie while nobody is signed in."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.views.decorators.http import require_POST

from carteira.accounts.language import CODES, COOKIE
from carteira.accounts.profile import choose_language
from carteira.core.ui.theme import YEAR, safe_next


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """POST language=pt-br|es|en, next=/where/to."""
    language = request.POST.get("language", "")
    if language not in CODES:
        return HttpResponseBadRequest()
    response = HttpResponseRedirect(safe_next(request))
    if request.user.is_authenticated:
        choose_language(request.user, language)
    else:
        response.set_cookie(COOKIE, language, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response
