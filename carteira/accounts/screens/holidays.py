"""Own holidays: days on which this business is closed, beside its country's bank holidays."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import require
from carteira.accounts.forms import HolidayForm
from carteira.accounts.holidays import HolidayTaken, add_holiday, remove_holiday
from carteira.accounts.models import Account, Holiday
from carteira.accounts.roles import Right
from carteira.accounts.screens.shell import settings_tabs
from carteira.core import dates
from carteira.core.countries import country_choices
from carteira.core.ui.formats import day as day_text
from carteira.core.ui.toast import toast


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.EDIT_ACCOUNT)
def holidays(request: HttpRequest) -> HttpResponse:
    account: Account = request.account  # type: ignore[attr-defined]
    now = dates.now()
    form = HolidayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            holiday = add_holiday(account, by=request.user, now=now, **form.cleaned_data)
        except HolidayTaken as error:
            form.add_error("on", str(error))
        else:
            toast(request, _("%(day)s is a holiday now.") % {"day": day_text(holiday.on)})
            return redirect("accounts:holidays")
    today = account.today(now)
    own = list(Holiday.objects.order_by("on"))
    context = {
        "form": form,
        "tabs": settings_tabs(request),
        "coming": [holiday for holiday in own if holiday.on >= today],
        "gone": [holiday for holiday in reversed(own) if holiday.on < today],
        "country": dict(country_choices(get_language() or "")).get(account.country, account.country),
    }
    return render(request, "accounts/screens/holidays.html", context, status=422 if form.errors else 200)


@require_POST
@require(Right.EDIT_ACCOUNT)
def remove(request: HttpRequest, holiday_id: UUID) -> HttpResponse:
    holiday = get_object_or_404(Holiday, pk=holiday_id)
    remove_holiday(request.account, holiday, by=request.user, now=dates.now())  # type: ignore[attr-defined]
    undo = f"{reverse('accounts:restore_holiday')}?{urlencode({'on': holiday.on.isoformat(), 'name': holiday.name})}"
    toast(request, _("%(day)s is no holiday any more.") % {"day": day_text(holiday.on)}, undo=undo)
    return redirect("accounts:holidays")


@require_POST
@require(Right.EDIT_ACCOUNT)
def restore(request: HttpRequest) -> HttpResponse:
    """POST ?on=2026-01-25&name=…: what the removal's undo button does."""
    form = HolidayForm(request.GET)
    if not form.is_valid():
        raise Http404
    try:
        add_holiday(request.account, by=request.user, now=dates.now(), **form.cleaned_data)  # type: ignore[attr-defined]
    except HolidayTaken as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("It is a holiday again."))
    return redirect("accounts:holidays")
