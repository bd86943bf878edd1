"""Which right a screen asks for.

Every view below /<slug>/ carries exactly one `@require(Right.…)`; a test walks the routes and fails on one without.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from carteira.accounts.roles import Right

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


def required_right(view: Any) -> Right | None:
    return getattr(view, "required_right", None)
