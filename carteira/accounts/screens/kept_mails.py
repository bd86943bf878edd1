"""/_mail: the mails that were kept instead of sent. Their links open logins: for the operator, or in the demo."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from carteira.core import kept_mails

_SHOWN = 100


@require_safe
@login_required
def mails(request: HttpRequest) -> HttpResponse:
    _only_for_some(request)
    return render(request, "accounts/screens/kept_mails.html", {"mails": kept_mails.newest(_SHOWN)})


@require_safe
@login_required
def mail(request: HttpRequest, slug: str) -> HttpResponse:
    _only_for_some(request)
    found = kept_mails.find(slug)
    if found is None:
        raise Http404
    return render(request, "accounts/screens/kept_mail.html", {"mail": found})


def _only_for_some(request: HttpRequest) -> None:
    """Nobody else learns that there is such a page. Raises Http404."""
    if settings.MAILS_GO_OUT or not (request.user.is_staff or settings.DEMO):  # type: ignore[union-attr]
        raise Http404
