"""What customers plugs into the ground floor."""

from django.utils.translation import gettext_lazy as _

from carteira.accounts.roles import Right
from carteira.core.registries import (
    DemoStep,
    MenuEntry,
    SearchSource,
    Verifier,
    demo_steps,
    menu,
    search_sources,
    verifiers,
)
from carteira.core.sheets.registry import kinds as sheet_kinds
from carteira.core.verify import numbers_used
from carteira.customers import demo, search, verify
from carteira.customers.sheets.kind import CUSTOMERS

sheet_kinds.add("customers", CUSTOMERS, order=10)
menu.add(
    "customers",
    MenuEntry(_("Customers"), "users", "customers:list", section=_("Relationship"), right=Right.SEE_CUSTOMERS),
    order=20,
)
search_sources.add("customers", SearchSource(_("Customers"), search.best_hits, Right.SEE_CUSTOMERS), order=20)
verifiers.add("customers.facts", Verifier("customer facts", verify.cached_facts), order=20)
verifiers.add("customers.states", Verifier("exactly one state a customer", verify.one_state_each), order=21)
verifiers.add("customers.search", Verifier("entries of the search", verify.search_entries), order=23)
verifiers.add("customers.derived", Verifier("sort and search texts of customers", verify.derived_columns), order=22)
numbers_used.add("customer", verify.highest_number)
demo_steps.add("customers.people", DemoStep(demo.add_customers, ("customers_customer", "core_event")), order=20)
# After every room above has added what these people did.
demo_steps.add("customers.archive", DemoStep(demo.archive_some), order=900)
