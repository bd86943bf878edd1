"""A person's data: a copy of all of it, and its end (LGPD). Both have a protocol number and are done by a job."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates, people
from carteira.core.files.download import attachment
from carteira.core.privacy.holdings import holdings
from carteira.core.privacy.models import PersonRequest
from carteira.core.ui.toast import toast
from carteira.customers.anonymise import CannotAnonymise
from carteira.customers.archive_checklist import pending
from carteira.customers.models import Customer
from carteira.customers.person_requests import ask
from carteira.customers.screens.archive import with_acts

_SHOWN = 20


class AnonymiseForm(forms.Form):
    """Typing the name guards against the wrong customer: this cannot be undone."""

    name = forms.CharField(
        label=gettext_lazy("Write the customer's name to confirm"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        self.customer = customer
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        written = str(self.cleaned_data["name"])
        if people.name_sort(written) != people.name_sort(self.customer.name):
            raise ValidationError(
                _("This is not the name. Write: %(name)s") % {"name": self.customer.name}, code="name_differs"
            )
        return written


@require(Right.PRIVACY)
@require_safe
def show_person(request: HttpRequest, id: UUID) -> HttpResponse:
    """The requests of this customer, and what can be asked."""
    customer = get_object_or_404(Customer.objects.select_related("account"), pk=id)
    asked = _requests(customer)
    if request.htmx:  # type: ignore[attr-defined]
        if not any(one.state == "running" for one in asked):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "customers/screens/person.html#requests", {"customer": customer, **_told(asked)})
    return render(request, "customers/screens/person.html", {"customer": customer, **_told(asked)})


@require(Right.PRIVACY)
@require_POST
def export_person(request: HttpRequest, id: UUID) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=id)
    asked = ask(customer, PersonRequest.Kind.EXPORT, by=request.user, now=dates.now())
    toast(request, _("The copy is being made. Protocol: %(protocol)s") % {"protocol": asked.protocol}, level="info")
    return redirect("customers:person", customer.pk)


@require(Right.PRIVACY)
@require_http_methods(["GET", "HEAD", "POST"])
def anonymise_person(request: HttpRequest, id: UUID) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.select_related("account"), pk=id)
    if customer.anonymised_on is not None:
        toast(request, _("This customer was anonymised already."), level="info")
        return redirect("customers:person", customer.pk)
    if request.method != "POST":
        return _anonymise_page(request, customer, AnonymiseForm(customer=customer))
    form = AnonymiseForm(request.POST, customer=customer)
    if not form.is_valid():
        return _anonymise_page(request, customer, form, status=422)
    try:
        asked = ask(customer, PersonRequest.Kind.ANONYMISE, by=request.user, now=dates.now())
    except CannotAnonymise as error:
        form.add_error(None, str(error))
        return _anonymise_page(request, customer, form, status=422)
    toast(request, _("It is being anonymised. Protocol: %(protocol)s") % {"protocol": asked.protocol}, level="info")
    return redirect("customers:person", customer.pk)


@require(Right.PRIVACY)
@require_safe
def person_file(request: HttpRequest, id: UUID, asked: UUID) -> StreamingHttpResponse:
    """The copy, as long as it is kept."""
    found = get_object_or_404(PersonRequest.objects.select_related("file"), pk=asked, person_id=id)
    if found.file is None:
        raise Http404
    return attachment(found.file)


def _requests(customer: Customer) -> list[PersonRequest]:
    asked = PersonRequest.objects.filter(person_id=customer.pk).select_related("by", "file").order_by("-id")
    return list(asked[:_SHOWN])


def _told(asked: list[PersonRequest]) -> dict[str, Any]:
    proof = next((one for one in asked if one.kind == PersonRequest.Kind.ANONYMISE and one.state == "done"), None)
    return {
        "asked": asked,
        "running": any(one.state == "running" for one in asked),
        "proof": proof,
        "left": _titles(proof.result["searched"]["left"]) if proof else [],
        "elsewhere": _titles(proof.result["searched"]["elsewhere"]) if proof else [],
        "unreadable": proof.result["searched"].get("unreadable", 0) if proof else 0,
    }


def _titles(counts: dict[str, int]) -> list[tuple[str, int]]:
    """What the tables are called on screens."""
    own = {"files": _("Files"), "jobs": _("Jobs"), "mails": _("E-mails")}
    named = ((holdings.get(name), name, count) for name, count in counts.items())
    return [(str(holding.title) if holding else own.get(name, name), count) for holding, name, count in named]


def _anonymise_page(request: HttpRequest, customer: Customer, form: AnonymiseForm, status: int = 200) -> HttpResponse:
    blocking = [item for item in pending(customer) if item.blocks]
    context = {"customer": customer, "form": form, "blocking": with_acts(request, blocking)}
    return render(request, "customers/screens/person_anonymise.html", context, status=status)
