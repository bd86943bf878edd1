"""The help about customers: its words stand in help/<language>/."""

from django.utils.translation import gettext_lazy as _

from carteira.core.registries import HelpPage, help_pages

_FOLDER = "customers/help"
help_pages.add(
    "register",
    HelpPage(
        _("Register a customer"),
        _("A name is enough; the rest can come later."),
        _FOLDER,
        "user-plus",
        ("customers:new", "customers:edit"),
    ),
    order=10,
)
help_pages.add(
    "search",
    HelpPage(
        _("Find anything"),
        _("Any fragment of a name, document, phone or code; Ctrl+K for everything."),
        _FOLDER,
        "search",
        ("customers:find", "palette"),
    ),
    order=20,
)
help_pages.add(
    "merge",
    HelpPage(
        _("Merge two customers that are the same"),
        _("Nothing is lost, and it can be undone for 30 days."),
        _FOLDER,
        "arrows-join",
        ("customers:merge", "customers:merge_choose", "customers:duplicates"),
    ),
    order=35,
)
help_pages.add(
    "activity",
    HelpPage(
        _("Read the activity bar"),
        _("Who is active, who has gone silent, who owes, and why; today or on any day."),
        _FOLDER,
        "activity",
        ("customers:list",),
    ),
    order=30,
)
help_pages.add(
    "card",
    HelpPage(
        _("A customer's card"),
        _("All that is known of one customer, and what is done from there."),
        _FOLDER,
        "id",
        ("customers:*",),
    ),
    order=40,
)
help_pages.add(
    "archive",
    HelpPage(
        _("Archive and bring back"),
        _("For whoever left for good. Everything is kept."),
        _FOLDER,
        "archive",
        ("customers:archive", "customers:unarchive", "customers:resolve_pending"),
    ),
    order=50,
)
help_pages.add(
    "delete",
    HelpPage(
        _("Delete or anonymise"),
        _("When archiving is not enough, and why payments stay."),
        _FOLDER,
        "user-off",
        ("customers:person*", "customers:delete*"),
    ),
    order=60,
)
help_pages.add(
    "bulk",
    HelpPage(
        _("Change many customers at once"),
        _("Archive, reactivate, put somebody in charge; with undo."),
        _FOLDER,
        "checks",
        ("customers:bulk*",),
    ),
    order=62,
)
help_pages.add(
    "columns",
    HelpPage(
        _("Choose the columns of the list"),
        _("What your list shows, and in which order."),
        _FOLDER,
        "columns",
        ("customers:layout",),
    ),
    order=64,
)
help_pages.add(
    "saved",
    HelpPage(
        _("Save a list"),
        _("Filters, columns and order under a name, for you or for everybody."),
        _FOLDER,
        "bookmark",
        ("customers:view*",),
    ),
    order=66,
)
help_pages.add(
    "own-fields",
    HelpPage(
        _("Fields of your own"),
        _("What only your business asks: add it to every card."),
        _FOLDER,
        "forms",
        ("customers:own_*", "customers:new_own_field"),
    ),
    order=68,
)
