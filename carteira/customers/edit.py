"""Changing what is known about a customer."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from carteira.core.events.record import record
from carteira.core.ui.formats import day as day_text
from carteira.customers import facts, search_entries
from carteira.customers.forms import code_holder, code_taken
from carteira.customers.merge.notice import LOOKED_AT, notice
from carteira.customers.models import ArchivePeriod, Customer
from carteira.customers.register import EDITED, derive


class CannotEdit(ValueError):
    """Refused; the text is a sentence for the user."""


class ChangedMeanwhile(ValueError):
    """Somebody else changed it since it was shown: the person is asked first (product decision 13)."""


def edit(
    customer: Customer, *, by: Any, now: datetime, still: Callable[[Customer], bool] | None = None, **fields: Any
) -> Customer:
    """Write cleaned fields (customers.forms); what equals the stored value is left alone.

    Raises ChangedMeanwhile where `still` says no of the locked row. Raises CannotEdit: a registration after the customer
    was archived, or the person was anonymised. Raises ValidationError when another customer has the code. Records
    customer.edited with old and new values among the personal ones; nothing changed, no event.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if customer.anonymised_on is not None:
            raise CannotEdit(why_not_edited())
        if still is not None and not still(customer):
            raise ChangedMeanwhile
        old = {name: getattr(customer, name) for name in fields}
        changed = {name: value for name, value in fields.items() if old[name] != value}
        if not changed:
            return customer
        if "registered_on" in changed:
            _refuse_later_than_archive(customer, changed["registered_on"])
        for name, value in changed.items():
            setattr(customer, name, value)
        customer.updated_at = now
        derive(customer)
        _save(customer, [*changed, "updated_at", "name_sort", "city_sort", "search"])
        search_entries.renew([customer.pk])
        if "registered_on" in changed:
            facts.refresh([customer.pk])
        record(
            EDITED,
            by=by,
            now=now,
            customer_id=customer.pk,
            what={"fields": list(changed)},
            personal={
                "old": {name: _plain(old[name]) for name in changed},
                "new": {name: _plain(value) for name, value in changed.items()},
            },
        )
        if LOOKED_AT & changed.keys():
            notice([customer.pk], now=now)
        return customer


def why_not_edited() -> str:
    return _("This customer was anonymised: it cannot get personal data again.")


def _save(customer: Customer, columns: list[str]) -> None:
    """Raises ValidationError where the code was given to somebody else since the form looked."""
    try:
        with transaction.atomic():
            customer.save(update_fields=columns)
    except IntegrityError as error:
        if "customers_code_once" not in str(error):
            raise
        raise code_taken(code_holder(customer.code, but=customer)) from error


def _refuse_later_than_archive(customer: Customer, day: date) -> None:
    first = ArchivePeriod.objects.filter(customer=customer).order_by("from_on").first()
    if first is not None and first.from_on < min(day, customer.first_paid_on or day):
        raise CannotEdit(
            _("%(name)s was archived on %(day)s: the registration cannot be later.")
            % {"name": customer.name, "day": day_text(first.from_on)}
        )


def _plain(value: Any) -> Any:
    """As the event keeps it: a day in ISO form, a person by name."""
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str) else str(value)
