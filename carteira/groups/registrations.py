"""What groups plug into the rooms below."""

from carteira.core.events.follow import follow
from carteira.core.jobs import clocks
from carteira.customers.delete import farewells
from carteira.customers.list_filters import list_filters
from carteira.groups import belong, change, customer_fields, list_filter, make, personal, refresh, remove  # noqa: F401

customer_fields.register()
follow(refresh.noticed)
clocks.register("groups.days", refresh.days_passed)
farewells.add("groups.members", refresh.forget)
list_filters.add("group", list_filter.FILTER, order=10)
