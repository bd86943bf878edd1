"""Asking whom own fields say something of: by typed columns, so that lists and rules of groups stay fast."""

from datetime import date

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from carteira.core import people
from carteira.customers.fields.models import Field, FieldValue, Kind
from carteira.customers.querysets import Each, among

# Fewer customers than these are read first, and the list starts from them; else each customer that a list passes by is
# asked, by one index probe.
FEW = 5_000


def saying(field: Field, **typed: object) -> QuerySet[FieldValue]:
    """The values of a field; `typed` are lookups of the typed columns."""
    return FieldValue.objects.filter(field=field, **typed)


def of_each(rows: QuerySet[FieldValue]) -> Q:
    """Who has one of these values: a probe a customer."""
    return Q(_of_each(rows))


def _of_each(rows: QuerySet[FieldValue]) -> Exists:
    return Exists(rows.filter(customer_id=OuterRef("id")))


def listed(rows: QuerySet[FieldValue]) -> Q:
    """As of_each, for lists: starts from the values where they are few."""
    few = len(rows.order_by().values_list("id")[:FEW]) < FEW
    return among(rows) if few else Each(_of_each(rows))


def listed_without(rows: QuerySet[FieldValue]) -> Q:
    """Who has none of these values, for lists: where these customers are few, they are found beforehand."""
    none = ~_of_each(rows)
    ids = list(
        apps.get_model("customers", "Customer").objects.filter(none).order_by().values_list("id", flat=True)[:FEW]
    )
    return Q(id__in=ids) if len(ids) < FEW else Each(none)


def is_option(field: Field, option: str) -> QuerySet[FieldValue]:
    """By the text of its label, which the index has; and by the option itself."""
    label = next((one["label"] for one in field.options if one["id"] == option), "")
    return saying(field, text=people.name_sort(label), option=option)


def between(field: Field, least: int | date | None, most: int | date | None) -> QuerySet[FieldValue]:
    """Numbers and amounts as they are stored, or days; both ends count."""
    column = "on" if field.kind == Kind.DATE else "number"
    found = saying(field, **{f"{column}__isnull": False})
    if least is not None:
        found = found.filter(**{f"{column}__gte": least})
    return found if most is None else found.filter(**{f"{column}__lte": most})
