"""Who asks, and where: session, person, membership and business of a request, found by one statement.

Nearly every request needs all four; asked one by one they cost more than many a page's own work. Whatever is unusual
(no session, an old password, a login switched off) goes Django's own way.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from carteira.accounts import sign_out
from carteira.accounts.device import address_of, device_of
from carteira.accounts.models import Account, Membership, Session, User
from carteira.accounts.slugs import RESERVED, is_slug
from carteira.core import dates
from carteira.core.database.one_row import one_row


class WhoMiddleware:
    """Gives a request its `user`, as Django's AuthenticationMiddleware does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(partial(_user, request))  # type: ignore[assignment]
        response = self.get_response(request)
        session = getattr(request, "_session_found", None)
        if session is not None and sign_out.is_stale(session, now := dates.now()):
            sign_out.seen(session, device=device_of(request), address=address_of(request), now=now)
        return response


def slug_of(path: str) -> str:
    """The address of the business a path lies in, "" for none."""
    slug = path.removeprefix("/").partition("/")[0]
    return slug if is_slug(slug) and slug not in RESERVED else ""


def membership_of(request: HttpRequest, slug: str) -> Membership | None:
    """The place of the signed-in person in the business `slug`, with both of them."""
    user = request.user
    found = getattr(request, "_membership_found", None)
    if found is None or found.account.slug != slug or found.user_id != user.pk:
        if not is_slug(slug):
            return None
        row = one_row(
            "FROM accounts_membership m JOIN accounts_account a ON a.id = m.account_id"
            " WHERE a.slug = %s AND m.user_id = %s",
            [slug, user.pk],
            (Membership, "m"),
            (Account, "a"),
        )
        if row is None:
            return None
        found, found.account = row  # type: ignore[misc]
    found.user = user
    return found


def moved_to(request: HttpRequest, slug: str, now: datetime) -> str:
    """Where the business at the old address `slug` is now, for its members; "" for everybody else."""
    if not is_slug(slug):
        return ""
    own = Account.objects.filter(memberships__user=request.user.pk, old_slugs__slug=slug, old_slugs__until__gt=now)
    return own.values_list("slug", flat=True).first() or ""


def _user(request: HttpRequest) -> User:
    user = _usual_user(request)
    return user or auth.get_user(request)  # type: ignore[return-value]


def _usual_user(request: HttpRequest) -> User | None:
    store = request.session
    if store.session_key is None or hasattr(store, "_session_cache"):
        return None
    row = one_row(
        "FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id"
        " LEFT JOIN (accounts_membership m JOIN accounts_account a ON a.id = m.account_id)"
        " ON m.user_id = u.id AND a.slug = %s WHERE s.session_key = %s AND s.expire_date > %s",
        [slug_of(request.path_info), store.session_key, dates.now()],
        (Session, "s"),
        (User, "u"),
        (Membership, "m"),
        (Account, "a"),
    )
    if row is None:
        return None
    session, user, membership, account = row
    store.prime(session.session_data)  # type: ignore[attr-defined]
    if not _is_valid(store, user):
        return None
    request._session_found = session  # type: ignore[attr-defined]
    if membership is not None:
        membership.account = account
        request._membership_found = membership  # type: ignore[attr-defined]
    return user


def _is_valid(store: object, user: User) -> bool:
    """Whether Django would say that this session signs this person in, without asking the database again."""
    get = store.get  # type: ignore[attr-defined]
    return (
        user.is_active
        and get(auth.SESSION_KEY) == str(user.pk)
        and get(auth.BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(get(auth.HASH_SESSION_KEY) or "", user.get_session_auth_hash())
    )
