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
help_pages.add(
    "members",
    HelpPage(
        _("Members and rights"),
        _("Invite, choose roles, allow or deny single things; when somebody goes."),
        "accounts/help",
        "users-group",
        ("accounts:member*", "accounts:log"),
    ),
    order=92,
)
help_pages.add(
    "security",
    HelpPage(
        _("Second factor and passkeys"),
        _("So that a stolen password opens nothing."),
        "accounts/help",
        "shield-lock",
        ("accounts:security",),
    ),
    order=94,
)
