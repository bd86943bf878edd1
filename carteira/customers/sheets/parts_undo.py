"""Taking back what an import added to somebody's card and changed there, as the import's event kept it; what a person has
changed since stays."""

from typing import Any
from uuid import UUID

from carteira.customers.models import Contact, ContactPoint, Customer

# The search finds a customer by these.
SEARCHED = ("points", "contacts")


def take_parts_back(customer: Customer, kept: dict[str, Any]) -> tuple[list[str], list[str]]:
    """(of what something went back, of what something stays because somebody has changed it since). The customer is locked by the caller, who writes
    its row and renews its search."""
    done: list[str] = []
    stays: list[str] = []
    for name, take in (("payer", _payer), ("owner", _owner), ("contacts", _contacts), ("points", _points)):
        if name in kept:
            took, whole = take(customer, kept[name])
            if took:
                done.append(name)
            if not whole:
                stays.append(name)
    return done, stays


def _points(customer: Customer, kept: Any) -> tuple[bool, bool]:
    rows = ContactPoint.objects.filter(customer=customer).in_bulk([UUID(point["id"]) for point in kept])
    same = [point["id"] for point in kept if (row := rows.get(UUID(point["id"]))) and row.value == point["value"]]
    ContactPoint.objects.filter(pk__in=same).delete()
    return bool(same), len(same) == len(rows)


def _contacts(customer: Customer, kept: Any) -> tuple[bool, bool]:
    rows = Contact.objects.filter(customer=customer).in_bulk([UUID(contact["id"]) for contact in kept])
    took, whole = False, True
    for contact in kept:
        row = rows.get(UUID(contact["id"]))
        if row is None:
            continue
        told = {name.removeprefix("contact_"): value for name, value in contact["new"].items()}
        if contact["made"]:
            columns = ("name", "role", "email", "phone")
            if row.is_payer or row.document or any(getattr(row, name) != told.get(name, "") for name in columns):
                whole = False
            else:
                row.delete()
                took = True
            continue
        was = {name.removeprefix("contact_"): value for name, value in contact["old"].items()}
        same = [name for name in was if getattr(row, name) == told[name]]
        for name in same:
            setattr(row, name, was[name])
        row.save(update_fields=same)
        took, whole = took or bool(same), whole and len(same) == len(was)
    return took, whole


def _owner(customer: Customer, kept: Any) -> tuple[bool, bool]:
    if str(customer.owner_id) != kept["new"]:
        return False, False
    customer.owner_id = UUID(kept["old"]) if kept.get("old") else None
    return True, True


def _payer(customer: Customer, kept: Any) -> tuple[bool, bool]:
    """Whoever paid before pays again, and the contact that was made for it goes."""
    now = Contact.objects.filter(customer=customer, is_payer=True).first()
    if now is None:
        # Nobody pays now: as the import said, or because the customer it named went with it.
        mine = kept["itself"] or not (kept.get("payer") or kept.get("contact"))
    else:
        mine = str(now.pk) in {kept["made"], kept.get("contact")} or str(now.other_id) == kept.get("payer")
    if not mine:
        return False, False
    Contact.objects.filter(customer=customer, is_payer=True).update(is_payer=False)
    Contact.objects.filter(customer=customer, pk=kept["made"], other__isnull=False).delete()
    Contact.objects.filter(customer=customer, pk=kept.get("was")).update(is_payer=True)
    return True, True
