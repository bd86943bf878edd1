"""In which order money's verbs lock rows: the customer, then its invoices, then the counter of numbers.

One verb a transaction, or verbs of one customer: whoever needs several customers holds them first, in the order of
their ids.
"""

from carteira.billing.models import Invoice
from carteira.core.database.one_row import one_row
from carteira.core.walls.scope import require_account_id
from carteira.customers.models import Customer


def hold_customer(customer: Customer) -> Customer:
    """The customer as it is now, its row locked until the transaction ends. Raises Customer.DoesNotExist.

    Only the customer's row, and not its key: the account's row stays free for everybody else, and rows that point to
    the customer can be added meanwhile. `customer.account` is kept where it was known.
    """
    found = one_row(
        "FROM customers_customer c WHERE c.account_id = %s AND c.id = %s FOR NO KEY UPDATE",
        [require_account_id(), customer.pk],
        (Customer, "c"),
    )
    if found is None:
        raise Customer.DoesNotExist(customer.pk)
    (held,) = found
    if Customer.account.is_cached(customer):  # type: ignore[attr-defined]
        held.account = customer.account
    return held


def hold_invoice(invoice_id: object) -> Invoice:
    """The invoice as it is now, locked; its customer must be held already. Raises Invoice.DoesNotExist."""
    return Invoice.objects.select_for_update(no_key=True).get(pk=invoice_id)
