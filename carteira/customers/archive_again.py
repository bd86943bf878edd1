"""Taking back that an import re-opened archived customers: archived again from the old day on, for the old reason, as if
they had never come back (product decision 18)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.record import record_many
from carteira.core.walls.scope import require_account_id
from carteira.customers import facts
from carteira.customers.archive import UNARCHIVED
from carteira.customers.archive_many import pending_of_many
from carteira.customers.models import FOREVER, ArchivePeriod

AGAIN = kinds.register(
    "customer.archived_again", gettext_lazy("Archived again as of {on}, as before the import that was taken back.")
)


def archive_again_many(
    import_id: UUID, *, listed_in: str, since: str, parameters: dict[str, Any], by: Any, now: datetime
) -> tuple[int, list[tuple[UUID, str]]]:
    """Archive again whom this import brought back, of the customers in a temporary table `listed_in` (customer_id): how
    many, and who stays reactivated, with what is pending ("" where something has happened since).

    `since` selects (customer_id, on): what else would have brought them back on or after the day of their archiving.
    The caller holds the customers' rows and has refreshed their facts. Whoever was archived by a person since stays as
    that person left it. Records customer.archived_again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.customer_id, p.id, p.from_on, coalesce(c.last_paid_on > p.from_on, FALSE) OR EXISTS (
                    SELECT FROM ({since}) s WHERE s.customer_id = p.customer_id AND s.on_day >= p.from_on)
            FROM core_event e
            JOIN customers_archiveperiod p ON p.account_id = %(account)s AND p.customer_id = e.customer_id
                AND p.id::text = e.what ->> 'period' AND p.until_on::text = e.what ->> 'on'
            JOIN customers_customer c ON c.account_id = %(account)s AND c.id = p.customer_id AND c.archived_on IS NULL
            WHERE e.account_id = %(account)s AND e.kind = '{UNARCHIVED}' AND e.what ->> 'import' = %(import)s
                AND e.customer_id IN (SELECT customer_id FROM {listed_in})
                AND NOT EXISTS (SELECT FROM customers_archiveperiod l WHERE l.account_id = %(account)s
                    AND l.customer_id = p.customer_id AND l.id <> p.id AND l.until_on > p.from_on)
            ORDER BY p.customer_id""",
            {**parameters, "account": require_account_id(), "import": str(import_id)},
        )
        found = cursor.fetchall()
    pending = pending_of_many([customer for customer, _period, _from, busy in found if not busy])
    going = [row for row in found if not row[3] and row[0] not in pending]
    stay = [
        (id, "; ".join(item.brief or item.what for item in pending.get(id, ())))
        for id, _period, _from, busy in found
        if busy or id in pending
    ]
    if not going:
        return 0, stay
    ArchivePeriod.objects.filter(pk__in=[period for _id, period, _from, _busy in going]).update(until_on=FOREVER)
    facts.refresh_archive([customer for customer, *_rest in going])
    told = [{"customer_id": id, "what": {"on": from_on.isoformat()}} for id, _period, from_on, _busy in going]
    record_many(AGAIN, told, by=by, now=now)
    return len(going), stay
