"""Merging: all that one customer has becomes another's, in one transaction, and nothing is lost (N8, S1-02).

The merged one's own row leaves the table, so that no list, count, search or past day knows it any more; it stands whole
in CustomerMerge, and `unmerge` brings it back. A foreign key that were left behind makes the database refuse.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import running
from carteira.core.walls.scope import require_account_id
from carteira.customers import facts, search_entries
from carteira.customers.delete import say_farewell
from carteira.customers.fields.models import Field
from carteira.customers.merge.archive_days import Days, together
from carteira.customers.merge.models import CustomerMerge, MergedRows
from carteira.customers.merge.movers import Table, as_json, counts, from_json, move, tables
from carteira.customers.merge.notice import notice
from carteira.customers.merge.own_fields import bring_together, hold_fields
from carteira.customers.merge.values import CHOICES, WINNERS, new_values, row_of
from carteira.customers.models import ArchivePeriod, Customer
from carteira.customers.register import derive
from carteira.customers.search_more import more_of

__all__ = ["CannotMerge", "merge", "merge_many"]

PERIODS = "customers.ArchivePeriod.customer"
MOST = 20

MERGED = kinds.register("customer.merged", gettext_lazy("Customer {number}, {name}, was merged into this one."))


class CannotMerge(ValueError):
    """Refused; the text is a sentence for the user."""


def merge(
    kept: Customer,
    merged: Customer,
    *,
    chosen: Collection[str] = (),
    own: Mapping[str, str] | None = None,
    by: Any,
    now: datetime,
) -> CustomerMerge:
    """Let everything of `merged` be `kept`'s. `chosen`: names of values.CHOICES for which the merged one's value wins;
    else the kept one's does, unless it has none. What loses stays where there is room for it: as a further e-mail, phone
    or address. `own`: KEPT, MERGED or BOTH by the names of own fields; else both stay where several can be chosen.

    Raises CannotMerge. Records customer.merged. Customers are locked in the order of their ids.
    """
    with transaction.atomic():
        hold_fields([kept.pk, merged.pk])
        kept, merged = _locked(kept.pk, merged.pk)
        _refuse(kept, merged, chosen, own or {})
        for table in tables():
            if table.mover.first is not None:
                table.mover.first()
        done = _begin(kept, merged, chosen, own or {}, by=by, now=now)
        done.save(force_insert=True)
        before = counts((kept.pk, merged.pk))
        done.counted = {"kept": before[str(kept.pk)], "merged": before[str(merged.pk)]}
        say_farewell([merged.pk])
        periods = _archive_together(done, kept, merged)
        of_own = bring_together(done, kept, own or {}, now=now)
        rows = [periods, of_own.rows, *(move(table, done) for table in tables())]
        MergedRows.objects.bulk_create(_worth_keeping(rows))
        _let_go(merged.pk)
        _write_values(kept, done, now=now)
        facts.refresh([kept.pk])
        renew_search([kept.pk])
        notice([kept.pk], now=now)
        _check_sums(done)
        record(
            MERGED,
            by=by,
            now=now,
            customer_id=kept.pk,
            subject_id=done.pk,
            what={"number": merged.number, **of_own.what},
            personal={
                "name": merged.name,
                "old": _told(done.before["old"]) | of_own.old,
                "new": _told(done.before["new"]) | of_own.new,
            },
        )
        return done


def merge_many(
    kept: Customer,
    others: Collection[Customer],
    *,
    chosen: Collection[str] = (),
    own: Mapping[str, str] | None = None,
    by: Any,
    now: datetime,
) -> list[CustomerMerge]:
    """One after the other; all of them or none."""
    with transaction.atomic():
        hold_fields([kept.pk, *(one.pk for one in others)])
        _locked(kept.pk, *(one.pk for one in others))
        return [merge(kept, one, chosen=chosen, own=own, by=by, now=now) for one in others]


def _locked(*ids: UUID) -> list[Customer]:
    """In the order asked for. An invoice that is being made waits, and then finds nobody."""
    found = Customer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("id")
    customers = {customer.pk: customer for customer in found}
    if len(customers) < len(set(ids)):
        raise CannotMerge(_("One of these customers is not there any more."))
    return [customers[id] for id in ids]


def _refuse(kept: Customer, merged: Customer, chosen: Collection[str], own: Mapping[str, str]) -> None:
    if kept.pk == merged.pk:
        raise CannotMerge(_("A customer cannot be merged with itself."))
    known = {field.name for field in Field.objects.all()} if own else set()
    if set(chosen) - set(CHOICES) or set(own) - known or set(own.values()) - WINNERS:
        raise CannotMerge(_("There is no such field to choose."))
    for one in (kept, merged):
        if one.anonymised_on is not None:
            raise CannotMerge(
                _("Customer %(number)s was anonymised: nobody can say who that was.") % {"number": one.number}
            )
        if running(one.pk, PersonRequest.Kind.ANONYMISE).exists():
            raise CannotMerge(
                _("Customer %(number)s is being anonymised: all that were merged with it would go too.")
                % {"number": one.number}
            )


def _begin(
    kept: Customer, merged: Customer, chosen: Collection[str], own: Mapping[str, str], *, by: Any, now: datetime
) -> CustomerMerge:
    old, other = row_of(kept), row_of(merged)
    new = new_values(old, other, chosen)
    found = images([kept.pk, merged.pk])
    return CustomerMerge(
        kept_id=kept.pk,
        merged_id=merged.pk,
        survivor_id=kept.pk,
        merged_number=merged.number,
        merged_code=merged.code,
        by=by,
        at=now,
        before={
            "kept": found[kept.pk],
            "merged": found[merged.pk],
            "old": {column: found[kept.pk][column] for column in new},
            "new": {column: found[merged.pk][column] for column in new},
            "chosen": {"columns": sorted(chosen), "own": dict(own)},
            "main": {column: new.get(column, old[column]) for column in ("email", "phone")},
        },
    )


def images(ids: list[UUID]) -> dict[UUID, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, to_jsonb(c) FROM customers_customer c WHERE c.account_id = %s AND c.id = ANY(%s)",
            [require_account_id(), ids],
        )
        return {id: from_json(image) for id, image in cursor.fetchall()}


def _archive_together(done: CustomerMerge, kept: Customer, merged: Customer) -> MergedRows:
    """The periods of both give way to those they make together."""
    rows = MergedRows(merge=done, mover=PERIODS)
    found = list(ArchivePeriod.objects.filter(customer__in=[kept.pk, merged.pk]).order_by("from_on", "id"))
    if not found:
        return rows
    days = {
        one.pk: [Days(p.from_on, p.until_on, p.reason, p.note) for p in found if p.customer_id == one.pk]
        for one in (kept, merged)
    }
    want = together(days[kept.pk], kept.counted_from, days[merged.pk], merged.counted_from)
    rows.gone = delete_periods([kept.pk, merged.pk])
    ArchivePeriod.objects.bulk_create(ArchivePeriod(customer=kept, **day._asdict()) for day in want)
    rows.made = periods_of(kept.pk)
    return rows


def periods_of(customer: UUID) -> list[Any]:
    """Whole rows, as they are kept for an undo."""
    return _period_rows("SELECT to_jsonb(t) FROM customers_archiveperiod t", [customer], " ORDER BY t.id")


def delete_periods(customers: list[UUID]) -> list[Any]:
    return _period_rows("DELETE FROM customers_archiveperiod t", customers, " RETURNING to_jsonb(t)")


def _period_rows(begin: str, customers: list[UUID], end: str) -> list[Any]:
    with connection.cursor() as cursor:
        where = " WHERE t.account_id = %s AND t.customer_id = ANY(%s)"
        cursor.execute(begin + where + end, [require_account_id(), customers])
        return [from_json(row) for (row,) in cursor.fetchall()]


def _worth_keeping(rows: list[MergedRows]) -> list[MergedRows]:
    """One a table: those of the archive periods and own fields come first, and their own movers have nothing to add."""
    return [row for row in rows if row.moved or row.gone or row.made or row.changed]


def _let_go(merged: UUID) -> None:
    """The row itself. What still names it makes this fail here, not at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM customers_customer WHERE account_id = %s AND id = %s", [require_account_id(), merged]
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _write_values(kept: Customer, done: CustomerMerge, *, now: datetime) -> None:
    write_columns(kept.pk, done.before["new"])
    Customer.objects.filter(pk=kept.pk).update(updated_at=now)
    done.before["updated_at"] = images([kept.pk])[kept.pk]["updated_at"]
    done.save(update_fields=["before", "counted"])


def write_columns(customer: UUID, values: dict[str, Any]) -> None:
    """Columns of a customer's row from JSON, as the database itself wrote them."""
    if not values:
        return
    columns = ", ".join(connection.ops.quote_name(column) for column in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE customers_customer c SET ({columns}) = ROW({", ".join(f"r.{column}" for column in values)})
            FROM jsonb_populate_record(NULL::customers_customer, %s::jsonb) r WHERE c.account_id = %s AND c.id = %s""",
            [as_json(values), require_account_id(), customer],
        )


def renew_search(customers: list[UUID]) -> None:
    """What they are sorted and found by, from what they have now."""
    more = more_of(customers)
    for customer in Customer.objects.filter(pk__in=customers):
        customer.search_more = more[customer.pk]
        derive(customer)
        customer.save(update_fields=["name_sort", "city_sort", "search", "search_more"])
    search_entries.renew(customers)


def _check_sums(done: CustomerMerge) -> None:
    """Rows and amounts of the two before = those of the one after, but for rows that gave way. A difference is a bug:
    nothing is merged then."""
    after = counts([done.kept_id])[str(done.kept_id)]
    rows = list(done.rows.all())
    for table in tables():
        if table.mover.derived:
            continue
        kept, merged = (done.counted[one].get(table.name, []) for one in ("kept", "merged"))
        size = 1 + len(table.mover.sums)
        want = [a + b for a, b in zip(kept or [0] * size, merged or [0] * size, strict=True)]
        want[0] += _more(table, done, rows)
        have = after.get(table.name) or [0] * size
        if have != want:
            raise CannotMerge(
                _("Nothing was merged: %(what)s would not add up (%(have)s instead of %(want)s).")
                % {"what": table.label, "have": have, "want": want}
            )


def _more(table: Table, done: CustomerMerge, rows: list[MergedRows]) -> int:
    """Rows that were made less those that gave way, whichever column of the table they were found by."""
    both, column = {str(done.kept_id), str(done.merged_id)}, table.column.strip('"')
    of_it = [one for one in rows if one.mover.startswith(f"{table.model._meta.label}.")]
    made, gone = (sum(row[column] in both for one in of_it for row in getattr(one, name)) for name in ("made", "gone"))
    return made - gone


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """For the history: what a person recognises."""
    return {name: value for name, value in values.items() if name not in ("updated_at", "owner_id", "photo_id")}
