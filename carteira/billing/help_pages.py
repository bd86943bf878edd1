"""The help about invoices and payments: its words stand in help/<language>/."""

from django.utils.translation import gettext_lazy as _

from carteira.core.registries import HelpPage, help_pages

help_pages.add(
    "invoices",
    HelpPage(
        _("Invoices and payments"),
        _("Charge, record what arrived, take back what went wrong."),
        "billing/help",
        "cash",
        ("billing:*",),
    ),
    order=70,
)
