"""The addresses of a merged customer lead to its survivor: the card, its tabs, forms and whatever rooms above hang below
it (N8). One place for all: a view says that nobody is there, and here is asked where that customer went.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from carteira.accounts.roles import Right
from carteira.core.ui.toast import toast
from carteira.customers.merge.survivor import survivors_of
from carteira.customers.models import Customer

SAFE = frozenset({"GET", "HEAD"})
# No address of ours names more.
_MOST_IDS = 20


class MergedAddressMiddleware:
    """Stands inside the account's scope. A page goes on to the survivor's; what was to be done is not done, and says
    why: whoever filled a form in did not mean the survivor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        nobody = isinstance(exception, (Http404, Customer.DoesNotExist))
        membership = getattr(request, "membership", None)
        if not nobody or membership is None or not membership.may(Right.SEE_CUSTOMERS):
            return None
        went = survivors_of(dict.fromkeys(_ids(request)))
        if not went:
            return None
        survivor = Customer.objects.get(pk=next(iter(went.values())))
        card = reverse("customers:card", args=[survivor.pk])
        sentence = part_of(survivor)
        if request.method in SAFE:
            if request.htmx:  # type: ignore[attr-defined]
                # A part of another customer's page is nothing to put into this one.
                toast(request, sentence, level="info")
                return HttpResponseClientRedirect(card)
            return HttpResponseRedirect(_led_on(request, went) or card)
        sentence += " " + _("Nothing was changed.")
        if not isinstance(exception, Http404):
            transaction.set_rollback(True)
        if request.htmx:  # type: ignore[attr-defined]
            # What was typed stays on the page.
            return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=404)
        toast(request, sentence, level="error")
        return HttpResponseRedirect(card)


def part_of(survivor: Customer) -> str:
    return _("This customer was merged: it is part of %(name)s (%(number)s) now.") % {
        "name": survivor.name,
        "number": survivor.number,
    }


def _ids(request: HttpRequest) -> Iterator[UUID]:
    match = request.resolver_match
    yield from (value for value in (match.kwargs if match else {}).values() if isinstance(value, UUID))
    for text in list(request.GET.values())[:_MOST_IDS]:
        try:
            yield UUID(str(text))
        except ValueError:
            continue


def _led_on(request: HttpRequest, went: dict[UUID, UUID]) -> str:
    """The same address about the survivor; "" where it would name it twice: nobody is merged with itself."""
    path = request.get_full_path()
    for merged, survivor in went.items():
        for written, now in ((str(merged), str(survivor)), (merged.hex, survivor.hex)):
            path = path.replace(written, now)
    twice = any(path.count(str(survivor)) > 1 for survivor in went.values())
    return "" if twice or path == request.get_full_path() else iri_to_uri(path)
