"""The help about tasks: its words stand in help/<language>/."""

from django.utils.translation import gettext_lazy as _

from carteira.core.registries import HelpPage, help_pages

help_pages.add(
    "tasks",
    HelpPage(
        _("Tasks"),
        _("“Call again on …”: what must not be forgotten about a customer."),
        "tasks/help",
        "checklist",
        ("tasks:*",),
    ),
    order=65,
)
