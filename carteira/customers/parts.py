"""Adding, changing and removing what a card holds besides the customer's row: further e-mails and phones, addresses,
contacts, notes (customers.card_models).

Every verb takes cleaned values (customers.forms) and records an event with old and new ones among the personal values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.models import Event
from carteira.core.events.record import record
from carteira.core.walls.models import Walled
from carteira.customers.edit import ChangedMeanwhile, edit
from carteira.customers.merge.notice import notice
from carteira.customers.models import Address, Contact, ContactPoint, Customer, Note
from carteira.customers.register import ADDRESS
from carteira.customers.search_more import renew_more

# A person's card, not a list of a thousand addresses.
MOST = 50
CONTACT = "contact_"
SHORT = 120


class CannotKeep(ValueError):
    """Refused; the text is a sentence for the user. `column` is the one it is about, "" for none."""

    def __init__(self, sentence: str, column: str = "") -> None:
        super().__init__(sentence)
        self.column = column


@dataclass(frozen=True)
class Part:
    """`columns` are what a person writes; `title` is the one that names a row."""

    model: type[Walled]
    columns: tuple[str, ...]
    title: str
    added: str
    changed: str
    removed: str
    most: int = MOST
    # Besides the columns: what comes back with a row that was removed by mistake.
    kept: tuple[str, ...] = ()


def _kinds(name: str, added: Any, changed: Any, removed: Any) -> tuple[str, str, str]:
    return (
        kinds.register(f"customer.{name}_added", added),
        kinds.register(f"customer.{name}_changed", changed),
        kinds.register(f"customer.{name}_removed", removed),
    )


PARTS = {
    "points": Part(
        ContactPoint,
        ("kind", "value", "label"),
        "value",
        *_kinds(
            "point",
            gettext_lazy("Phone or e-mail added. {title}"),
            gettext_lazy("Phone or e-mail changed. {title}"),
            gettext_lazy("Phone or e-mail removed. {title}"),
        ),
    ),
    "addresses": Part(
        Address,
        ("label", *ADDRESS),
        "street",
        *_kinds(
            "address",
            gettext_lazy("Address added. {title}"),
            gettext_lazy("Address changed. {title}"),
            gettext_lazy("Address removed. {title}"),
        ),
    ),
    "contacts": Part(
        Contact,
        ("other", "name", "role", "email", "phone", "document_kind", "document", "is_payer"),
        "name",
        *_kinds(
            "contact",
            gettext_lazy("Contact added. {title}"),
            gettext_lazy("Contact changed. {title}"),
            gettext_lazy("Contact removed. {title}"),
        ),
    ),
    "notes": Part(
        Note,
        ("text", "important"),
        "text",
        *_kinds(
            "note",
            gettext_lazy("Note written. {title}"),
            gettext_lazy("Note changed. {title}"),
            gettext_lazy("Note removed. {title}"),
        ),
        most=5_000,
        kept=("by_id", "written_at"),
    ),
}


def part_of(row: Walled) -> Part:
    return next(part for part in PARTS.values() if isinstance(row, part.model))


def add(
    part: Part, customer: Customer, *, by: Any, now: datetime, kept: dict[str, Any] | None = None, **fields: Any
) -> Any:
    """Add a row to a customer's card; `kept`: one that comes back. Raises CannotKeep."""
    kept = kept or {}
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        _not_anonymised(customer)
        if part.model.objects.filter(customer=customer).count() >= part.most:
            raise CannotKeep(_("There are %(most)s of these already; remove one first.") % {"most": part.most})
        if part.model is Note:
            kept = {"by_id": by and by.pk, "written_at": now, **kept}
        row: Any = part.model(customer=customer, **kept, **fields)
        _check(row, customer)
        if fields.get("is_payer"):
            _nobody_else_pays(customer, row)
        row.save(force_insert=True)
        _record(part.added, row, by=by, now=now, personal={"new": _told(row, fields)})
        _found_by(part, customer, now)
        return row


def change(row: Any, *, by: Any, now: datetime, still: Callable[[Any], bool] | None = None, **fields: Any) -> Any:
    """Write cleaned fields; nothing changed, no event. Raises CannotKeep, and ChangedMeanwhile where `still` says no of
    the locked row."""
    part = part_of(row)
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=row.customer_id)
        _not_anonymised(customer)
        row = part.model.objects.get(pk=row.pk)
        if still is not None and not still(row):
            raise ChangedMeanwhile
        old = {name: getattr(row, name) for name in fields if getattr(row, name) != fields[name]}
        if not old:
            return row
        for name in old:
            setattr(row, name, fields[name])
        _check(row, customer)
        if "is_payer" in old and row.is_payer:
            _nobody_else_pays(customer, row)
        columns = list(old)
        if isinstance(row, Note) and "text" in old:
            row.edited_at = now
            columns.append("edited_at")
        row.save(update_fields=columns)
        personal = {"old": _told(row, old), "new": _told(row, {name: fields[name] for name in old})}
        _record(part.changed, row, by=by, now=now, personal=personal)
        _found_by(part, customer, now)
        return row


def remove(row: Any, *, by: Any, now: datetime) -> Event:
    """Take a row off the card; `bring_back` takes the event this returns."""
    part = part_of(row)
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=row.customer_id)
        row = part.model.objects.get(pk=row.pk)
        was = {column: getattr(row, f"{column}_id" if column == "other" else column) for column in part.columns}
        was |= {name: getattr(row, name) for name in part.kept}
        event = _record(
            part.removed,
            row,
            by=by,
            now=now,
            personal={"was": [[column, _plain(value)] for column, value in was.items()]},
        )
        row.delete()
        _found_by(part, customer, now)
        return event


def bring_back(event: Event, *, by: Any, now: datetime) -> Any:
    """Undo a removal. Raises CannotKeep: what was removed is no longer known, or is there again."""
    part = next((part for part in PARTS.values() if part.removed == event.kind), None)
    was = event.personal.get("was")
    was = dict(was) if isinstance(was, list) else None
    customer = Customer.objects.filter(pk=event.customer_id).first()
    if part is None or was is None or customer is None:
        raise CannotKeep(_("This cannot be brought back."))
    fields = {column: value for column, value in was.items() if column in part.columns}
    if fields.pop("other", None):
        fields["other"] = Customer.objects.filter(pk=was["other"]).first()
        if fields["other"] is None:
            raise CannotKeep(_("This cannot be brought back."))
    kept = {name: was[name] for name in part.kept if was.get(name)}
    return add(part, customer, by=by, now=now, kept=kept, **fields)


def make_main(point: ContactPoint, *, by: Any, now: datetime) -> Customer:
    """Let this e-mail or phone be the one that stands in lists; the former main one takes its place here."""
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).get(pk=point.customer_id)
        point = ContactPoint.objects.get(pk=point.pk)
        former, value = getattr(customer, point.kind), point.value
        if former:
            point.value = former
            point.save(update_fields=["value"])
        else:
            point.delete()
        customer = edit(customer, by=by, now=now, **{point.kind: value})
        renew_more(customer)
        return customer


def _found_by(part: Part, customer: Customer, now: datetime) -> None:
    """The search, and whoever looks for duplicates, knows by it."""
    renew_more(customer)
    if part.model in (ContactPoint, Contact):
        notice([customer.pk], now=now)


def _not_anonymised(customer: Customer) -> None:
    if customer.anonymised_on is not None:
        raise CannotKeep(_("This customer was anonymised: it cannot get personal data again."))


def _check(row: Any, customer: Customer) -> None:
    if isinstance(row, ContactPoint):
        same = ContactPoint.objects.filter(customer=customer, kind=row.kind, value=row.value).exclude(pk=row.pk)
        if row.value == getattr(customer, row.kind) or same.exists():
            raise CannotKeep(_("This customer has it already."), "value")
    if isinstance(row, Contact):
        if row.other_id == customer.pk:
            raise CannotKeep(_("A customer is not a contact of its own."), "other")
        same = Contact.objects.filter(customer=customer, other_id=row.other_id).exclude(pk=row.pk)
        if row.other_id and same.exists():
            raise CannotKeep(_("This customer has it already."), "other")
        if not row.other_id and not row.name:
            raise CannotKeep(_("A contact needs a name."), "name")
    if isinstance(row, Address) and not any(getattr(row, column) for column in ADDRESS if column != "country"):
        raise CannotKeep(_("An address needs at least a street or a city."), "street")


def _nobody_else_pays(customer: Customer, row: Contact) -> None:
    Contact.objects.filter(customer=customer, is_payer=True).exclude(pk=row.pk).update(is_payer=False)


def _record(kind: str, row: Any, *, by: Any, now: datetime, personal: dict[str, Any]) -> Event:
    part = part_of(row)
    title = str(getattr(row, part.title) or getattr(row, "city", "") or getattr(row, "other", None) or "")
    # A long note stands whole among the values.
    title = title if len(title) <= SHORT else f"{title[:SHORT].rstrip()}…"
    return record(
        kind,
        by=by,
        now=now,
        customer_id=row.customer_id,
        subject_id=row.pk,
        personal={"title": title, **personal},
    )


def _told(row: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """What the history shows of these fields."""
    shown = (name for name in fields if name != "kind")
    return {told_as(row, name): _plain(fields[name]) for name in shown}


def told_as(row: Any, column: str) -> str:
    """The name of a value in the events: what the customer is recognised by (core.privacy.markers) is told from what its
    contacts are called."""
    if isinstance(row, ContactPoint) and column == "value":
        return str(row.kind)
    return f"{CONTACT}{column}" if isinstance(row, Contact) else column


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool) else str(value)
