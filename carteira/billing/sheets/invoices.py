"""The sheet kind "invoices": what was billed before, open or paid, with its own numbers.

An invoice is the same as one that exists when it has its external id, else its number among the imported ones. What
the file says anew about such an invoice: its due date and description, and that it has been paid meanwhile.
"""

from decimal import Decimal

from django.utils.translation import gettext_lazy

from carteira.billing.sheets import common, fields
from carteira.billing.sheets.invoices_columns import DERIVED, FIELDS, derive, prepare
from carteira.billing.sheets.invoices_match import match
from carteira.billing.sheets.invoices_write import write
from carteira.billing.sheets.showing import show_invoices
from carteira.billing.sheets.undoing import UNDO_INVOICES
from carteira.core.sheets.registry import SheetKind

INVOICES = SheetKind(
    name="invoices",
    label=gettext_lazy("Invoices"),
    right="billing.record",
    fields=FIELDS,
    derived=DERIVED,
    prepare=prepare,
    derive=derive,
    match=match,
    write=write,
    show=show_invoices,
    undo=UNDO_INVOICES,
    tables=common.TABLES,
    needs=(
        fields.CUSTOMER_NEEDED,
        (
            ("number", "external_id"),
            gettext_lazy("Say which column is the invoice number or the external id, so that no invoice comes twice."),
        ),
    ),
    sample=(
        (
            "A-001",
            "",
            "",
            "",
            "2026-0107",
            "",
            Decimal("150.00"),
            "2026-10-01",
            "2026-10-10",
            "2026-10-09",
            "",
            "pix",
            "Outubro",
        ),
        ("A-002", "", "", "", "2026-0108", "", Decimal("150.00"), "2026-11-01", "2026-11-10", "", "", "", "Novembro"),
    ),
    icon="file-invoice",
    text=gettext_lazy("What was billed, open or paid: open and overdue ones say who owes."),
    seen_at="customers:list",
)
