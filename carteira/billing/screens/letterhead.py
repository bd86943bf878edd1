"""Settings: what is printed on invoices, and the logo."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.accounts.screens.shell import settings_tabs
from carteira.billing.letterhead import change_letterhead, change_logo, letterhead_of, remove_logo
from carteira.billing.letterhead_form import LetterheadForm, LogoForm
from carteira.core import dates
from carteira.core.files.images import picture
from carteira.core.files.quota import NotKept
from carteira.core.ui.toast import toast


@require(Right.EDIT_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def letterhead(request: HttpRequest) -> HttpResponse:
    account = request.account  # type: ignore[attr-defined]
    given = request.POST if request.method == "POST" else None
    form = LetterheadForm(given, account=account, letterhead=letterhead_of())
    if request.method == "POST" and form.is_valid():
        change_letterhead(account, changes=form.changes, by=request.user, now=dates.now())
        toast(request, _("Saved."))
        return redirect("billing:letterhead")
    return _page(request, form, LogoForm(), status=422 if form.errors else 200)


@require(Right.EDIT_ACCOUNT)
@require_POST
def upload_logo(request: HttpRequest) -> HttpResponse:
    account = request.account  # type: ignore[attr-defined]
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["logo"]
        try:
            change_logo(account, upload.chunks(), name=upload.name, by=request.user, now=dates.now())
        except NotKept as error:
            form.add_error("logo", str(error))
        else:
            toast(request, _("Saved."))
            return redirect("billing:letterhead")
    return _page(request, LetterheadForm(account=account, letterhead=letterhead_of()), form, status=422)


@require(Right.EDIT_ACCOUNT)
@require_POST
def take_logo_away(request: HttpRequest) -> HttpResponse:
    remove_logo(request.account, by=request.user, now=dates.now())  # type: ignore[attr-defined]
    toast(request, _("The logo is removed."))
    return redirect("billing:letterhead")


@require(Right.SEE_MONEY)
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    file = letterhead_of().logo
    if file is None:
        raise Http404
    return picture(file)


def _page(request: HttpRequest, form: LetterheadForm, logo_form: LogoForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "logo_form": logo_form, "logo": letterhead_of().logo, "tabs": settings_tabs(request)}
    return render(request, "billing/screens/letterhead.html", context, status=status)
