"""Saying something about a customer in a field of the business's own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from carteira.core.events.record import record
from carteira.core.walls.scope import require_account_id
from carteira.customers.edit import CannotEdit, ChangedMeanwhile, why_not_edited
from carteira.customers.fields.found import FOUND_BY
from carteira.customers.fields.models import Field, FieldValue, Kind
from carteira.customers.fields.queries import said_of
from carteira.customers.fields.values import Reading, Said, key_of, shown
from carteira.customers.models import Customer
from carteira.customers.register import EDITED
from carteira.customers.search_more import renew_more

Rows = list[FieldValue]


def fill(
    customer: Customer,
    field: Field,
    said: Sequence[Said],
    *,
    reading: Reading,
    by: Any,
    now: datetime,
    still: Callable[[Rows], bool] | None = None,
) -> Rows:
    """Write cleaned rows (fields.values.clean) in place of what the field said; the same again writes nothing.

    Raises ChangedMeanwhile where `still` says no of the rows there are. Raises CannotEdit: the person was anonymised,
    the field was removed or became another kind. Raises ValidationError: another customer has this value already.
    Records customer.edited with old and new texts among the personal values.
    """
    with transaction.atomic():
        # Before the customer, as whoever changes the type does. Nothing is written for a kind that the field no longer is.
        _hold(field)
        customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if customer.anonymised_on is not None:
            raise CannotEdit(why_not_edited())
        now_field = Field.objects.get(pk=field.pk)
        if now_field.removed_at is not None or now_field.kind != field.kind:
            raise CannotEdit(_("This field was changed meanwhile: load the page again."))
        old = said_of(customer.pk, [field]).get(field.pk, [])
        if still is not None and not still(old):
            raise ChangedMeanwhile
        if [key_of(row) for row in old] == [key_of(row) for row in said]:
            return old
        if now_field.unique:
            _refuse_taken(now_field, customer, said)
        FieldValue.objects.filter(customer=customer, field=field).delete()
        new = FieldValue.objects.bulk_create(rows_of(now_field, customer, said))
        customer.updated_at = now
        customer.save(update_fields=["updated_at"])
        if field.kind in FOUND_BY:
            renew_more(customer)
        record(
            EDITED,
            by=by,
            now=now,
            customer_id=customer.pk,
            what=told(now_field),
            personal={
                "old": {field.name: shown(field, old, reading)},
                "new": {field.name: shown(field, new, reading)},
            },
        )
        return new


def _hold(field: Field) -> None:
    """Until the end nobody defines it anew. What is different for everybody is written by one at a time; others do not
    wait for each other."""
    strength = "NO KEY UPDATE" if field.unique else "KEY SHARE"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM customers_field WHERE account_id = %s AND id = %s FOR {strength}",
            [require_account_id(), field.pk],
        )


def rows_of(field: Field, customer: Customer, said: Sequence[Said]) -> Rows:
    return [
        FieldValue(
            account_id=field.account_id,
            field=field,
            customer=customer,
            option=one.option,
            said=one.said,
            text=one.text,
            number=one.number,
            on=one.on,
            fits=one.fits,
            alone=field.unique,
        )
        for one in said
    ]


def told(field: Field) -> dict[str, Any]:
    """What an event says of the field: its name and label as of then, and whether its values are not for everybody."""
    hidden = [field.name] if field.kind == Kind.DOCUMENT else []
    return {"fields": [field.name], "labels": {field.name: field.label}, "hidden": hidden}


def _refuse_taken(field: Field, customer: Customer, said: Sequence[Said]) -> None:
    taken = FieldValue.objects.filter(field=field, text__in=[one.text for one in said]).exclude(customer=customer)
    other = taken.select_related("customer").first()
    if other is not None:
        raise ValidationError(
            _("%(name)s (customer %(number)s) has this already, and “%(label)s” is different for every customer."),
            code="own_taken",
            params={"name": other.customer.name, "number": other.customer.number, "label": field.label},
        )
