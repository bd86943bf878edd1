"""Settings of the business: what it is called, where it is, how it judges activity."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.forms import AddressForm, SettingsForm
from carteira.accounts.models import Account
from carteira.accounts.move import KEPT, CannotMove, move
from carteira.accounts.open_account import SlugTaken
from carteira.accounts.roles import Right
from carteira.accounts.screens.shell import settings_tabs
from carteira.accounts.settings import CannotChange, change_settings
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.core.urls import account_url


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.EDIT_ACCOUNT)
def business(request: HttpRequest) -> HttpResponse:
    account: Account = request.account  # type: ignore[attr-defined]
    form = SettingsForm(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid() and _saved(request, account, form):
        toast(request, _("Saved."))
        return redirect("accounts:business")
    may_own = request.membership.may(Right.OWN)  # type: ignore[attr-defined]
    context = {"form": form, "tabs": settings_tabs(request), "may_own": may_own}
    return render(request, "accounts/screens/business.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.OWN)
def address(request: HttpRequest) -> HttpResponse:
    """The business's address in the browser."""
    account: Account = request.account  # type: ignore[attr-defined]
    form = AddressForm(request.POST or None, initial={"slug": account.slug})
    if request.method == "POST" and form.is_valid():
        try:
            account = move(account, by=request.user, now=dates.now(), **form.cleaned_data)
        except (SlugTaken, CannotMove) as error:
            form.add_error("slug", str(error))
        else:
            toast(request, _("The address is %(address)s now.") % {"address": f"/{account.slug}/"})
            return redirect(account_url(account.slug, "accounts:address"))
    context = {"form": form, "tabs": settings_tabs(request), "host": settings.PUBLIC_URL, "days": KEPT.days}
    return render(request, "accounts/screens/address.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, account: Account, form: SettingsForm) -> bool:
    try:
        change_settings(account, changes=form.cleaned_data, by=request.user, now=dates.now())
    except CannotChange as error:
        form.add_error(error.field, str(error))
    except ValidationError as error:
        form.add_error(None, error)
    return not form.errors
