"""Taking an import of customers back: who is new and has no history goes, what was changed is put back.

A column that somebody changed since keeps what it says now; whoever has anything else keeps being there (product
decision 18).
"""

import json
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.record import record_many
from carteira.core.registries import Registry
from carteira.core.sheets.registry import Undo
from carteira.core.sheets.staging import execute
from carteira.core.sheets.undo import BATCH, TakingBack
from carteira.core.walls.models import account_key
from carteira.customers import facts, search_entries
from carteira.customers.delete import say_farewell
from carteira.customers.models import ArchivePeriod, Customer
from carteira.customers.register import derive
from carteira.customers.returned import RETURNED
from carteira.customers.search_more import more_of
from carteira.customers.sheets.fields import STORED
from carteira.customers.sheets.own import labels_of
from carteira.customers.sheets.own_undo import TakeOwnBack
from carteira.customers.sheets.parts_undo import SEARCHED, take_parts_back
from carteira.customers.sheets.writing import IMPORTED, UPDATED

RESTORED = kinds.register(
    "customer.restored_by_undo", gettext_lazy("An import was taken back: {fields} are as they were before.")
)
REMOVED = kinds.register(
    "customer.removed_by_undo", gettext_lazy("Customer {number} removed: the import was taken back.")
)

# Events that only follow from what an import wrote: nobody did anything with the customer. Rooms above add theirs.
followed: Registry[str] = Registry("Event that follows from others")
followed.add(RETURNED, RETURNED)


def take_back(taking: TakingBack) -> dict[str, int]:
    execute(
        f"SELECT id FROM customers_customer WHERE account_id = %(account)s AND id IN (SELECT customer_id FROM {BATCH})"
        " ORDER BY id FOR NO KEY UPDATE",
        taking.parameters,
    )
    return {"removed": _remove(taking), "restored": _restore(taking)}


def _remove(taking: TakingBack) -> int:
    made = _rows(
        f"""SELECT c.id, c.number, EXISTS (
            SELECT FROM core_event e WHERE e.account_id = %(account)s AND e.customer_id = c.id
                AND e.kind <> ALL(%(followed)s) AND NOT (e.kind = '{IMPORTED}' AND e.what ->> 'import' = %(import)s)
        ) FROM customers_customer c
        WHERE c.account_id = %(account)s AND c.id IN (
            SELECT customer_id FROM core_event WHERE account_id = %(account)s AND kind = '{IMPORTED}'
                AND what ->> 'import' = %(import)s AND customer_id IN (SELECT customer_id FROM {BATCH})
        ) ORDER BY c.id""",
        {**taking.parameters, "followed": followed.names()},
    )
    hanging = _hanging(taking)
    taking.leave((id, "hanging", hanging[id]) for id, _number, _lived in made if id in hanging)
    taking.leave((id, "lived", "") for id, _number, lived in made if lived and id not in hanging)
    going = {id: number for id, number, lived in made if not lived and id not in hanging}
    say_farewell(list(going))
    Customer.objects.filter(pk__in=list(going)).delete()
    told = [{"customer_id": id, "subject_id": id, "what": {"number": number}} for id, number in going.items()]
    record_many(REMOVED, told, by=taking.by, now=taking.now)
    return len(going)


def _hanging(taking: TakingBack) -> dict[UUID, str]:
    """Customers of the piece whom rows of other subjects name: by the tables' names. Parts of the customer (what goes
    with it) do not count."""
    found: dict[UUID, list[str]] = {}
    for model in apps.get_models():
        if not account_key(model):
            continue
        for field in model._meta.local_fields:
            if field.remote_field is None or field.remote_field.model is not Customer:
                continue
            if field.remote_field.on_delete is models.CASCADE and model is not Customer:
                continue
            rows = _rows(
                f'SELECT DISTINCT "{field.column}" FROM "{model._meta.db_table}" WHERE account_id = %(account)s'
                f' AND "{field.column}" IN (SELECT customer_id FROM {BATCH})',
                taking.parameters,
            )
            for (id,) in rows:
                found.setdefault(id, []).append(str(model._meta.verbose_name_plural))
    return {id: ", ".join(names) for id, names in found.items()}


def _restore(taking: TakingBack) -> int:
    told = _rows(
        f"""SELECT customer_id, subject_id, personal FROM core_event WHERE account_id = %(account)s AND kind = '{UPDATED}'
            AND what ->> 'import' = %(import)s AND customer_id IN (SELECT customer_id FROM {BATCH})""",
        taking.parameters,
    )
    # What changed somebody who was merged since says nothing of the survivor.
    taking.leave((id, "merged", "") for id, whose, _personal in told if whose != id)
    told = [(id, personal) for id, whose, personal in told if whose == id]
    before = {id: _json(personal) for id, personal in told}
    customers = Customer.objects.in_bulk(list(before))
    taken = _codes_taken(customers, before)
    kept_own = {id: (personal.get("kept") or {}).get("own") or {} for id, personal in before.items() if id in customers}
    own = TakeOwnBack({id: told for id, told in kept_own.items() if told})
    changed: dict[UUID, list[str]] = {}
    left: list[tuple[UUID, str, str]] = []
    for id, personal in before.items():
        customer = customers.get(id)
        if customer is None or not personal.get("new"):
            left.append((id, "erased", ""))
            continue
        # A column that was empty is not among the old ones.
        new = {name: value for name, value in personal["new"].items() if name in STORED}
        old = {name: personal["old"].get(name) for name in new}
        same = {name for name in old if _plain(customer, name) == new.get(name)}
        for one, other in (("document", "document_kind"), ("document_kind", "document")):
            if one in old and one not in same:
                same.discard(other)
        if "code" in same and old["code"] in taken:
            same.discard("code")
            left.append((id, "code", str(old["code"])))
        if "registered_on" in same and _archived_before(customer, old["registered_on"]):
            same.discard("registered_on")
        others = sorted(set(old) - same - {"code", "document_kind"})
        parts, changed_parts = take_parts_back(customer, personal.get("kept") or {})
        stays = [own.label(name) for name in own.stays.get(id, ())]
        if others or changed_parts or stays:
            left.append((id, "changed", ", ".join([*others, *changed_parts, *stays])))
        left += [(id, "own_taken", own.label(name)) for name in own.taken.get(id, ())]
        for name in same:
            setattr(customer, name, Customer._meta.get_field(name).to_python(old[name]))
        if same or parts or own.back.get(id):
            customer.updated_at = taking.now
            changed[id] = sorted(same) + parts + own.back.get(id, [])
    more = more_of(id for id, names in changed.items() if not own.searched.union(SEARCHED).isdisjoint(names))
    for id in changed:
        customers[id].search_more = more.get(id, customers[id].search_more)
        derive(customers[id])
    _save([customers[id] for id in changed], changed)
    events = [
        {"customer_id": id, "subject_id": id, "what": {"fields": names, **labels_of(own.fields, names)}}
        for id, names in changed.items()
    ]
    record_many(RESTORED, events, by=taking.by, now=taking.now)
    taking.leave(left)
    return len(changed)


def _save(customers: list[Customer], changed: dict[UUID, list[str]]) -> None:
    if not customers:
        return
    columns = {name for names in changed.values() for name in names if name in STORED}
    columns |= {"owner"} if any("owner" in names for names in changed.values()) else set()
    if "code" in columns:
        # Codes may change hands: all are let go of before any is taken.
        Customer.objects.filter(pk__in=[id for id, names in changed.items() if "code" in names]).update(code="")
    written = [*columns, "updated_at", "name_sort", "city_sort", "search", "search_more"]
    Customer.objects.bulk_update(customers, written, batch_size=500)
    search_entries.renew(list(changed))
    if "registered_on" in columns:
        facts.refresh([id for id, names in changed.items() if "registered_on" in names])


def _codes_taken(customers: dict[UUID, Customer], before: dict[UUID, Any]) -> set[str]:
    """Former codes that others have now, but for those who give them back in this very piece."""
    wanted = {personal["old"]["code"] for personal in before.values() if personal.get("old", {}).get("code")}
    if not wanted:
        return set()
    giving = {
        id
        for id, customer in customers.items()
        if "code" in (before[id].get("new") or {}) and before[id]["new"]["code"] == customer.code
    }
    held = Customer.objects.filter(code__in=wanted).exclude(pk__in=giving)
    return set(held.values_list("code", flat=True))


def _archived_before(customer: Customer, day: str) -> bool:
    """The rule of customers.edit: nobody registers after having been archived."""
    first = ArchivePeriod.objects.filter(customer=customer).order_by("from_on").first()
    return first is not None and first.from_on.isoformat() < day


def _plain(customer: Customer, name: str) -> Any:
    value = getattr(customer, name)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _rows(sql: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


UNDO = Undo(
    events=(IMPORTED, UPDATED),
    take_back=take_back,
    reasons={
        "hanging": gettext_lazy("Stays: there is more about this customer by now ({what})."),
        "lived": gettext_lazy("Stays: something has happened with this customer since."),
        "changed": gettext_lazy("Changed by somebody since, so it stays as it is: {what}."),
        "code": gettext_lazy("The former code “{what}” belongs to somebody else by now."),
        "own_taken": gettext_lazy("“{what}” stays as it is: what it said before is somebody else's by now."),
        "merged": gettext_lazy("Stays: the import changed somebody who was merged into this customer since."),
        "erased": gettext_lazy("What was there before is not known any more."),
    },
    text=gettext_lazy(
        "New customers without later history are removed; what was changed is put back where nobody has changed it since."
    ),
)
