"""Opening a business when one is signed in already, and what a country suggests."""

from allauth.core.ratelimit import consume_or_429
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from carteira.accounts.forms import BusinessForm, PlaceForm, ZoneForm
from carteira.accounts.open_account import SlugTaken, open_account
from carteira.accounts.screens.start import start_of
from carteira.core import countries, dates


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def open_business(request: HttpRequest) -> HttpResponse:
    """/accounts/new/: for whoever has no business yet, or wants another one."""
    if not settings.SIGNUP_OPEN:
        return render(request, "accounts/screens/signup_closed.html", status=403 if request.method == "POST" else 200)
    form = BusinessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if limited := consume_or_429(request, action="open_account", user=request.user):
            return limited
        try:
            account = open_account(owner=request.user, by=request.user, now=dates.now(), **form.opening())
        except SlugTaken as error:
            form.add_error("business", str(error))
        else:
            return redirect(start_of(account))
    first = not request.user.memberships.exists()
    context = {"form": form, "first": first}
    return render(request, "accounts/screens/open.html", context, status=422 if form.errors else 200)


@require_safe
def place(request: HttpRequest) -> HttpResponse:
    """/accounts/place/?country=MX: time zone, currency and language as that country suggests them (a fragment)."""
    return render(request, "accounts/screens/place.html", {"form": PlaceForm(initial={"country": _country(request)})})


@require_safe
def zones(request: HttpRequest) -> HttpResponse:
    """/accounts/zones/?country=MX: the country's time zones (a fragment)."""
    return render(request, "accounts/screens/zones.html", {"form": ZoneForm(_country(request))})


def _country(request: HttpRequest) -> str:
    country = request.GET.get("country", "")
    if country not in countries.COUNTRIES:
        raise Http404
    return country
