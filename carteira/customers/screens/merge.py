"""Merging two customers: with whom, what wins and what moves; and taking it back (N8)."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.merge.merge import CannotMerge, merge
from carteira.customers.merge.plan import plan_of
from carteira.customers.merge.survivor import survivor_of
from carteira.customers.merge.take_out import take_out
from carteira.customers.merge.unmerge import DAYS, CannotUnmerge
from carteira.customers.merge.values import CHOICES, MERGED
from carteira.customers.models import Customer, CustomerMerge
from carteira.customers.screens.asked import text_of
from carteira.customers.screens.merged_address import part_of
from carteira.customers.search import found_by, shortened
from carteira.customers.twins import Twin, find_twins, known_of

SHOWN = 20


@require(Right.EDIT_CUSTOMERS)
@require_safe
def choose_twin(request: HttpRequest, id: UUID) -> HttpResponse:
    """With whom? First those who look like the same, then whoever is searched for."""
    customer = get_object_or_404(Customer.objects.select_related("account"), pk=id)
    text = shortened(text_of(request.GET, "q"))
    twins = [] if text else _twins_of(customer)
    found: list[Customer] = []
    if text:
        rows = Customer.objects.filter(found_by(text).first_by_name(SHOWN + 2, archived=None))
        found = [one for one in rows.order_by("name_sort", "id") if one.pk != customer.pk]
    context = {
        "customer": customer,
        "text": text,
        "twins": twins,
        "found": found[:SHOWN],
        "more": len(found) > SHOWN,
    }
    part = "#found" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"customers/screens/merge_choose.html{part}", context)


def _twins_of(customer: Customer) -> list[Twin]:
    known = {"document": customer.document, "email": customer.email, "phone": customer.phone, "name": customer.name}
    return [one for one in find_twins(known_of(known, customer.account)) if one.customer.pk != customer.pk]


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_two(request: HttpRequest, id: UUID, other: UUID) -> HttpResponse:
    """POST <field>=merged for each value of the merged one that wins; own_…=kept, merged or both."""
    customers = Customer.objects.select_related("account", "owner")
    kept = get_object_or_404(customers, pk=id)
    merged = customers.filter(pk=other).first()
    if merged is None:
        return _merged_already(request, kept, other)
    chosen = [name for name in CHOICES if request.POST.get(name) == MERGED]
    own = {name: text_of(request.POST, name) for name in request.POST if name.startswith("own_")}
    error = ""
    if request.method == "POST":
        try:
            done = merge(kept, merged, chosen=chosen, own=own, by=request.user, now=dates.now())
        except CannotMerge as refusal:
            if not Customer.objects.filter(pk=other).exists():
                return _merged_already(request, kept, other)
            error = str(refusal)
        else:
            toast(
                request,
                _("%(merged)s is part of %(name)s now.")
                % {"merged": merged.name, "name": Customer.objects.get(pk=kept.pk).name},
                undo=reverse("customers:unmerge", args=[done.pk]),
            )
            return redirect("customers:card", kept.pk)
    may = request.membership.may  # type: ignore[attr-defined]
    context = {
        "customer": kept,
        "merged": merged,
        "plan": plan_of(kept, merged, chosen=chosen, own=own, may=may, now=dates.now()),
        "days": DAYS,
        "error": error,
        "same": kept.pk == merged.pk,
    }
    return render(request, "customers/screens/merge.html", context, status=422 if error else 200)


def _merged_already(request: HttpRequest, kept: Customer, other: UUID) -> HttpResponse:
    """The second of two clicks finds what the first one did, and is told so."""
    if survivor_of(other) != kept.pk:
        raise Http404
    if request.method == "POST":
        toast(request, part_of(kept), level="info")
    return redirect("customers:card", kept.pk)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def unmerge_one(request: HttpRequest, id: UUID) -> HttpResponse:
    done = get_object_or_404(CustomerMerge, pk=id)
    try:
        back = take_out(done, by=request.user, now=dates.now())
    except CannotUnmerge as refusal:
        toast(request, str(refusal), level="error")
        return redirect("customers:card", done.survivor_id)
    toast(request, _("%(name)s is a customer of its own again.") % {"name": back.customer.name})
    may = request.membership.may  # type: ignore[attr-defined]
    for sentence in (one for one in back.told if may(back.rights.get(one, Right.SEE_CUSTOMERS))):
        toast(request, sentence, level="info")
    return redirect("customers:card", back.customer.pk)
