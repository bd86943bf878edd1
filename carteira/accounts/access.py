"""Which right a screen asks for.

Every view below /<slug>/ carries exactly one `@require(Right.…)`; a test walks the routes and fails on one without.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from carteira.accounts.middleware import page_of
from carteira.accounts.roles import Right
from carteira.core.ui.toast import toast
from carteira.core.urls import root_url

type View = Callable[..., HttpResponse]


def require(right: Right) -> Callable[[View], View]:
    """Only members whose role has `right` reach the view; others get 403 with a sentence.

    The view carries the right as `required_right`, through further decorators too (they copy attributes).
    """

    def decorate(view: View) -> View:
        if required_right(view) is not None:
            raise TypeError(f"{view.__qualname__} asks for two rights: one decorator a view.")

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            demand(request, right)
            return view(request, *args, **kwargs)

        guarded.required_right = right  # type: ignore[attr-defined]
        return guarded

    return decorate


def demand(request: HttpRequest, right: Right) -> None:
    """Raises PermissionDenied (403, with a sentence) when the reader's role lacks `right` in this account."""
    if not request.membership.may(right):  # type: ignore[attr-defined]
        role = request.membership.get_role_display()  # type: ignore[attr-defined]
        raise PermissionDenied(
            _("Your role here is “%(role)s”, which does not allow that. The owner of this business can change it.")
            % {"role": role}
        )


def proof_first(request: HttpRequest) -> HttpResponse | None:
    """None for whoever proved in the last minutes who they are; others do that first and come back to the page.

    Asked after the record was found, so that another business's id is 404 as everywhere.
    """
    if did_recently_reauthenticate(request):
        return None
    toast(request, _("Please confirm that it is you. Then do it once more."), level="info")
    return HttpResponseRedirect(f"{root_url('account_reauthenticate')}?{urlencode({'next': page_of(request)})}")


def required_right(view: Any) -> Right | None:
    return getattr(view, "required_right", None)
