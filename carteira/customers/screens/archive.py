"""Archiving and bringing back (S0-14, S2-08 to S2-14)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import demand, require
from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core import dates, people
from carteira.core.ui.toast import toast
from carteira.customers import archive as verbs
from carteira.customers import why
from carteira.customers.archive_checklist import CannotResolve, Pending, find_act, pending
from carteira.customers.archive_form import MAX_NOTE, ReasonForm
from carteira.customers.lifecycle import view_of
from carteira.customers.models import ArchivePeriod, Customer
from carteira.customers.screens.asked import text_of


class ArchiveForm(ReasonForm):
    on = forms.CharField(
        label=gettext_lazy("As of"),
        required=False,
        help_text=gettext_lazy("Today, or an earlier day to set the history right."),
    )

    def __init__(self, *args: Any, account: Account, now: datetime, derived: str, **kwargs: Any) -> None:
        self.account, self.now = account, now
        today = account.today(now)
        kwargs["initial"] = {"reason": "", "on": today.isoformat()}
        super().__init__(*args, **kwargs)
        own = _("%(reason)s (from its history)") % {"reason": ArchivePeriod.Reason(derived).label}
        other = [choice for choice in ArchivePeriod.Reason.choices if choice[0] != derived]
        self.fields["reason"].choices = [("", own), *other]  # type: ignore[attr-defined]
        self.fields["on"].widget = forms.DateInput(attrs={"type": "date", "max": today.isoformat()})

    def clean_on(self) -> date | None:
        written = self.cleaned_data["on"].strip()
        return dates.parse_date(written, language=get_language() or "") if written else None


@require(Right.ARCHIVE_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def archive_customer(request: HttpRequest, id: UUID) -> HttpResponse:
    now = dates.now()
    customer = get_object_or_404(Customer, pk=id)
    if request.method == "POST" and "again" in request.GET:
        return _archive_again(request, customer, now)
    if customer.archived_on is not None:
        toast(request, _("%(name)s is archived already.") % {"name": customer.name}, level="info")
        return redirect("customers:card", customer.pk)
    derived = why.story(customer, view_of(request.account, now=now)).reason_if_archived  # type: ignore[attr-defined]
    chosen: dict[str, Any] = {"account": request.account, "now": now, "derived": derived}  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, customer, ArchiveForm(**chosen))
    form = ArchiveForm(request.POST, **chosen)
    if not form.is_valid():
        return _page(request, customer, form, status=422)
    try:
        verbs.archive(customer, by=request.user, now=now, **form.cleaned_data)
    except verbs.CannotArchive as error:
        form.add_error(None, _sentence(request, customer, error))
        return _page(request, customer, form, status=422)
    undo = reverse("customers:unarchive", args=[customer.pk]) + "?undo"
    toast(request, _("%(name)s is archived.") % {"name": customer.name}, undo=undo)
    return redirect("customers:card", customer.pk)


@require(Right.ARCHIVE_CUSTOMERS)
@require_POST
def unarchive_customer(request: HttpRequest, id: UUID) -> HttpResponse:
    """As of today; `?undo` takes the archiving back as if it had never been."""
    customer = get_object_or_404(Customer, pk=id)
    undo = "undo" in request.GET
    try:
        verbs.unarchive(customer, by=request.user, now=dates.now(), on=customer.archived_on if undo else None)
    except verbs.CannotUnarchive as error:
        toast(request, str(error), level="error")
        return redirect("customers:card", customer.pk)
    if undo:
        toast(request, _("%(name)s is back, as if never archived.") % {"name": customer.name})
    else:
        again = reverse("customers:archive", args=[customer.pk]) + "?again"
        toast(request, _("%(name)s is back.") % {"name": customer.name}, undo=again)
    return redirect("customers:card", customer.pk)


@require(Right.ARCHIVE_CUSTOMERS)
@require_POST
def resolve_pending(request: HttpRequest, id: UUID) -> HttpResponse:
    """Settle one pending thing with the act beside it, and back to the checklist (N7)."""
    customer = get_object_or_404(Customer.objects.select_related("account"), pk=id)
    act = find_act(customer, text_of(request.POST, "item"), text_of(request.POST, "act"))
    from_person = request.POST.get("back") == "person"
    back = redirect("customers:person_anonymise" if from_person else "customers:archive", customer.pk)
    if act is None:
        toast(request, _("This is settled already."), level="info")
        return back
    demand(request, act.right)
    try:
        words = people.clean_text(request.POST.get("words", ""), limit=MAX_NOTE)
        if act.asks and not words:
            raise CannotResolve(_("Say in a few words why."))
        done = act.run(words=words, by=request.user, now=dates.now())
    except ValidationError as error:
        toast(request, " ".join(error.messages), level="error")
    except CannotResolve as error:
        toast(request, str(error), level="error")
    else:
        toast(request, done.text, undo=done.undo or None)
    return back


def _archive_again(request: HttpRequest, customer: Customer, now: datetime) -> HttpResponse:
    """Undo a reactivation: archived again from the day it came back, for the reason it had."""
    last = ArchivePeriod.objects.filter(customer=customer).order_by("-until_on").first()
    try:
        if last is None:
            raise verbs.CannotArchive(_("There is nothing to undo."))
        verbs.archive(customer, by=request.user, now=now, on=last.until_on, reason=last.reason, note=last.note)
    except verbs.CannotArchive as error:
        toast(request, _sentence(request, customer, error), level="error")
    else:
        toast(request, _("%(name)s is archived.") % {"name": customer.name})
    return redirect("customers:card", customer.pk)


def _sentence(request: HttpRequest, customer: Customer, error: verbs.CannotArchive) -> str:
    """The refusal, as much of it as its reader may know."""
    if not error.pending:
        return str(error)
    may = request.membership.may  # type: ignore[attr-defined]
    return verbs.says_pending(customer.name, (item.to(may).what for item in error.pending))


def _page(request: HttpRequest, customer: Customer, form: ArchiveForm, status: int = 200) -> HttpResponse:
    found = pending(customer)
    context = {
        "customer": customer,
        "form": form,
        "blocking": with_acts(request, [item for item in found if item.blocks]),
        "shown": with_acts(request, [item for item in found if not item.blocks]),
    }
    return render(request, "customers/screens/archive.html", context, status=status)


def with_acts(request: HttpRequest, items: list[Pending]) -> list[dict[str, Any]]:
    """Each as its reader may know it, with the acts they may do."""
    may = request.membership.may  # type: ignore[attr-defined]
    known = [item.to(may) for item in items]
    return [{"item": item, "acts": [act for act in item.acts if may(act.right)]} for item in known]
