"""What a card says about merges: one that can still be undone, and who may be the same person (N8)."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.formats import day as day_text
from carteira.core.walls.scope import require_account_id
from carteira.customers.lifecycle import View
from carteira.customers.merge.find import said_of
from carteira.customers.merge.unmerge import DAYS
from carteira.customers.models import Customer, CustomerMerge, DuplicatePair
from carteira.customers.registries import Act, Attention, Summary

# The card has room for so many pairs; the page of duplicates has all. Of merges the latest, which hide none but older ones.
PAIRS, MERGES = 2, 5


class _Row(NamedTuple):
    """Of a merge (`at`), or of a pair (`same`)."""

    id: UUID
    number: int
    name: str
    at: Any
    same: int | None
    first: UUID | None
    second: UUID | None


def concerns() -> Any:
    """Whether there is anything to say about a customer, asked with the customer itself."""
    merges = CustomerMerge.objects.filter(survivor_id=OuterRef("pk"), undone_at=None)
    pairs = DuplicatePair.objects.filter(dismissed_at=None)
    return Q(
        Exists(merges) | Exists(pairs.filter(first=OuterRef("pk"))) | Exists(pairs.filter(second=OuterRef("pk"))),
    )


def attention(request: HttpRequest, customer: Customer, view: View) -> Summary:
    """One query."""
    if not view.live:
        return Summary()
    may = request.membership.may(Right.EDIT_CUSTOMERS)  # type: ignore[attr-defined]
    found = []
    for row in _rows(customer.pk):
        if row.at is not None:
            found.append(_merged(row, customer.account, may))
        elif may:
            found.append(_pair(row, customer))
    return Summary(attention=found)


def _rows(customer: UUID) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            """(SELECT m.id, m.merged_number, m.before -> 'merged' ->> 'name', m.at, NULL::bigint, NULL::uuid, NULL::uuid
                FROM customers_customermerge m WHERE m.account_id = %(account)s AND m.survivor_id = %(customer)s
                    AND m.undone_at IS NULL AND m.at >= %(since)s AND m.before <> '{}'
                ORDER BY m.id DESC LIMIT %(merges)s)
            UNION ALL (
                SELECT p.id, c.number, c.name, NULL, p.same, p.first_id, p.second_id FROM customers_duplicatepair p
                JOIN customers_customer c ON c.account_id = %(account)s
                    AND c.id = CASE WHEN p.first_id = %(customer)s THEN p.second_id ELSE p.first_id END
                WHERE p.account_id = %(account)s AND (p.first_id = %(customer)s OR p.second_id = %(customer)s)
                    AND p.dismissed_at IS NULL
                ORDER BY p.rank, p.id LIMIT %(pairs)s)""",
            {
                "account": require_account_id(),
                "customer": customer,
                "since": dates.now() - timedelta(days=DAYS),
                "merges": MERGES,
                "pairs": PAIRS,
            },
        )
        return [_Row(*row) for row in cursor.fetchall()]


def _merged(row: _Row, account: Any, may: bool) -> Attention:
    text = _("%(name)s (%(number)s) was merged into this customer. It can be undone until %(day)s.") % {
        "name": row.name,
        "number": row.number,
        "day": day_text(account.today(row.at + timedelta(days=DAYS))),
    }
    acts = [Act(_("Undo the merge"), reverse("customers:unmerge", args=[row.id]), post=True)] if may else []
    return Attention(text, acts, "accent")


def _pair(row: _Row, customer: Customer) -> Attention:
    text = _("Perhaps the same as %(name)s (No. %(number)s): %(same)s.") % {
        "name": row.name,
        "number": row.number,
        "same": said_of(row.same or 0),
    }
    apart = f"{reverse('customers:duplicates_act')}?pair={row.id}&customer={customer.pk}"
    return Attention(
        text,
        [
            Act(_("Compare"), reverse("customers:merge", args=[row.first, row.second])),
            Act(_("Not the same"), apart, post=True),
        ],
    )
