"""Writing what customers.sheets.parts has matched, set-based, for new customers and those who were here."""

from typing import Any

from django.db import connection

from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import copy_in, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers import search_entries
from carteira.customers.models import Customer
from carteira.customers.register import derive
from carteira.customers.search_more import more_of
from carteira.customers.sheets.finding import FOUND
from carteira.customers.sheets.parts import CONTACTS, OWNERS, PAYERS, POINTS

# Made by customers.sheets.writing: line, number of whom it registered.
NEW = "sheet_new"
_CHUNK = 2_000


def write_parts(reading: Reading) -> None:
    """Further e-mails and phones, contacts, who is in charge, who pays; then the search follows."""
    account = {"account": require_account_id()}
    table(
        "sheet_person",
        f"""SELECT line, customer_id FROM {FOUND} UNION ALL
        SELECT n.line, c.id FROM {NEW} n JOIN customers_customer c ON c.account_id = %(account)s AND c.number = n.number""",
        account,
    )
    execute(
        f"""INSERT INTO customers_contactpoint (account_id, id, customer_id, kind, value, label)
        SELECT %(account)s, p.id, w.customer_id, p.kind, p.value, coalesce(p.label, '')
        FROM {POINTS} p JOIN sheet_person w ON w.line = p.line ORDER BY p.id ON CONFLICT DO NOTHING""",
        account,
    )
    execute(
        f"""INSERT INTO customers_contact (account_id, id, customer_id, name, role, email, phone, document_kind, document,
            is_payer)
        SELECT %(account)s, k.id, w.customer_id, k.name, coalesce(k.role, ''), coalesce(k.email, ''),
            coalesce(k.phone, ''), '', '', FALSE
        FROM {CONTACTS} k JOIN sheet_person w ON w.line = k.line WHERE k.known IS NULL ORDER BY k.id""",
        account,
    )
    execute(
        f"""UPDATE customers_contact c SET role = coalesce(k.role, c.role), email = coalesce(k.email, c.email),
            phone = coalesce(k.phone, c.phone)
        FROM {CONTACTS} k WHERE c.account_id = %(account)s AND c.id = k.known""",
        account,
    )
    execute(
        f"""UPDATE customers_customer c SET owner_id = o.new FROM {OWNERS} o JOIN sheet_person w ON w.line = o.line
        WHERE c.account_id = %(account)s AND c.id = w.customer_id""",
        account,
    )
    _write_payers(account)
    _renew_search(account)


def _write_payers(account: dict[str, Any]) -> None:
    table(
        "sheet_pays",
        f"""SELECT p.id, w.customer_id, p.itself, p.contact, coalesce(p.payer_id, x.customer_id) AS other_id
        FROM {PAYERS} p JOIN sheet_person w ON w.line = p.line LEFT JOIN sheet_person x ON x.line = p.payer_line""",
    )
    execute(
        """UPDATE customers_contact c SET is_payer = FALSE FROM sheet_pays p
        WHERE c.account_id = %(account)s AND c.customer_id = p.customer_id AND c.is_payer""",
        account,
    )
    execute(
        """INSERT INTO customers_contact (account_id, id, customer_id, other_id, name, role, email, phone, document_kind,
            document, is_payer)
        SELECT %(account)s, p.id, p.customer_id, p.other_id, '', '', '', '', '', '', FALSE FROM sheet_pays p
        WHERE p.other_id IS NOT NULL AND NOT p.itself AND NOT EXISTS (SELECT FROM customers_contact k
            WHERE k.account_id = %(account)s AND k.customer_id = p.customer_id AND k.other_id = p.other_id)""",
        account,
    )
    execute(
        """UPDATE customers_contact c SET is_payer = TRUE FROM sheet_pays p
        WHERE c.account_id = %(account)s AND c.customer_id = p.customer_id AND NOT p.itself
            AND CASE WHEN p.other_id IS NULL THEN c.id = p.contact ELSE c.other_id = p.other_id END""",
        account,
    )


def _renew_search(account: dict[str, Any]) -> None:
    """Whose further e-mails, phones or contacts changed is found by them."""
    table(
        "sheet_renewed",
        f"""SELECT DISTINCT w.customer_id FROM sheet_person w
        WHERE w.line IN (SELECT line FROM {POINTS} UNION ALL SELECT line FROM {CONTACTS})""",
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
