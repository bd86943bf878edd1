"""The bulk twins of archive and unarchive: the same rules, the same rows, one statement for many (S0-14, S2-08, S2-12).

A property test holds them equal to the verbs for one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from carteira.accounts.models import Account
from carteira.core.database.arrays import uuids
from carteira.core.database.statistics import renew_after_commit
from carteira.core.events.record_selected import record_selected
from carteira.core.walls.scope import require_account_id
from carteira.customers import archive, facts, why
from carteira.customers.archive_checklist import Guarded, Pending, blockers, blockers_of_many
from carteira.customers.lifecycle import view_of
from carteira.customers.models import FOREVER, ArchivePeriod, Customer

# Where a sentence says the customer's name; whoever shows it puts the name in.
NAME = "{name}"
_FILLED = ("customers_archiveperiod", "customers_span", "core_event")


class Many(NamedTuple):
    """`periods`: the archive period of each that was changed. `refused`: why not, in a sentence with {name}; `guarded`
    has another one where not everybody may read that."""

    periods: dict[UUID, UUID]
    refused: dict[UUID, str]
    guarded: Mapping[UUID, Guarded] = MappingProxyType({})


@dataclass(frozen=True)
class Wish:
    """As `archive.archive` takes them."""

    on: date
    reason: str = ""
    note: str = ""


class _Held(NamedTuple):
    id: UUID
    counted_from: date
    first_paid_on: date | None
    last_paid_on: date | None
    first_subscribed_on: date | None
    archived_on: date | None
    last_until: date | None
    name: str = NAME


def archive_many(account: Account, wishes: Mapping[UUID, Wish], *, by: Any, now: datetime) -> Many:
    """Archive customers of the open scope, each as wished; a reason of one's own is churn or lost, with a note.

    Who is gone meanwhile is passed over. Records customer.archived for each.
    """
    today = account.today(now)
    refused: dict[UUID, str] = {}
    guarded: dict[UUID, Guarded] = {}
    with transaction.atomic():
        held = _hold(wishes)
        for customer in held:
            refusal = archive.why_not(customer, wishes[customer.id].on, today=today, last_until=customer.last_until)
            if refusal:
                refused[customer.id] = refusal
        free = [customer for customer in held if customer.id not in refused]
        for id, items in pending_of_many([customer.id for customer in free]).items():
            refused[id] = archive.says_pending(NAME, (item.what for item in items))
            brief = archive.says_guarded(NAME, items)
            if brief:
                guarded[id] = brief
        free = [customer for customer in free if customer.id not in refused]
        if not free:
            return Many({}, refused, guarded)
        periods = _begin(free, wishes)
        facts.refresh_archive([customer.id for customer in free])
        _record_archived(account, free, wishes, by=by, now=now)
        renew_after_commit(*_FILLED, rows=len(free))
    return Many(periods, refused, guarded)


def unarchive_many(account: Account, ids: Iterable[UUID], *, on: date, by: Any, now: datetime) -> Many:
    """Bring customers back as of `on`. Records customer.unarchived for each."""
    return _end(account, dict.fromkeys(ids, on), by=by, now=now)


def take_back_many(account: Account, periods: Mapping[UUID, UUID], *, by: Any, now: datetime) -> Many:
    """Undo archiving: back as if never archived, where the period that was begun then still runs."""
    with transaction.atomic():
        held = {customer.id for customer in _hold(periods)}
        running = ArchivePeriod.objects.filter(pk__in=periods.values(), until_on=FOREVER)
        since = dict(running.values_list("customer_id", "from_on"))
        return _end(account, {id: on for id, on in since.items() if id in held}, by=by, now=now)


def _end(account: Account, days: Mapping[UUID, date], *, by: Any, now: datetime) -> Many:
    today = account.today(now)
    with transaction.atomic():
        held = _hold(days)
        refused = {}
        for customer in held:
            refusal = archive.why_not_back(customer, days[customer.id], today=today)
            if refusal:
                refused[customer.id] = refusal
        free = [customer.id for customer in held if customer.id not in refused]
        if not free:
            return Many({}, refused)
        parameters = {"account": require_account_id(), "ids": uuids(free), "days": [days[id] for id in free]}
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE customers_archiveperiod p SET until_on = w.back_on
                FROM unnest(%(ids)s::uuid[], %(days)s::date[]) AS w(customer_id, back_on)
                WHERE p.account_id = %(account)s AND p.customer_id = w.customer_id AND p.customer_id = ANY(%(ids)s)
                    AND p.until_on = DATE '9999-12-31'
                RETURNING p.customer_id, p.id""",
                parameters,
            )
            periods = dict(cursor.fetchall())
        facts.refresh_archive(free)
        record_selected(
            archive.UNARCHIVED,
            "SELECT w.customer_id, NULL::uuid AS subject_id, jsonb_build_object('on', w.back_on::text) AS what"
            " FROM unnest(%(ids)s::uuid[], %(days)s::date[]) AS w(customer_id, back_on)",
            parameters,
            by=by,
            now=now,
        )
        renew_after_commit(*_FILLED, rows=len(free))
    return Many(periods, refused)


def _hold(ids: Iterable[UUID]) -> list[_Held]:
    """Lock their rows, in one order for everybody, and read what the rules ask."""
    parameters = {"account": require_account_id(), "ids": uuids(ids)}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.id, c.counted_from, c.first_paid_on, c.last_paid_on, c.first_subscribed_on, c.archived_on
            FROM customers_customer c WHERE c.account_id = %(account)s AND c.id = ANY(%(ids)s)
            ORDER BY c.id FOR NO KEY UPDATE OF c""",
            parameters,
        )
        found = cursor.fetchall()
        cursor.execute(
            """SELECT customer_id, max(until_on) FROM customers_archiveperiod
            WHERE account_id = %(account)s AND customer_id = ANY(%(ids)s) GROUP BY customer_id""",
            parameters,
        )
        ends = dict(cursor.fetchall())
    return [_Held(*row, ends.get(row[0])) for row in found]


def pending_of_many(ids: Sequence[UUID]) -> dict[UUID, list[Pending]]:
    """What blocks whom, from every room above."""
    found: dict[UUID, list[Pending]] = {}
    for name in blockers.names():
        of_many = blockers_of_many.get(name)
        told = of_many(ids) if of_many is not None else _one_by_one(name, ids)
        for id, what in told.items():
            found.setdefault(id, []).extend(what)
    return found


def _one_by_one(name: str, ids: Sequence[UUID]) -> dict[UUID, list[Pending]]:
    blocker = blockers[name]
    told = {
        customer.pk: [item for item in blocker(customer) if item.blocks]
        for customer in Customer.objects.select_related("account").filter(pk__in=ids)
    }
    return {id: what for id, what in told.items() if what}


def _begin(free: Sequence[_Held], wishes: Mapping[UUID, Wish]) -> dict[UUID, UUID]:
    wanted = [wishes[customer.id] for customer in free]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO customers_archiveperiod (account_id, customer_id, from_on, until_on, reason, note)
            SELECT %(account)s, w.* FROM unnest(%(ids)s::uuid[], %(days)s::date[], %(ends)s::date[], %(reasons)s::text[],
                %(notes)s::text[]) AS w
            RETURNING customer_id, id""",
            {
                "account": require_account_id(),
                "ids": uuids(customer.id for customer in free),
                "days": [wish.on for wish in wanted],
                "ends": [FOREVER] * len(wanted),
                "reasons": [wish.reason for wish in wanted],
                "notes": [wish.note for wish in wanted],
            },
        )
        return dict(cursor.fetchall())


def _record_archived(
    account: Account, free: Sequence[_Held], wishes: Mapping[UUID, Wish], *, by: Any, now: datetime
) -> None:
    reasons = _reasons(account, free, wishes, now)
    record_selected(
        archive.ARCHIVED,
        """SELECT w.customer_id, NULL::uuid AS subject_id,
            jsonb_build_object('on', w.since_on::text, 'reason', w.reason) AS what,
            CASE WHEN w.note = '' THEN '{}'::jsonb ELSE jsonb_build_object('note', w.note) END AS personal
        FROM unnest(%(ids)s::uuid[], %(days)s::date[], %(reasons)s::text[], %(notes)s::text[])
            AS w(customer_id, since_on, reason, note)""",
        {
            "ids": uuids(customer.id for customer in free),
            "days": [wishes[customer.id].on for customer in free],
            "reasons": [reasons[customer.id] for customer in free],
            "notes": [wishes[customer.id].note for customer in free],
        },
        by=by,
        now=now,
        personal=True,
    )


def _reasons(account: Account, free: Sequence[_Held], wishes: Mapping[UUID, Wish], now: datetime) -> dict[UUID, str]:
    """The reason somebody said, else the one the history gives as of the day."""
    found = {customer.id: wishes[customer.id].reason for customer in free}
    by_day: dict[date, list[_Held]] = {}
    for customer in free:
        if not found[customer.id]:
            by_day.setdefault(wishes[customer.id].on, []).append(customer)
    for day, customers in by_day.items():
        found |= why.reasons(customers, view_of(account, now=now, day=day))
    return found
