"""The help about files, and where all of it stands: its words stand in help/<language>/."""

from django.utils.translation import gettext_lazy as _

from carteira.accounts.roles import Right
from carteira.core.registries import HelpPage, MenuEntry, help_pages, menu

help_pages.add(
    "first-page",
    HelpPage(
        _("The first page"),
        _("What to do today, what comes in this month, who owes."),
        "home/help",
        "home",
        ("start",),
    ),
    order=5,
)
help_pages.add(
    "import",
    HelpPage(
        _("Import a sheet"),
        _("Customers, payments and invoices from CSV, XLSX or ODS."),
        "home/help",
        "upload",
        ("imports:*",),
    ),
    order=80,
)
help_pages.add(
    "take-back",
    HelpPage(
        _("Take an import back"),
        _("The wrong file, or columns mixed up: all of it goes again."),
        "home/help",
        "arrow-back-up",
        ("imports:undo", "imports:left"),
    ),
    order=81,
)
help_pages.add(
    "export",
    HelpPage(
        _("Export your data"),
        _("As a sheet, whenever you like; change it and import it again."),
        "home/help",
        "download",
        ("exports:*",),
    ),
    order=82,
)
menu.add("help", MenuEntry(_("Help"), "help", "help:index", right=Right.ENTER), order=950)
