"""Closing the business: a copy of all data, the day everything goes, and the way back."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts import close as closing
from carteira.accounts.access import proof_first, require
from carteira.accounts.forms import CloseForm
from carteira.accounts.models import Account, AccountCopy
from carteira.accounts.roles import Right
from carteira.accounts.screens.shell import settings_tabs
from carteira.core import dates
from carteira.core.files.download import attachment
from carteira.core.ui.toast import toast

_SHOWN = 5


@require_safe
@require(Right.OWN)
def page(request: HttpRequest) -> HttpResponse:
    return _shown(request, CloseForm())


def _shown(request: HttpRequest, form: CloseForm) -> HttpResponse:
    copies = list(AccountCopy.objects.select_related("file").order_by("-id")[:_SHOWN])
    context = {
        "form": form,
        "tabs": settings_tabs(request),
        "copies": copies,
        "running": any(copy.running for copy in copies),
        "ready": any(copy.file_id for copy in copies),
        "days": closing.GRACE.days,
        "mailed": settings.MAILS_GO_OUT,
    }
    return render(request, "accounts/screens/close.html", context, status=422 if form.errors else 200)


@require_POST
@require(Right.OWN)
def ask_copy(request: HttpRequest) -> HttpResponse:
    closing.ask_copy(request.account, by=request.user, now=dates.now())  # type: ignore[attr-defined]
    toast(request, _("The copy is being written. You can leave this page meanwhile."), level="info")
    return redirect("accounts:close")


@require_safe
@require(Right.OWN)
def copy_file(request: HttpRequest, copy_id: UUID) -> HttpResponseBase:
    copy = get_object_or_404(AccountCopy.objects.select_related("file"), pk=copy_id)
    if copy.file is None:
        raise Http404
    # All there is, in one file: a browser left open does not give it away.
    if first := proof_first(request):
        return first
    return attachment(copy.file)


@require_POST
@require(Right.OWN)
def close(request: HttpRequest) -> HttpResponse:
    account: Account = request.account  # type: ignore[attr-defined]
    if first := proof_first(request):
        return first
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            closure = closing.close(account, typed=form.cleaned_data["typed"], by=request.user, now=dates.now())
        except closing.CannotClose as error:
            form.add_error("typed", str(error))
        else:
            toast(request, _("The business is closing. Protocol %(number)s.") % {"number": closure.number})
            return redirect("accounts:close")
    return _shown(request, form)


@require_POST
@require(Right.OWN)
def stay(request: HttpRequest) -> HttpResponse:
    closing.cancel(request.account, by=request.user, now=dates.now())  # type: ignore[attr-defined]
    toast(request, _("The business stays open."))
    return redirect("accounts:close")
