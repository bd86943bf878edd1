"""Which own fields the search finds a customer by: those that hold text somebody may remember."""

from collections.abc import Iterable, Sequence
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
        found.setdefault(customer_id, []).extend(words_of(kind, said))
    return found


def words_of(kind: str, said: str) -> Sequence[str]:
    """What somebody is found by who has this in a field of that kind (FieldValue.said)."""
    if kind == Kind.DOCUMENT:
        return [said.partition(":")[2] or said]
    return people.phone_variants(said) if kind == Kind.PHONE and said.startswith("+") else [said]
