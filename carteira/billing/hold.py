"""In which order money's verbs lock rows: the customer, then its invoices, then the counter of numbers."""

from uuid import UUID

from carteira.billing.models import Invoice
from carteira.customers.models import Customer


def hold_customer(customer_id: UUID) -> Customer:
    """The customer with its account, its row locked until the transaction ends. Raises Customer.DoesNotExist.

    Only the customer's row, and not its key: the account's row stays free for everybody else, and rows that point to
    the customer can be added meanwhile.
    """
    return Customer.objects.select_for_update(of=("self",), no_key=True).select_related("account").get(pk=customer_id)


def hold_invoice(invoice_id: UUID) -> Invoice:
    """The invoice as it is now, locked; its customer must be held already. Raises Invoice.DoesNotExist."""
    return Invoice.objects.select_for_update(no_key=True).get(pk=invoice_id)
