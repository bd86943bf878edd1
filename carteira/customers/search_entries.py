"""What customers are found by, copied into a table that payments never touch: the search text under the trigram index,
and document, e-mail and phone under one index each.

On the customers' own table each of these indexes would be written anew with every payment (its cached days change),
which costs several times the rest of it. Whoever writes one of COPIED calls `renew` in the same transaction; `carteira
verify` proves it.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from carteira.core.walls.scope import require_account_id

# (column of the entry, column of the customer)
COPIED = (
    ("name_sort", "name_sort"),
    ("text", "search"),
    ("document", "document"),
    ("email", "email"),
    ("phone", "phone"),
)


def listed(prefix: str = "", *, of_customer: bool = False) -> str:
    """The copied columns for SQL, of the entry or of the customer, in one order."""
    return ", ".join(f"{prefix}{pair[of_customer]}" for pair in COPIED)


_RENEW = f"""
    INSERT INTO customers_searchentry (account_id, customer_id, {listed()})
    SELECT c.account_id, c.id, {listed("c.", of_customer=True)} FROM customers_customer c
    WHERE c.account_id = %(account)s AND c.id {{which}}
    ON CONFLICT (account_id, customer_id) DO UPDATE SET ({listed()}) = ({listed("excluded.")})
    WHERE ({listed("customers_searchentry.")}) <> ({listed("excluded.")})"""


def renew(customers: Iterable[UUID] = (), *, listed_in: str = "") -> None:
    """Copy the search texts of these customers of the open scope, or of those in the column customer_id of a temporary
    table `listed_in`."""
    which = f"IN (SELECT customer_id FROM {listed_in})" if listed_in else "= ANY(%(ids)s::uuid[])"
    parameters: dict[str, Any] = {"account": require_account_id(), "ids": list(customers)}
    with connection.cursor() as cursor:
        cursor.execute(_RENEW.format(which=which), parameters)
