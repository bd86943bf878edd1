"""What `carteira verify` proves about customers: caches and spans = recomputation, exactly one state each."""

import itertools
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q

from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.walls.scope import require_account_id
from carteira.customers import activity, facts, register
from carteira.customers.lifecycle import Rule, State, view_of
from carteira.customers.models import Customer, CustomerMerge, Span
from carteira.customers.search_entries import listed
from carteira.customers.search_more import more_of

# Differences named one by one; after these only their number is told.
TOLD = 20


def cached_facts() -> Iterator[str]:
    """Spans and cached days must equal what the sources say."""
    for kind in (Span.PAID, Span.OWES, Span.SUBSCRIBED, Span.ARCHIVED):
        rows = _rows(
            f"""{facts.spans_sql(kind)},
            have AS (
                SELECT customer_id, from_on, until_on, since_on FROM customers_span
                WHERE account_id = %(account)s AND kind = %(kind)s
            )
            SELECT c.number, h.from_on, h.until_on, h.since_on, w.from_on, w.until_on, w.since_on
            FROM want w FULL JOIN have h ON h.customer_id = w.customer_id AND h.from_on = w.from_on
            JOIN customers_customer c ON c.account_id = %(account)s AND c.id = coalesce(h.customer_id, w.customer_id)
            WHERE (h.until_on, h.since_on) IS DISTINCT FROM (w.until_on, w.since_on)
            ORDER BY c.number""",
            kind=kind,
        )
        yield from _told(
            f"customer {number}, {kind}: stored {_span(have)}, should be {_span(want)}"
            for number, *rest in rows
            for have, want in [(rest[:3], rest[3:])]
        )
    pairs = ", ".join(f"c.{name}, f.{name}" for name in facts.CACHED_DAYS)
    differs = " OR ".join(f"c.{name} IS DISTINCT FROM f.{name}" for name in facts.CACHED_DAYS)
    rows = _rows(
        f"""SELECT c.number, {pairs}
        FROM customers_customer c JOIN ({facts.cached_days_sql()}) f ON f.id = c.id
        WHERE c.account_id = %(account)s AND ({differs}) ORDER BY c.number"""
    )
    yield from _told(
        f"customer {number}: {name} is {have}, should be {want}"
        for number, *values in rows
        for name, have, want in zip(facts.CACHED_DAYS, values[::2], values[1::2], strict=True)
        if have != want
    )


def highest_number() -> int:
    """The highest customer number given out (M7)."""
    return Customer.objects.aggregate(highest=Max("number"))["highest"] or 0


def one_state_each() -> Iterator[str]:
    """By either rule every customer is in exactly one state, and the activity bar counts just these."""
    account = Account.objects.get(pk=require_account_id())
    total = Customer.objects.count()
    for kind in ("payment", "subscription"):
        view = view_of(account, now=dates.now(), rule=Rule(kind, account.activity_days))
        found = {state: Customer.objects.in_state(state, view).count() for state in State}
        counted = activity.counts(view).as_dict()
        if sum(found.values()) != total:
            yield f"by the rule {kind}, {total} customers have {sum(found.values())} states"
        for state, count in found.items():
            if counted[state] != count:
                yield f"by the rule {kind}, the bar counts {counted[state]} {state}, the list {count}"
        if counted["delinquent"] != (owing := Customer.objects.delinquent(view).count()):
            yield f"the bar counts {counted['delinquent']} delinquent, the list {owing}"


def derived_columns() -> Iterator[str]:
    """What customers are sorted and searched by must follow from what they are called."""
    wrong = 0
    for customer in Customer.objects.order_by("id").iterator(chunk_size=2000):
        stored = (customer.name_sort, customer.city_sort, customer.search)
        register.derive(customer)
        if stored != (customer.name_sort, customer.city_sort, customer.search):
            wrong += 1
            if wrong <= TOLD:
                yield f"customer {customer.number}: its sort or search text does not follow from its data"
    if wrong > TOLD:
        yield f"and {wrong - TOLD} more"


def search_more() -> Iterator[str]:
    """Whoever has further e-mails, phones or contacts is found by them; nobody by what is no longer there."""
    asked = Q(points__isnull=False) | Q(contacts__isnull=False) | Q(own_values__isnull=False) | ~Q(search_more="")
    asked |= Q(Exists(CustomerMerge.objects.filter(survivor_id=OuterRef("pk"), undone_at=None)))
    found = Customer.objects.filter(asked).distinct().values_list("id", "number", "search_more").order_by("number")
    wrong = []
    for some in itertools.batched(found.iterator(chunk_size=2000), 2000, strict=False):
        right = more_of([id for id, _number, _more in some])
        wrong += [number for id, number, more in some if more != right[id]]
    yield from _told(f"customer {number}: the search does not know its contacts" for number in wrong)


def search_entries() -> Iterator[str]:
    """The copies that customers are found by must be what the customers have."""
    yield from _told(
        f"customer {number}: the search does not know its present text"
        for (number,) in _rows(
            f"""SELECT c.number FROM customers_customer c
            LEFT JOIN customers_searchentry e ON e.account_id = c.account_id AND e.customer_id = c.id
            WHERE c.account_id = %(account)s AND ({listed("e.")}) IS DISTINCT FROM ({listed("c.", of_customer=True)})
            ORDER BY c.number"""
        )
    )


def _rows(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"account": require_account_id(), **parameters})
        return cursor.fetchall()


def _told(sentences: Iterator[str]) -> Iterator[str]:
    more = 0
    for nth, sentence in enumerate(sentences):
        if nth < TOLD:
            yield sentence
        else:
            more += 1
    if more:
        yield f"and {more} more"


def _span(days: list[Any]) -> str:
    from_on, until_on, since_on = days
    if from_on is None:
        return "nothing"
    return f"[{from_on}, {until_on})" + (f" since {since_on}" if since_on else "")
