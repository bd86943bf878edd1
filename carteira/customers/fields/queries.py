"""Reading a business's own fields and what they say."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Count

from carteira.customers.fields.models import Field, FieldValue

# SQL of a text that changes whenever what may be asked of the account's fields does.
VERSION = """(SELECT md5(string_agg(concat(f.id, f.kind, f.removed_at IS NULL, f.options), ' ' ORDER BY f.id))
    FROM customers_field f WHERE f.account_id = %(account)s)"""


def living() -> list[Field]:
    """Of the open scope, in order."""
    return list(Field.objects.filter(removed_at=None).order_by("position", "id"))


def removed() -> list[Field]:
    """The last one removed first; `filled` is how many values each still has."""
    return list(Field.objects.exclude(removed_at=None).annotate(filled=Count("values")).order_by("-removed_at", "-id"))


def asked_in(place: str) -> list[Field]:
    """The fields customers are asked for in a place (fields.models.Place), in order (S1-12, S1-13)."""
    return [field for field in living() if place in field.asked_in]


def sections(fields: Sequence[Field]) -> list[tuple[str, list[Field]]]:
    """By section, sections in the order of their first field; "" heads those without one."""
    found: dict[str, list[Field]] = {}
    for field in fields:
        found.setdefault(field.section, []).append(field)
    return list(found.items())


def said_of(customer_id: UUID, fields: Iterable[Field] | None = None) -> dict[UUID, list[FieldValue]]:
    """A customer's values by field; of `fields`, else of all there ever were."""
    rows = FieldValue.objects.filter(customer_id=customer_id)
    if fields is not None:
        rows = rows.filter(field__in=list(fields))
    found: dict[UUID, list[FieldValue]] = {}
    for row in rows.order_by("field_id", "id"):
        found.setdefault(row.field_id, []).append(row)
    return found
