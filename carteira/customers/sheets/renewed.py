"""The search after an import: whose search_more changed."""

from typing import Any

from django.db import connection

from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import copy_in, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers import search_entries
from carteira.customers.fields.found import FOUND_BY
from carteira.customers.models import Customer
from carteira.customers.register import derive
from carteira.customers.search_more import more_of
from carteira.customers.sheets.own import brought
from carteira.customers.sheets.own_match import OWN
from carteira.customers.sheets.part_fields import told_parts
from carteira.customers.sheets.parts import CONTACTS, POINTS

# Temporary tables that customers.sheets.writing makes: line, number of whom it registered; line, customer_id of everybody.
NEW, PERSON = "sheet_new", "sheet_person"
_CHUNK = 2_000


def renew_search(reading: Reading) -> None:
    """Whose further e-mails, phones, contacts or own fields changed is found by them. Of whoever is new with nothing but
    own fields the insert has said it."""
    account, lines = {"account": require_account_id()}, []
    if told_parts(reading):
        lines += [f"SELECT line FROM {POINTS}", f"SELECT line FROM {CONTACTS}"]
    if searched := [own.name for own in brought(reading) if own.field.kind in FOUND_BY]:
        lines.append(f"SELECT line FROM {OWN} WHERE customer_id IS NOT NULL AND name = ANY(%(searched)s)")
    if not lines:
        return
    table(
        "sheet_renewed",
        f"SELECT DISTINCT w.customer_id FROM {PERSON} w WHERE w.line IN ({' UNION ALL '.join(lines)})",
        {"searched": searched},
    )
    count = int(scalar("SELECT count(*) FROM sheet_renewed"))
    if not count:
        return
    table("sheet_search", "SELECT NULL::uuid AS id, ''::text AS search, ''::text AS search_more LIMIT 0")
    last = None
    while ids := _next(last):
        last, more = ids[-1], more_of(ids)
        customers = list(Customer.objects.filter(pk__in=ids))
        for customer in customers:
            customer.search_more = more[customer.pk]
            derive(customer)
        copy_in("sheet_search", ["id", "search", "search_more"], [(c.pk, c.search, c.search_more) for c in customers])
    execute("ANALYZE sheet_search")
    execute(
        """UPDATE customers_customer c SET search = n.search, search_more = n.search_more FROM sheet_search n
        WHERE c.account_id = %(account)s AND c.id = n.id AND c.search_more <> n.search_more""",
        account,
    )
    search_entries.renew(listed_in="sheet_renewed")


def _next(last: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT customer_id FROM sheet_renewed WHERE %(last)s::uuid IS NULL OR customer_id > %(last)s
            ORDER BY customer_id LIMIT {_CHUNK}""",
            {"last": last},
        )
        return [id for (id,) in cursor.fetchall()]
