"""What the trigram index stands on: a copy of each customer's search text, in a table that payments never touch.

On the customers' own table that index would be rewritten with every payment, which costs several times the rest of it.
Whoever writes Customer.search or name_sort calls `renew` in the same transaction; `carteira verify` proves it.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from carteira.core.walls.scope import require_account_id

_RENEW = """
    INSERT INTO customers_searchentry (account_id, customer_id, name_sort, text)
    SELECT c.account_id, c.id, c.name_sort, c.search FROM customers_customer c
    WHERE c.account_id = %(account)s AND c.id {which}
    ON CONFLICT (account_id, customer_id) DO UPDATE SET name_sort = excluded.name_sort, text = excluded.text
    WHERE (customers_searchentry.name_sort, customers_searchentry.text) <> (excluded.name_sort, excluded.text)"""


def renew(customers: Iterable[UUID] = (), *, listed_in: str = "") -> None:
    """Copy the search texts of these customers of the open scope, or of those in the column customer_id of a temporary
    table `listed_in`."""
    which = f"IN (SELECT customer_id FROM {listed_in})" if listed_in else "= ANY(%(ids)s::uuid[])"
    parameters: dict[str, Any] = {"account": require_account_id(), "ids": list(customers)}
    with connection.cursor() as cursor:
        cursor.execute(_RENEW.format(which=which), parameters)
