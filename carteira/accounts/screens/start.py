"""Where "/" leads: to the business one works in, to a choice of several, to opening one, or to signing in."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from carteira.accounts.models import Account, Membership
from carteira.core.urls import account_url

# More of them are found on the page that lists all.
_SWITCHED = 12


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """/: decides, shows nothing itself."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    memberships = _memberships(request)
    if not memberships:
        return redirect("open_account")
    last = [row for row in memberships if row.account_id == request.user.last_account_id]
    if len(memberships) == 1 or last:
        return redirect(start_of((last or memberships)[0].account))
    return redirect("choose_account")


@require_safe
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """/accounts/: the businesses this person belongs to."""
    memberships = _memberships(request)
    if not memberships:
        return redirect("open_account")
    rows = [{"membership": row, "url": start_of(row.account)} for row in memberships]
    return render(request, "accounts/screens/choose.html", {"rows": rows, "may_open": settings.SIGNUP_OPEN})


@require_safe
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """/accounts/switch/?here=aurora: the same as a fragment, for the switcher on top of the menu."""
    rows = [
        {"membership": row, "url": start_of(row.account), "here": row.account.slug == request.GET.get("here")}
        for row in _memberships(request)[:_SWITCHED]
    ]
    return render(request, "accounts/screens/switch.html", {"rows": rows, "may_open": settings.SIGNUP_OPEN})


def start_of(account: Account) -> str:
    """The path of an account's first page."""
    return account_url(account.slug, "start")


def _memberships(request: HttpRequest) -> list[Membership]:
    own = Membership.objects.filter(user=request.user.pk).select_related("account")
    return list(own.order_by("account__name", "account__slug"))
