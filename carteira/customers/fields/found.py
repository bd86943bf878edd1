"""Which own fields the search finds a customer by: those that hold text somebody may remember."""

from collections.abc import Iterable
from uuid import UUID

from carteira.core import people
from carteira.customers.fields.models import FieldValue, Kind

FOUND_BY = frozenset({Kind.TEXT, Kind.LONG, Kind.EMAIL, Kind.PHONE, Kind.DOCUMENT, Kind.ADDRESS, Kind.URL})


def texts_of(customers: Iterable[UUID]) -> dict[UUID, list[str]]:
    """What they are found by, in the order it was said; one query."""
    found: dict[UUID, list[str]] = {}
    rows = FieldValue.objects.filter(customer_id__in=list(customers), field__kind__in=FOUND_BY).order_by(
        "field_id", "id"
    )
    for customer_id, kind, said in rows.values_list("customer_id", "field__kind", "said"):
        if kind == Kind.DOCUMENT:
            said = said.partition(":")[2] or said
        found.setdefault(customer_id, []).extend(
            people.phone_variants(said) if kind == Kind.PHONE and said.startswith("+") else [said]
        )
    return found
