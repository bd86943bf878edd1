"""What billing's tables hold about people: the money stays, the words go (product decision 19)."""

from django.utils.translation import gettext_lazy as _

from carteira.core.privacy.holdings import Holding, holdings

holdings.add(
    "billing.Invoice",
    Holding(
        _("Invoices"),
        of="customer_id",
        erase={"description": "", "cancel_reason": ""},
        impersonal=("number", "external_id", "method"),
        export=(
            *("series", "number", "external_id", "amount", "paid_amount", "issue_on", "issued_on", "due_on"),
            *("effective_due_on", "settled_on", "canceled_on"),
        ),
    ),
    order=50,
)
holdings.add(
    "billing.Payment",
    Holding(
        _("Payments"),
        of="customer_id",
        erase={"note": ""},
        impersonal=("external_id",),
        export=("amount", "paid_on", "method", "source", "external_id", "recorded_at"),
    ),
    order=51,
)
holdings.add(
    "billing.Letterhead",
    # The business's own: no customer's.
    Holding(
        _("Printed invoices"),
        impersonal=("legal_name", "document_kind", "document", "address", "email", "phone", "note", "logo"),
    ),
    order=52,
)
