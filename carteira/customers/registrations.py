"""What customers plugs into the ground floor."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from carteira.accounts import log_subjects
from carteira.accounts.roles import Right
from carteira.core.jobs import clocks
from carteira.core.privacy import requests as person_requests
from carteira.core.registries import (
    DemoDay,
    DemoStep,
    MenuEntry,
    PaletteAct,
    SearchSource,
    SettingsPage,
    StartPart,
    Verifier,
    demo_days,
    demo_steps,
    menu,
    own_lines,
    palette_acts,
    search_sources,
    settings_pages,
    start_parts,
    verifiers,
)
from carteira.core.sheets.exports.registry import export_kinds
from carteira.core.sheets.registry import kinds as sheet_kinds
from carteira.core.verify import numbers_used
from carteira.customers import (  # noqa: F401
    columns,
    demo,
    demo_cards,
    demo_day,
    demo_fields,
    help_pages,
    history,
    list_filters,
    person_jobs,
    personal,
    returned,
    search,
    verify,
)
from carteira.customers.bulk import (
    customer_verbs,
    jobs,  # noqa: F401
)
from carteira.customers.delete import guards
from carteira.customers.fields import jobs as field_jobs  # noqa: F401
from carteira.customers.fields import listed
from carteira.customers.merge import customer_rows, find, survivor
from carteira.customers.merge import jobs as merge_jobs  # noqa: F401
from carteira.customers.merge import verify as merge_verify
from carteira.customers.person_export import forget_exports
from carteira.customers.registries import (
    CardAct,
    CardSection,
    CardSummary,
    CardTab,
    ListAction,
    card_acts,
    card_sections,
    card_summaries,
    card_tabs,
    list_actions,
)
from carteira.customers.screens import (
    card_history,
    card_info,
    card_main,
    card_notes,
    list_columns,
    list_views,
    merge_notices,
    start_part,
)
from carteira.customers.screens.card import MAIN
from carteira.customers.sheets import export
from carteira.customers.sheets.kind import CUSTOMERS

list_columns.register()
customer_verbs.register()
customer_rows.register()
guards.add("customers.merges", survivor.part_of_it)
columns.families.add("own_fields", listed.columns)
list_filters.families.add("own_fields", listed.FAMILY)
sheet_kinds.add("customers", CUSTOMERS, order=10)
export_kinds.add("customers", export.CUSTOMERS, order=10)
menu.add(
    "customers",
    MenuEntry(_("Customers"), "users", "customers:list", section=_("Relationship"), right=Right.SEE_CUSTOMERS),
    order=20,
)
own_lines.add("customers", list_views.menu_lines)
search_sources.add(
    "customers", SearchSource(_("Customers"), search.best_hits, Right.SEE_CUSTOMERS, search.recalled), order=20
)
palette_acts.add(
    "customers.new",
    PaletteAct(_("New customer"), "plus", "customers:new", Right.EDIT_CUSTOMERS, words=_("register add create")),
    order=10,
)
_SCREENS = "customers/screens/"
start_parts.add(
    "customers.states",
    StartPart(_("Customers"), f"{_SCREENS}start_part.html", start_part.context, Right.SEE_CUSTOMERS, side=True),
    order=20,
)
card_tabs.add(
    MAIN,
    CardTab(pgettext_lazy("tab", "Main"), f"{_SCREENS}card_main.html", card_main.context, Right.SEE_CUSTOMERS),
    order=0,
)
card_sections.add(
    "customers.notes",
    CardSection(
        pgettext_lazy("of a customer", "Notes"), f"{_SCREENS}card_notes.html", card_notes.context, Right.SEE_CUSTOMERS
    ),
    order=10,
)
card_tabs.add(
    "info",
    CardTab(pgettext_lazy("tab", "Info"), f"{_SCREENS}card_info.html", card_info.context, Right.SEE_CUSTOMERS),
    order=10,
)
card_tabs.add(
    "history",
    CardTab(
        _("History"),
        f"{_SCREENS}card_history.html",
        card_history.context,
        Right.SEE_CUSTOMERS,
        fragment=f"{_SCREENS}card_history_page.html",
    ),
    order=90,
)
card_summaries.add("customers.returned", CardSummary(returned.attention, Right.PRIVACY, returned.is_back), order=90)
card_acts.add(
    "customers.edit", CardAct(_("Edit all at once"), "edit", "customers:edit", Right.EDIT_CUSTOMERS), order=10
)
card_acts.add(
    "customers.archive",
    CardAct(
        _("Archive"),
        "archive",
        "customers:archive",
        Right.ARCHIVE_CUSTOMERS,
        main=True,
        shown=lambda customer: customer.archived_on is None,
    ),
    order=80,
)
card_acts.add(
    "customers.unarchive",
    CardAct(
        _("Reactivate"),
        "archive-off",
        "customers:unarchive",
        Right.ARCHIVE_CUSTOMERS,
        main=True,
        post=True,
        shown=lambda customer: customer.archived_on is not None,
    ),
    order=80,
)
card_summaries.add(
    "customers.merges", CardSummary(merge_notices.attention, Right.SEE_CUSTOMERS, merge_notices.concerns), order=85
)
list_actions.add(
    "customers.duplicates",
    ListAction(_("Possible duplicates"), "users", "customers:duplicates", Right.EDIT_CUSTOMERS, first=False),
    order=200,
)
palette_acts.add(
    "customers.duplicates",
    PaletteAct(
        _("Possible duplicates"), "users", "customers:duplicates", Right.EDIT_CUSTOMERS, words=_("merge twice same")
    ),
    order=60,
)
clocks.register("customers.duplicates", find.look_daily)
card_acts.add(
    "customers.merge",
    CardAct(
        _("Merge with another"),
        "arrows-join",
        "customers:merge_choose",
        Right.EDIT_CUSTOMERS,
        shown=lambda customer: customer.anonymised_on is None,
    ),
    order=90,
)
card_acts.add(
    "customers.person", CardAct(_("Personal data"), "shield-lock", "customers:person", Right.PRIVACY), order=200
)
card_acts.add(
    "customers.delete",
    CardAct(_("Delete customer"), "trash", "customers:delete", Right.ARCHIVE_CUSTOMERS, danger=True),
    order=210,
)
settings_pages.add("requests", SettingsPage(_("Privacy requests"), "privacy:requests", Right.PRIVACY), order=35)
settings_pages.add("own_fields", SettingsPage(_("Own fields"), "customers:own_fields", Right.EDIT_ACCOUNT), order=36)
log_subjects.subjects.add("own_field", "own_field")
history.subjects.add("customer", _("Registration and data"), order=10)
verifiers.add("customers.facts", Verifier("customer facts", verify.cached_facts), order=20)
verifiers.add("customers.search_more", Verifier("search texts of contacts", verify.search_more), order=22)
verifiers.add("customers.states", Verifier("exactly one state a customer", verify.one_state_each), order=21)
verifiers.add("customers.search", Verifier("entries of the search", verify.search_entries), order=23)
verifiers.add("customers.derived", Verifier("sort and search texts of customers", verify.derived_columns), order=22)
verifiers.add("customers.merges", Verifier("merged customers", merge_verify.merges), order=24)
numbers_used.add("customer", verify.highest_number)
numbers_used.add(person_requests.COUNTER, person_requests.highest_number)
clocks.register("customers.forget_exports", forget_exports)
demo_steps.add("customers.people", DemoStep(demo.add_customers, ("customers_customer", "core_event")), order=20)
demo_steps.add("customers.cards", DemoStep(demo_cards.fill_cards), order=25)
demo_steps.add("customers.own_fields", DemoStep(demo_fields.add_own_fields), order=26)
# After every room above has added what these people did.
demo_steps.add("customers.archive", DemoStep(demo.archive_some), order=900)
demo_days.add("customers.people", DemoDay(demo_day.people_come), order=20)
demo_days.add("customers.archive", DemoDay(demo_day.some_are_archived), order=900)
