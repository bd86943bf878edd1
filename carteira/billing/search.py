"""Finding invoices by the beginning of their number, for the search on top and the palette."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from carteira.accounts.models import Account
from carteira.billing import why
from carteira.billing.models import Invoice
from carteira.billing.status import status_of
from carteira.core import dates
from carteira.core.registries import SearchHit
from carteira.core.ui.formats import day, money
from carteira.core.urls import account_url
from carteira.core.walls.scope import require_account_id

_LONGEST = Invoice._meta.get_field("number").max_length or 0


def find(text: str, limit: int) -> list[SearchHit]:
    """The invoice of that number, then those whose number begins so: "77", "#77", "IMP0000012"."""
    number = text.strip().removeprefix("#")
    if not any(char.isdecimal() for char in number) or len(number) > _LONGEST:
        return []
    found: list[Invoice] = []
    for series in Invoice.Series.values:
        for form in dict.fromkeys((number, number.upper())):
            # A range instead of LIKE, of one series: a walk along the index of numbers, which ends after a few.
            begins = Q(series=series, number__gte=form, number__lt=f"{form}\U0010ffff") & ~Q(number="")
            found += _shown().filter(begins).order_by("number")[:limit]
    found.sort(key=lambda invoice: invoice.number not in (number, number.upper()))
    return _hits(found[:limit])


def recall(ids: Sequence[UUID]) -> list[SearchHit]:
    return _hits(_shown().filter(pk__in=ids))


def _shown() -> QuerySet[Invoice]:
    return Invoice.objects.select_related("customer")


def _hits(invoices: Iterable[Invoice]) -> list[SearchHit]:
    account = Account.objects.get(pk=require_account_id())
    today = account.today(dates.now())
    return [
        SearchHit(
            why.title(invoice),
            " · ".join((invoice.customer.name, money(invoice.amount, account.currency), day(invoice.due_on))),
            account_url(account.slug, "billing:invoice", invoice.pk),
            badge=status_of(invoice, today),
            id=invoice.pk,
        )
        for invoice in invoices
    ]
