"""The help about the business and its people: its words stand in help/<language>/."""

from django.utils.translation import gettext_lazy as _

from carteira.core.registries import HelpPage, help_pages

help_pages.add(
    "business",
    HelpPage(
        _("The business, its people and you"),
        _("Rules, holidays, members and roles; your own language and password."),
        "accounts/help",
        "settings",
        ("accounts:*",),
    ),
    order=90,
)
