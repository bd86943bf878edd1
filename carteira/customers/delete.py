"""Deleting a customer that was registered by mistake: only without history (S0-01, S2-14). Else archive or anonymise."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.privacy.erase import erase_person
from carteira.core.privacy.markers import Markers
from carteira.core.registries import Registry
from carteira.core.ui.formats import number
from carteira.customers.merge.forget import forget_in_others
from carteira.customers.models import Customer


class CannotDelete(ValueError):
    """Refused; the text is a sentence for the user. `history`: what there is, a phrase each."""

    def __init__(self, message: str, history: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.history = list(history)


# (customer) -> phrases about history that no protected foreign key tells ("2 messages").
guards: Registry[Callable[[Customer], list[str]]] = Registry("History guard")

# Called with customers about to be deleted, while they and all that goes with them are still there.
farewells: Registry[Callable[[Sequence[UUID]], None]] = Registry("Farewell")

# Counting stops here: "1,000+" says as much.
_MOST = 1000

DELETED = kinds.register("customer.deleted", gettext_lazy("Customer {number} deleted."))


def history_of(customer: Customer) -> list[str]:
    """What keeps this customer from being deleted: rows of any room that protect it, and what rooms' guards say.

    A room whose foreign key to the customer is PROTECT says by that alone that its rows are history; parts of the card
    itself (CASCADE) go with it.
    """
    return [*_protected(customer), *(phrase for guard in guards for phrase in guard(customer))]


def _protected(customer: Customer) -> Iterator[str]:
    for relation in Customer._meta.related_objects:
        if relation.on_delete not in (models.PROTECT, models.RESTRICT):
            continue
        rows = relation.related_model._default_manager.filter(**{relation.field.name: customer})
        count = rows[: _MOST + 1].count()
        if count:
            names = relation.related_model._meta
            name = names.verbose_name if count == 1 else names.verbose_name_plural
            yield f"{number(min(count, _MOST))}{'+' if count > _MOST else ''} {name}"


def delete(customer: Customer, *, by: Any, now: datetime) -> None:
    """Remove a customer without history, all parts of its card, its files, and what its events told about the person.

    Cannot be undone. Raises CannotDelete. Records customer.deleted (with the number: the name goes).
    """
    with transaction.atomic():
        # An invoice that is being made waits, and then finds nobody.
        customer = Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
        history = history_of(customer)
        if history:
            raise CannotDelete(
                _("%(name)s has a history and cannot be deleted: %(what)s.")
                % {"name": customer.name, "what": ", ".join(history)},
                history,
            )
        # First, for it locks; rows of others come after that.
        say_farewell([customer.pk])
        erase_person(customer.pk, Markers())
        forget_in_others(customer)
        record(DELETED, by=by, now=now, customer_id=customer.pk, what={"number": customer.number})
        customer.delete()


def say_farewell(customers: Sequence[UUID]) -> None:
    for farewell in farewells:
        farewell(customers)
