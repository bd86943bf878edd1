"""What groups plug into the rooms below."""

from carteira.core.events.follow import follow
from carteira.core.jobs import clocks
from carteira.customers.delete import farewells
from carteira.groups import belong, change, customer_fields, make, refresh, remove  # noqa: F401

customer_fields.register()
follow(refresh.noticed)
clocks.register("groups.days", refresh.days_passed)
farewells.add("groups.members", refresh.forget)
