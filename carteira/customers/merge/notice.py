"""Possible duplicates of those who came or changed, noticed in the same transaction (N8): who else has this document,
e-mail, phone, or name and birth date. Similar names of a city are left to the daily search (find.py), and so is what
more than a few share.

Verbs say whom to look at (`notice`); at the end of the scope they are looked at once, each by probes of one index.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q

from carteira.accounts.models import Account
from carteira.core import people
from carteira.core.database.arrays import uuids
from carteira.core.walls.scope import at_end, require_account_id
from carteira.customers.merge.find import EACH_WITH_EACH, OTHER_DOCUMENT, RELATED, Same, look
from carteira.customers.merge.models import DuplicatePair
from carteira.customers.models import Customer

# Columns of a customer of which others may have the same.
LOOKED_AT = frozenset({"name", "document", "email", "phone", "birth_on"})
# More than these are looked at by a search over everybody, as a job.
FEW = 300


class _Noticed:
    """`new`: those of them of whom nothing is known yet."""

    def __init__(self) -> None:
        self.customers: set[UUID] = set()
        self.new: set[UUID] = set()
        self.at: datetime | None = None

    def __call__(self) -> None:
        assert self.at is not None
        if len(self.customers) > FEW:
            look(Account.objects.get(pk=require_account_id()), now=self.at, again=True)
        elif self.customers:
            look_around(self.customers, now=self.at, new=self.customers <= self.new)


def notice(customers: Iterable[UUID], *, now: datetime, new: bool = False) -> None:
    """These are new, or something by which they may be the same as others changed."""
    customers = set(customers)
    if not customers:
        return
    waiting = at_end("customers.duplicates", _Noticed)
    waiting.at = now
    waiting.customers |= customers
    if new:
        waiting.new |= customers


_ENTRY = (
    "SELECT FROM customers_searchentry WHERE account_id = %(account)s AND customer_id <> %(id)s AND {0} <> '' AND {0}"
)
_POINT = "SELECT FROM customers_contactpoint WHERE account_id = %(account)s AND customer_id <> %(id)s AND kind = '{0}' AND value"
_LIKE = {
    "document": [_ENTRY.format("document") + " = %(document)s"],
    "email": [_ENTRY.format("email") + " = %(email)s", _POINT.format("email") + " = %(email)s"],
    "phone": [_ENTRY.format("phone") + " = ANY(%(phones)s)", _POINT.format("phone") + " = ANY(%(phones)s)"],
    "birth_on": [
        "SELECT FROM customers_customer WHERE account_id = %(account)s AND id <> %(id)s AND name_sort = %(name_sort)s"
        " AND birth_on = %(birth_on)s"
    ],
}


def notice_new(customer: Customer, *, now: datetime) -> None:
    """Who is registered: nearly nobody is like anybody, which a few probes tell; planning the whole look costs more."""
    asked = " OR ".join(f"EXISTS ({probe})" for name in _LIKE if getattr(customer, name) for probe in _LIKE[name])
    if not asked:
        return
    values = {name: getattr(customer, name) for name in ("id", "document", "email", "name_sort", "birth_on")}
    phones = list(people.phone_variants(customer.phone)) if customer.phone else []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", {**values, "phones": phones, "account": require_account_id()})
        if cursor.fetchone()[0]:
            notice([customer.pk], now=now, new=True)


# Probes of one index each, at most so many rows; what is asked of a row that is not of that kind costs nothing.
_TWIN = r"""CASE WHEN v ~ '^\+55[1-9][1-9][6-9][0-9]{7}$' THEN left(v, 5) || '9' || substr(v, 6)
    WHEN v ~ '^\+55[1-9][1-9]9[6-9][0-9]{7}$' THEN left(v, 5) || substr(v, 7) END"""


def _of_entry(same: int, column: str) -> str:
    return f"""(SELECT e.customer_id FROM customers_searchentry e WHERE s.same = {same} AND e.account_id = %(account)s
        AND e.{column} <> '' AND e.{column} = s.value AND e.customer_id <> s.id LIMIT {EACH_WITH_EACH + 1})"""


def _of_point(same: int, kind: str) -> str:
    return f"""(SELECT p.customer_id FROM customers_contactpoint p WHERE s.same = {same} AND p.account_id = %(account)s
        AND p.kind = '{kind}' AND p.value = s.value AND p.customer_id <> s.id LIMIT {EACH_WITH_EACH + 1})"""


_FOUND = f"""WITH me AS MATERIALIZED (
        SELECT c.id, c.name_sort, c.birth_on, c.document, c.email, c.phone FROM customers_customer c
        WHERE c.account_id = %(account)s AND c.id = ANY(%(ids)s::uuid[]) AND c.anonymised_on IS NULL
    ),
    reached AS (
        SELECT id, 'email' AS kind, email AS v FROM me WHERE email <> ''
        UNION SELECT id, 'phone', phone FROM me WHERE phone <> ''
        UNION SELECT p.customer_id, p.kind, p.value FROM customers_contactpoint p JOIN me ON me.id = p.customer_id
            WHERE p.account_id = %(account)s AND p.customer_id = ANY(%(ids)s::uuid[])
    ),
    said AS (
        SELECT id, {Same.DOCUMENT} AS same, document AS value, document AS key, NULL::date AS born FROM me
            WHERE document <> ''
        UNION ALL SELECT id, {Same.EMAIL}, v, v, NULL FROM reached WHERE kind = 'email'
        UNION ALL SELECT id, {Same.PHONE}, v, v, NULL FROM reached WHERE kind = 'phone'
        UNION ALL SELECT id, {Same.PHONE}, {_TWIN}, v, NULL FROM reached WHERE kind = 'phone'
        UNION ALL SELECT id, {Same.BIRTH}, name_sort, name_sort, birth_on FROM me
            WHERE birth_on IS NOT NULL AND name_sort LIKE '%% %%'
    ),
    hit AS MATERIALIZED (
        SELECT s.id, s.same, s.key, h.customer_id AS other, count(*) OVER (PARTITION BY s.id, s.same, s.key) AS many
        FROM said s, LATERAL (
            {_of_entry(Same.DOCUMENT, "document")}
            UNION ALL {_of_entry(Same.EMAIL, "email")} UNION ALL {_of_point(Same.EMAIL, "email")}
            UNION ALL {_of_entry(Same.PHONE, "phone")} UNION ALL {_of_point(Same.PHONE, "phone")}
            UNION ALL (SELECT c.id FROM customers_customer c WHERE s.same = {Same.BIRTH} AND c.account_id = %(account)s
                AND c.name_sort = s.value AND c.birth_on = s.born AND c.id <> s.id LIMIT {EACH_WITH_EACH + 1})
        ) h
    )
    SELECT first.id, second.id, bit_or(hit.same) AS same, min(hit.same) AS rank
    FROM hit JOIN customers_customer a ON a.account_id = %(account)s AND a.id = hit.id
    JOIN customers_customer b ON b.account_id = %(account)s AND b.id = hit.other,
    LATERAL (SELECT CASE WHEN a.number < b.number THEN a.id ELSE b.id END AS id) AS first,
    LATERAL (SELECT CASE WHEN a.number < b.number THEN b.id ELSE a.id END AS id) AS second
    WHERE hit.many <= {EACH_WITH_EACH} AND a.anonymised_on IS NULL AND b.anonymised_on IS NULL
        AND NOT (hit.same IN ({Same.EMAIL}, {Same.PHONE}) AND {RELATED})
        AND NOT (hit.same = {Same.BIRTH} AND {OTHER_DOCUMENT})
    GROUP BY 1, 2"""


def look_around(customers: Iterable[UUID], *, now: datetime, new: bool = False) -> None:
    """Write down whom these may be the same as, and forget what they no longer have in common; a pair that somebody
    looked at stays as it is. Two queries where nothing changed, one for whoever is `new`."""
    ids = list(customers)
    # Before a search that begins at this very moment, for it looks at everybody.
    at = now - timedelta(microseconds=1)
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {"account": require_account_id(), "ids": uuids(ids)})
        found = {(first, second): (int(same), int(rank)) for first, second, same, rank in cursor.fetchall()}
    if new and not found:
        return
    known = DuplicatePair.objects.filter(Q(first__in=ids) | Q(second__in=ids))
    have = {(pair.first_id, pair.second_id): pair for pair in known}
    gone, changed = [], []
    for key, pair in have.items():
        # That names are similar was not asked.
        same = pair.same & Same.NAME | (found.get(key, (0, 0))[0])
        if pair.dismissed_at is not None or same == pair.same:
            continue
        if not same:
            gone.append(pair.pk)
            continue
        pair.same, pair.rank, pair.found_at = same, same & -same, at
        changed.append(pair)
    DuplicatePair.objects.filter(pk__in=gone, dismissed_at=None).delete()
    if changed:
        DuplicatePair.objects.bulk_update(changed, ["same", "rank", "found_at"])
    _add({key: value for key, value in found.items() if key not in have}, set(ids), at)


def _add(found: dict[tuple[UUID, UUID], tuple[int, int]], mine: set[UUID], at: datetime) -> None:
    """Whoever is held by somebody else just now is not waited for, lest two who change each other's twins wait for each
    other; the daily search has the pair."""
    if not found:
        return
    others = {id for pair in found for id in pair} - mine
    free = Customer.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).filter(pk__in=others)
    there = mine | set(free.order_by("id").values_list("pk", flat=True))
    DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(first_id=first, second_id=second, same=same, rank=rank, found_at=at)
            for (first, second), (same, rank) in sorted(found.items())
            if first in there and second in there
        ],
        ignore_conflicts=True,
    )
