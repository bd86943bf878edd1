"""Who lacks data that the payment method of an open invoice asks for (S2-16 to S2-18): on the card, and among everybody.

The rule is required_data's; what stands here in SQL is held to it by a test over every column.
"""

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.billing.models import Invoice, Payment
from carteira.billing.required_data import Payer, needs, payer_of
from carteira.core.walls.scope import require_account_id
from carteira.customers.lifecycle import View
from carteira.customers.list_filters import Chosen, ListFilter
from carteira.customers.models import Customer
from carteira.customers.querysets import among_sql

# Methods that ask for more than the name everybody has; the index billing_asks_for_data holds their open invoices.
ASKING = (Payment.Method.BOLETO, Payment.Method.CARD)
_OF_PAYER = ("name", "email", "document")

LABEL = gettext_lazy("Needs data to be charged")


class Lacking(NamedTuple):
    """An open invoice, and the columns its method misses of whoever pays it."""

    invoice: UUID
    method: str
    payer: Payer
    missing: list[str]


def may_ask() -> Exists:
    """Of a customer (OuterRef): something is open whose method asks for more than a name."""
    return Exists(_asking().filter(customer_id=OuterRef("pk")))


def _asking() -> QuerySet[Invoice]:
    return Invoice.objects.filter(method__in=ASKING, settled_on=None, canceled_on=None, deleted_at=None)


def lacking(customer: Customer, country: str) -> list[Lacking]:
    """The earliest due open invoice of each method that misses something. A second query only where such are open."""
    asking = _asking().filter(customer_id=customer.pk)
    first: dict[str, UUID] = {}
    for id, method in asking.order_by("due_on", "id").values_list("id", "method")[:50]:
        first.setdefault(method, id)
    if not first:
        return []
    payer = payer_of(customer)
    found = [Lacking(id, method, payer, payer.missing(method, country)) for method, id in first.items()]
    return [one for one in found if one.missing]


def chosen(value: str, account: Account, view: View) -> Chosen | None:
    """The list of the customers somebody must ask for data: true today only."""
    return Chosen(among_sql(*_ids(account)), str(LABEL)) if value == "1" and view.live else None


def _ids(account: Account) -> tuple[str, tuple[Any, ...]]:
    """SQL that selects them."""
    asked = " OR ".join(
        f"(i.method = '{method.value}' AND ({_any_blank(needs(method, account.country))}))" for method in ASKING
    )
    return (
        f"""SELECT i.customer_id FROM billing_invoice i
        JOIN customers_customer c ON c.account_id = i.account_id AND c.id = i.customer_id
        LEFT JOIN customers_contact k ON k.account_id = i.account_id AND k.customer_id = i.customer_id AND k.is_payer
        LEFT JOIN customers_customer o ON o.account_id = k.account_id AND o.id = k.other_id
        WHERE i.account_id = %s AND i.settled_on IS NULL AND i.canceled_on IS NULL AND i.deleted_at IS NULL
            AND i.method IN ('boleto', 'card') AND ({asked})""",
        (require_account_id(),),
    )


def _any_blank(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"{_of_whoever_pays(column)} = ''" for column in columns)


def _of_whoever_pays(column: str) -> str:
    """As required_data.Payer: another customer's column, a contact's own, or the customer's."""
    own = f"CASE WHEN k.id IS NULL THEN c.{column} ELSE k.{column} END" if column in _OF_PAYER else f"c.{column}"
    return f"CASE WHEN o.id IS NOT NULL THEN o.{column} ELSE {own} END"


FILTER = ListFilter(LABEL, Right.SEE_MONEY, chosen, tick=True)
