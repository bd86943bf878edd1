"""What the search finds a customer by besides its own row: further e-mails and phones, and the names, e-mails and
phones of its contacts, what the business's own fields say, and the codes and numbers of whoever was merged into it. A contact who is a customer too is found by its own card, which names whom it is a contact of.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from carteira.core import people
from carteira.core.sheets.staging import copy_in, execute, table
from carteira.core.walls.scope import require_account_id
from carteira.customers import search_entries
from carteira.customers.fields.found import texts_of
from carteira.customers.models import Contact, ContactPoint, Customer, CustomerMerge
from carteira.customers.register import derive


def more_of(customers: Iterable[UUID]) -> dict[UUID, str]:
    """Customer.search_more by customer, "" for whoever has nothing of that. Four queries."""
    parts: dict[UUID, list[str]] = {id: [] for id in customers}
    for point in ContactPoint.objects.filter(customer_id__in=parts).order_by("id"):
        parts[point.customer_id] += (
            people.phone_variants(point.value) if point.kind == ContactPoint.Kind.PHONE else [point.value]
        )
    for contact in Contact.objects.filter(customer_id__in=parts, other=None).order_by("id"):
        phones = people.phone_variants(contact.phone) if contact.phone else ()
        parts[contact.customer_id] += [contact.name, contact.email, contact.document, *phones]
    for customer_id, texts in texts_of(parts).items():
        parts[customer_id] += texts
    merged = CustomerMerge.objects.filter(survivor_id__in=parts, undone_at=None).exclude(before={})
    for survivor_id, code, number in merged.order_by("id").values_list("survivor_id", "merged_code", "merged_number"):
        parts[survivor_id] += [code, str(number)]
    return {id: people.search_text(*found) if found else "" for id, found in parts.items()}


_PIECE = 2_000


def renew_listed(listed_in: str) -> None:
    """As renew_more of everybody in the column customer_id of a temporary table, some at a time."""
    account = {"account": require_account_id()}
    # In one order, as every other bulk writer does; then nobody edits them between reading and writing.
    execute(
        f"""SELECT id FROM customers_customer WHERE account_id = %(account)s
            AND id IN (SELECT customer_id FROM {listed_in}) ORDER BY id FOR NO KEY UPDATE""",
        account,
    )
    table("more_search", "SELECT NULL::uuid AS id, ''::text AS search, ''::text AS search_more LIMIT 0")
    last = None
    while ids := _next(listed_in, last):
        last, more = ids[-1], more_of(ids)
        customers = list(Customer.objects.filter(pk__in=ids))
        for customer in customers:
            customer.search_more = more[customer.pk]
            derive(customer)
        copy_in("more_search", ["id", "search", "search_more"], [(c.pk, c.search, c.search_more) for c in customers])
    if last is None:
        return
    execute("ANALYZE more_search")
    execute(
        """UPDATE customers_customer c SET search = n.search, search_more = n.search_more FROM more_search n
        WHERE c.account_id = %(account)s AND c.id = n.id AND c.search_more <> n.search_more""",
        account,
    )
    search_entries.renew(listed_in=listed_in)


def _next(listed_in: str, last: UUID | None) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT customer_id FROM {listed_in} WHERE %(last)s::uuid IS NULL OR customer_id > %(last)s
            ORDER BY customer_id LIMIT {_PIECE}""",
            {"last": last},
        )
        return [id for (id,) in cursor.fetchall()]


def renew_more(customer: Customer) -> None:
    """Write it anew where it changed; in the transaction that changed the part. The customer is locked by the caller."""
    text = more_of([customer.pk])[customer.pk]
    if text != customer.search_more:
        customer.search_more = text
        derive(customer)
        customer.save(update_fields=["search_more", "search"])
        search_entries.renew([customer.pk])
