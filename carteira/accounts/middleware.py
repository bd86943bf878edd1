"""From the address to the account: /aurora/customers/ is /customers/ in the scope of the account "aurora"."""

from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import set_script_prefix
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from carteira.accounts.language import chosen, speaking
from carteira.accounts.models import Membership, User
from carteira.accounts.slugs import RESERVED
from carteira.accounts.who import membership_of, moved_to
from carteira.core import dates
from carteira.core.ui import errors, formats
from carteira.core.walls import scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# No address of ours comes near; whatever is longer is a mistake or an attack.
_LONGEST_PATH = 1000
_LONGEST_NEXT = 2000


class AccountScopeMiddleware:
    """Opens the account's scope around the view *and* its rendering; rolls back whatever a failed answer wrote.

    A stranger gets the same 404 for an account that exists and one that does not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        # Nothing of a business, nor a page that a form's token makes one person's own, is left in a browser or proxy.
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        request.account = request.membership = None  # type: ignore[attr-defined]
        path = request.path_info
        if len(path) > _LONGEST_PATH or not path.isprintable():
            return errors.page_not_found(request)  # NUL and its kin never reach a query
        if not _says_where_it_is(request):
            return errors.bad_request(request)
        slug, _slash, rest = path.removeprefix("/").partition("/")
        if not slug or slug in RESERVED:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return to_sign_in(request)
        membership = membership_of(request, slug)
        if membership is None:
            moved = moved_to(request, slug, dates.now())
            return _led_on(request, f"/{moved}/{rest}") if moved else errors.page_not_found(request)
        _remember(request.user, membership)
        return self._inside(request, membership, rest)

    def _inside(self, request: HttpRequest, membership: Membership, rest: str) -> HttpResponse:
        account = membership.account
        request.account, request.membership = account, membership  # type: ignore[attr-defined]
        request.urlconf = settings.ACCOUNT_URLCONF  # type: ignore[attr-defined]
        outside = request.path_info
        request.path_info = f"/{rest}"
        set_script_prefix(f"/{account.slug}/")
        try:
            with ExitStack() as stack:
                if not chosen(request):
                    stack.enter_context(speaking(request, account.language))
                stack.enter_context(formats.place(country=account.country, time_zone=account.time_zone))
                stack.enter_context(dates.ahead_by(account.hours_ahead))
                stack.enter_context(scope(account.pk))
                response = self.get_response(request)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
            return response
        finally:
            set_script_prefix("/")
            if request.method not in SAFE:
                # Else a POST without its last slash would be redirected, and come back as a GET.
                request.path_info = outside


def _led_on(request: HttpRequest, path: str) -> HttpResponse:
    """From an old address to the present one; the form or fragment that was sent goes along."""
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponseRedirect(iri_to_uri(path) + (f"?{query}" if query else ""))
    if request.method not in SAFE:
        response.status_code = 307
    return response


def _says_where_it_is(request: HttpRequest) -> bool:
    """Whether a fragment's HX-Current-URL can be read, here once for all who ask; http://[ for one cannot."""
    try:
        request.htmx.current_url_abs_path  # type: ignore[attr-defined]  # noqa: B018 - a cached property
    except ValueError:
        return False
    return True


def _remember(user: User, membership: Membership) -> None:
    if user.last_account_id != membership.account_id:
        User.objects.filter(pk=user.pk).update(last_account=membership.account_id)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back to where the person is, which for a POST or a fragment is the page around it."""
    response = redirect_to_login(page_of(request))
    return HttpResponseClientRedirect(response.url) if request.htmx else response  # type: ignore[attr-defined]


def page_of(request: HttpRequest) -> str:
    """Where the person is: the page itself, or the one around a POST or a fragment."""
    if request.htmx:  # type: ignore[attr-defined]
        return _own_path(request.htmx.current_url_abs_path or "")  # type: ignore[attr-defined]
    if request.method in SAFE:
        return request.get_full_path() if len(request.get_full_path()) <= _LONGEST_NEXT else request.path
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    return _own_path(page._replace(scheme="", netloc="").geturl() if page.netloc == request.get_host() else "")


def _own_path(path: str) -> str:
    """A path of this site, else the start; browsers read //host/ as another site."""
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, None) and len(path) <= _LONGEST_NEXT
    return path if safe else "/"
