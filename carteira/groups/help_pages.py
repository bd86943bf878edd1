"""The help about groups: its words stand in help/<language>/."""

from django.utils.translation import gettext_lazy as _

from carteira.core.registries import HelpPage, help_pages

help_pages.add(
    "groups",
    HelpPage(
        _("Sort customers into groups"),
        _("By hand, or by a rule that fills them by itself."),
        "groups/help",
        "users-group",
        ("groups:*",),
    ),
    order=68,
)
