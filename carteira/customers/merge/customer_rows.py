"""How the rows of this room, and of the ground floor, follow their customer into a merge."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from carteira.customers.merge.models import CustomerMerge, MergedRows
from carteira.customers.merge.movers import Mover, as_json, from_json, movers, parameters_of
from carteira.customers.merge.own_fields import OWN
from carteira.customers.models import Contact, Customer
from carteira.customers.register import ADDRESS


def points_after(merge: CustomerMerge, rows: MergedRows) -> None:
    """Main e-mails and phones that lost stay as further ones; none stands twice."""
    lost = [(kind, value) for kind in ("email", "phone") for value in _lost(merge, kind)]
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM customers_contactpoint t WHERE t.account_id = %(account)s AND t.customer_id = %(kept)s
                AND ((t.kind = 'email' AND t.value = %(email)s) OR (t.kind = 'phone' AND t.value = %(phone)s))
            RETURNING to_jsonb(t)""",
            parameters_of(merge),
        )
        rows.gone += _rows(cursor)
        cursor.execute(
            """INSERT INTO customers_contactpoint (account_id, customer_id, kind, value, label)
            SELECT %(account)s, %(kept)s, l.kind, l.value, '' FROM unnest(%(kinds)s::text[], %(values)s::text[])
                AS l(kind, value)
            ON CONFLICT DO NOTHING RETURNING to_jsonb(customers_contactpoint)""",
            {
                **parameters_of(merge),
                "kinds": [kind for kind, _value in lost],
                "values": [value for _kind, value in lost],
            },
        )
        rows.made += _rows(cursor)


def _lost(merge: CustomerMerge, column: str) -> list[str]:
    """Values of both that the merge leaves nowhere."""
    both = (merge.before["kept"][column], merge.before["merged"][column])
    wins = merge.before["main"][column]
    return list(dict.fromkeys(value for value in both if value and value != wins))


def addresses_after(merge: CustomerMerge, rows: MergedRows) -> None:
    """An address that lost stays as a further one."""
    wins = {**merge.before["kept"], **merge.before["new"]}
    asked = [column for column in ADDRESS if column != "country"]
    for one in (merge.before["kept"], merge.before["merged"]):
        if not any(one[column] for column in asked) or all(one[column] == wins[column] for column in asked):
            continue
        values = {column: one[column] for column in ADDRESS}
        names = ", ".join(ADDRESS)
        same = " AND ".join(f"{column} = %({column})s" for column in ADDRESS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO customers_address (account_id, customer_id, label, {names})
                SELECT %(account)s, %(kept)s, '', {", ".join(f"%({column})s" for column in ADDRESS)}
                WHERE NOT EXISTS (SELECT FROM customers_address
                    WHERE account_id = %(account)s AND customer_id = %(kept)s AND {same})
                RETURNING to_jsonb(customers_address)""",
                {**parameters_of(merge), **values},
            )
            rows.made += _rows(cursor)


def payers_after(merge: CustomerMerge, rows: MergedRows) -> None:
    """Where the row that gave way said who pays, the one that stays says so."""
    for gone in rows.gone:
        other = merge.kept_id if gone["other_id"] == str(merge.merged_id) else UUID(gone["other_id"])
        customer = merge.kept_id if gone["customer_id"] == str(merge.merged_id) else UUID(gone["customer_id"])
        if not gone["is_payer"] or other == customer:
            continue
        if Contact.objects.filter(customer=customer, is_payer=True).exists():
            continue
        for contact in Contact.objects.filter(customer=customer, other=other):
            contact.is_payer = True
            contact.save(update_fields=["is_payer"])
            rows.changed.append({"id": str(contact.pk), "column": "is_payer", "old": False, "new": True})


def pairs_after(merge: CustomerMerge, rows: MergedRows) -> None:
    """Of whom the merged one was said not to be the same, the survivor is not either; what was only suspected is looked
    for again."""
    said = [row for row in rows.gone if row["dismissed_at"] is not None]
    others = [({row["first_id"], row["second_id"]} - {str(merge.merged_id)}).pop() for row in said]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO customers_duplicatepair
                (account_id, first_id, second_id, same, rank, found_at, dismissed_at, dismissed_by_id)
            SELECT %(account)s, CASE WHEN k.number < o.number THEN k.id ELSE o.id END,
                CASE WHEN k.number < o.number THEN o.id ELSE k.id END, w.same, w.rank, w.found_at, w.dismissed_at, w.by
            FROM unnest(%(others)s::uuid[], %(said)s::jsonb[]) AS g(id, it)
            JOIN customers_customer o ON o.account_id = %(account)s AND o.id = g.id
            JOIN customers_customer k ON k.account_id = %(account)s AND k.id = %(kept)s AND k.id <> o.id,
            LATERAL (SELECT (jsonb_populate_record(NULL::customers_duplicatepair, g.it)).*) AS p,
            LATERAL (SELECT p.same, p.rank, p.found_at, p.dismissed_at, p.dismissed_by_id AS by) AS w
            ON CONFLICT DO NOTHING RETURNING to_jsonb(customers_duplicatepair)""",
            {**parameters_of(merge), "others": others, "said": [as_json(row) for row in said]},
        )
        rows.made += _rows(cursor)


def contacts_before_back(merge: CustomerMerge, rows: MergedRows) -> None:
    """A contact whose customer was merged since names the survivor; of one that is gone there is nothing to name."""
    others = {row["other_id"] for row in rows.gone if row["other_id"]}
    there = {str(id) for id in Customer.objects.filter(pk__in=others).values_list("pk", flat=True)}
    moved = CustomerMerge.objects.filter(merged_id__in=others - there, undone_at=None)
    now = {str(one.merged_id): str(one.survivor_id) for one in moved}
    kept = []
    for row in rows.gone:
        other = row["other_id"]
        if other and other not in there:
            other = now.get(other)
            if other is None or other == row["customer_id"]:
                continue
        kept.append({**row, "other_id": other})
    rows.gone = kept


def _rows(cursor: Any) -> list[Any]:
    return [from_json(row) for (row,) in cursor.fetchall()]


_SAME_CONTACT = """EXISTS (SELECT FROM customers_contact k WHERE k.account_id = t.account_id
    AND k.customer_id = {customer} AND k.other_id = {other})"""
_PAID_FOR = """t.is_payer AND NOT EXISTS (SELECT FROM customers_contact k
    WHERE k.account_id = t.account_id AND k.customer_id = %(kept)s AND k.is_payer)"""


def register() -> None:
    movers.add(
        "customers.ContactPoint.customer",
        Mover(
            _("Phones and e-mails"),
            # The kept one's own win.
            gives_way="""(t.kind = 'email' AND t.value = %(email)s) OR (t.kind = 'phone' AND t.value = %(phone)s)
                OR EXISTS (SELECT FROM customers_contactpoint k WHERE k.account_id = t.account_id
                    AND k.customer_id = %(kept)s AND k.kind = t.kind AND k.value = t.value)""",
            after=points_after,
        ),
        order=10,
    )
    movers.add("customers.Address.customer", Mover(_("Addresses"), after=addresses_after), order=11)
    movers.add(
        "customers.Contact.other",
        Mover(
            _("Contact of others"),
            gives_way="t.customer_id = %(kept)s OR " + _SAME_CONTACT.format(customer="t.customer_id", other="%(kept)s"),
            after=payers_after,
            before_back=contacts_before_back,
        ),
        order=12,
    )
    movers.add(
        "customers.Contact.customer",
        Mover(
            _("Contacts"),
            gives_way="t.other_id = %(kept)s OR " + _SAME_CONTACT.format(customer="%(kept)s", other="t.other_id"),
            adapts={"is_payer": _PAID_FOR},
            after=payers_after,
            before_back=contacts_before_back,
        ),
        order=13,
    )
    # Which value of a field stays is chosen, and done beforehand (own_fields).
    movers.add(OWN, Mover(_("Own fields"), shown=False), order=15)
    movers.add("customers.Note.customer", Mover(_("Notes")), order=14)
    for column in ("first", "second"):
        movers.add(
            f"customers.DuplicatePair.{column}",
            Mover(_("Possible duplicates"), gives_way="TRUE", after=pairs_after, shown=False),
            order=16,
        )
    movers.add("customers.SearchEntry.customer", Mover(derived=True), order=20)
    movers.add("customers.Span.customer", Mover(derived=True), order=20)
    # What the two periods make together is worked out beforehand (archive_days).
    movers.add("customers.ArchivePeriod.customer", Mover(derived=True), order=20)
    movers.add("customers.CustomerMerge.survivor_id", Mover(_("Earlier merges"), shown=False), order=30)
    movers.add("core.Event.customer_id", Mover(_("History")), order=40)
    movers.add("core.PersonRequest.person_id", Mover(), order=40)
    movers.add("core.SheetLeftover.customer_id", Mover(shown=False), order=40)
