"""What groups plug into the rooms below."""

from django.utils.translation import gettext_lazy as _

from carteira.accounts.roles import Right
from carteira.core.events.follow import follow
from carteira.core.jobs import clocks
from carteira.core.registries import (
    DemoStep,
    MenuEntry,
    PaletteAct,
    Verifier,
    demo_steps,
    menu,
    palette_acts,
    verifiers,
)
from carteira.core.sheets.exports.registry import ExportChoice, export_choices
from carteira.customers import history
from carteira.customers import terms as usual_terms
from carteira.customers.columns import columns
from carteira.customers.delete import farewells
from carteira.customers.list_filters import list_filters
from carteira.customers.merge.movers import movers
from carteira.customers.registries import CardSection, ListPanel, card_sections, list_panels
from carteira.customers.sheets.undoing import followed
from carteira.groups import (  # noqa: F401
    belong,
    bulk_verbs,
    change,
    customer_fields,
    demo,
    help_pages,
    list_column,
    list_filter,
    make,
    merge_rows,
    own_fields,
    personal,
    refresh,
    remove,
    snapshot,
    terms,
    verify,
    whose_rows,
)
from carteira.groups.fields import families
from carteira.groups.moves import ENTERED, LEFT
from carteira.groups.screens import card

customer_fields.register()
families.add("own_fields", own_fields.family)
bulk_verbs.register()
follow(refresh.noticed)
clocks.register(refresh.CLOCK, refresh.days_passed)
farewells.add("groups.members", refresh.forget)
usual_terms.sources.add("groups", terms.terms_of, order=50)
movers.add("groups.Pin.customer", merge_rows.PINS, order=70)
movers.add("groups.Member.customer", merge_rows.MEMBERS, order=71)
list_filters.add("group", list_filter.FILTER, order=10)
columns.add("groups", list_column.GROUPS, order=45)
menu.add(
    "groups",
    MenuEntry(_("Groups"), "users-group", "groups:list", section=_("Relationship"), right=Right.SEE_CUSTOMERS),
    order=22,
)
list_panels.add(
    "groups",
    ListPanel(_("Groups"), "users-group", "groups/screens/list_panel.html", "groups:list", Right.SEE_CUSTOMERS),
)
card_sections.add(
    "groups.of",
    CardSection(_("Groups"), "groups/screens/card.html", card.context, Right.SEE_CUSTOMERS, side=True),
    order=20,
)
export_choices.add(
    "group",
    ExportChoice(
        _("Group"), ("customers", "invoices", "payments"), Right.SEE_CUSTOMERS, lambda account: whose_rows.options()
    ),
)
palette_acts.add(
    "groups.new",
    PaletteAct(_("New group"), "users-group", "groups:new", Right.EDIT_CUSTOMERS, words=_("segment rule")),
    order=50,
)
history.subjects.add("group", _("Groups"), order=40)
for kind in (ENTERED, LEFT):
    followed.add(kind, kind)
# After the customers archived some of them.
demo_steps.add("groups.some", DemoStep(demo.add_groups, ("groups_group", "groups_member", "groups_pin")), order=940)
verifiers.add("groups.members", Verifier("members of groups", verify.members), order=30)
