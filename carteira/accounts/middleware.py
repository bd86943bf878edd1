"""From the address to the account: /aurora/customers/ is /customers/ in the scope of the account "aurora"."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import set_script_prefix

from carteira.accounts.models import Membership
from carteira.accounts.slugs import RESERVED
from carteira.core.ui import errors, formats
from carteira.core.walls import scope


class AccountScopeMiddleware:
    """Opens the account's scope around the view *and* its rendering; rolls back whatever a failed answer wrote.

    A stranger gets the same 404 for an account that exists and one that does not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.account = request.membership = None  # type: ignore[attr-defined]
        slug, _, rest = request.path_info.removeprefix("/").partition("/")
        if not slug or slug in RESERVED:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        membership = (
            Membership.objects.select_related("account").filter(account__slug=slug, user=request.user).first()
        )
        if membership is None:
            return errors.page_not_found(request)
        request.account, request.membership = membership.account, membership  # type: ignore[attr-defined]
        request.urlconf = settings.ACCOUNT_URLCONF  # type: ignore[attr-defined]
        request.path_info = f"/{rest}"
        set_script_prefix(f"/{slug}/")
        try:
            account = membership.account
            place = formats.place(country=account.country, time_zone=account.time_zone)
            with place, scope(membership.account_id):
                response = self.get_response(request)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
            return response
        finally:
            set_script_prefix("/")
