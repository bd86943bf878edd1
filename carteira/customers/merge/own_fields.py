"""What a merge makes of the business's own fields, and back: of each one of the two values stays, or, where several can
be chosen, both.

What the merge writes down: `gone`, the rows of both that gave way, and `made`, those that the kept one has instead; whole,
and with the kind the field had then, for a field may be of another kind, or its choices have other names, at the undo.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core.database.arrays import uuids
from carteira.core.walls.scope import require_account_id
from carteira.customers.fields.becoming import refit
from carteira.customers.fields.fill import rows_of, told
from carteira.customers.fields.models import Field, FieldValue, Kind
from carteira.customers.fields.values import Reading, Said, key_of, shown
from carteira.customers.merge.models import CustomerMerge, MergedRows
from carteira.customers.merge.movers import from_json, put_back
from carteira.customers.merge.values import BOTH, KEPT, MERGED
from carteira.customers.models import Customer

OWN = "customers.FieldValue.customer"

Rows = list[FieldValue]


@dataclass
class Own:
    """One field, and what either of the two says there."""

    field: Field
    kept: Rows = field(default_factory=list)
    merged: Rows = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return {key_of(row) for row in self.kept} != {key_of(row) for row in self.merged}

    @property
    def unites(self) -> bool:
        """Both values can stay."""
        rows = (*self.kept, *self.merged)
        return self.field.kind == Kind.CHOICES and all(row.option for row in rows)

    def wins(self, asked: str = "") -> str:
        """As asked; else both, where that can be; else the kept one's. Whoever has nothing does not win."""
        if not self.kept or not self.merged:
            return KEPT if self.kept else MERGED
        if asked == BOTH or not asked:
            return BOTH if self.unites else KEPT
        return asked

    def left(self, wins: str) -> Rows:
        """What stands there after the merge."""
        if wins != BOTH:
            return self.kept if wins == KEPT else self.merged
        have = {row.option for row in self.kept}
        return [*self.kept, *(row for row in self.merged if row.option not in have)]


@dataclass
class Together:
    """What the merge did, and what the history tells of it: texts by the field's name."""

    rows: MergedRows
    old: dict[str, str] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)
    what: dict[str, Any] = field(default_factory=dict)


def own_of(kept: UUID, merged: UUID) -> list[Own]:
    """Every field of which one of them says something, in the card's order; one query."""
    rows = FieldValue.objects.filter(customer__in=[kept, merged]).select_related("field")
    found: dict[UUID, Own] = {}
    for row in rows.order_by("field__position", "field_id", "id"):
        own = found.setdefault(row.field_id, Own(row.field))
        (own.kept if row.customer_id == kept else own.merged).append(row)
    return list(found.values())


def bring_together(merge: CustomerMerge, kept: Customer, asked: Mapping[str, str], *, now: datetime) -> Together:
    """`asked`: KEPT, MERGED or BOTH by the field's name; of the others Own.wins says. The customers are locked."""
    done = Together(MergedRows(merge=merge, mover=OWN))
    hold_fields([merge.kept_id, merge.merged_id])
    reading = Reading(kept.account, now)
    gone, new, labels, hidden = [], [], {}, []
    for own in own_of(merge.kept_id, merge.merged_id):
        name = own.field.name
        left = own.left(own.wins(asked.get(name, "")))
        gone += own.merged
        if {key_of(row) for row in left} == {key_of(row) for row in own.kept}:
            continue
        gone += own.kept
        new += rows_of(own.field, kept, [_said(row) for row in left])
        done.old[name], done.new[name] = shown(own.field, own.kept, reading), shown(own.field, left, reading)
        said = told(own.field)
        labels |= said["labels"]
        hidden += said["hidden"]
    if labels:
        done.what = {"labels": labels, "hidden": hidden}
    kinds = {str(row.field_id): row.field.kind for row in gone}
    done.rows.gone = [{**row, "kind": kinds[row["field_id"]]} for row in _take([row.pk for row in gone])]
    made = FieldValue.objects.bulk_create(new)
    done.rows.made = [{**row, "kind": kinds[row["field_id"]]} for row in _images([row.pk for row in made])]
    return done


@dataclass
class Apart:
    """`changed`: labels of fields that somebody changed since; `told`: a sentence for each value that could not go
    back."""

    changed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def take_apart(rows: MergedRows | None, merge: CustomerMerge, account: Account, *, now: datetime) -> Apart:
    """Both get back what they said, but for what somebody changed since with the survivor. The customers are locked."""
    done = Apart()
    if rows is None:
        return done
    reading = Reading(account, now)
    noted = noted_of(rows)
    fields = {one.pk: one for one in Field.objects.filter(pk__in=hold_fields(fields=noted))}
    have: dict[UUID, Rows] = defaultdict(list)
    for row in FieldValue.objects.filter(customer=merge.kept_id, field__in=noted):
        have[row.field_id].append(row)
    going, coming = [], []
    for id, own in sorted(fields.items(), key=lambda one: (one[1].position, one[0])):
        made = noted[id].made
        if made:
            if {key_of(one) for one in _now(own, made, reading)} != {key_of(row) for row in have[id]}:
                done.changed.append(own.label)
            else:
                going += [row.pk for row in have[id]]
                coming.append((own, noted[id].gone[merge.kept_id]))
        coming.append((own, noted[id].gone[merge.merged_id]))
    FieldValue.objects.filter(pk__in=going).delete()
    images: list[Any] = []
    new: Rows = []
    taken = _taken(coming, reading)
    for own, said in coming:
        if not said:
            continue
        now_said = _now(own, said, reading)
        if own.unique and any((own.pk, one.text) in taken for one in now_said):
            done.told.append(_("Another customer has this by now: %(label)s.") % {"label": own.label})
        elif said[0]["kind"] == own.kind:
            # The rows themselves, to the last byte; but choices have the names of today.
            images += [
                {**row, "said": one.said, "text": one.text, "alone": own.unique}
                for row, one in zip(said, now_said, strict=True)
            ]
        else:
            new += rows_of(own, Customer(pk=said[0]["customer_id"]), now_said)
    put_back(FieldValue, images)
    FieldValue.objects.bulk_create(new)
    return done


@dataclass
class _Noted:
    """Of one field: what the merge made, and what gave way, by customer."""

    made: list[Any] = field(default_factory=list)
    gone: dict[UUID, list[Any]] = field(default_factory=lambda: defaultdict(list))


def noted_of(rows: MergedRows) -> dict[UUID, _Noted]:
    found: dict[UUID, _Noted] = defaultdict(_Noted)
    for row in rows.made:
        found[UUID(row["field_id"])].made.append(row)
    for row in rows.gone:
        found[UUID(row["field_id"])].gone[UUID(row["customer_id"])].append(row)
    return found


def _now(own: Field, images: Sequence[Any], reading: Reading) -> list[Said]:
    """What was said then, as the field says it today."""
    return refit(own, images[0]["kind"], [_row(image) for image in images], reading)


def _row(image: Mapping[str, Any]) -> FieldValue:
    on = image["on"] and date.fromisoformat(image["on"])
    plain = {name: image[name] for name in ("option", "said", "text", "number", "fits")}
    return FieldValue(field_id=image["field_id"], customer_id=image["customer_id"], on=on or None, **plain)


def _taken(coming: Sequence[tuple[Field, list[Any]]], reading: Reading) -> set[tuple[UUID, str]]:
    """Of fields that are different for every customer: what others say there."""
    texts: set[str] = set()
    fields = [own for own, said in coming if own.unique and said]
    for own, said in coming:
        if own.unique and said:
            texts |= {one.text for one in _now(own, said, reading)}
    if not fields:
        return set()
    return set(FieldValue.objects.filter(field__in=fields, text__in=texts).values_list("field_id", "text"))


def hold_fields(customers: Iterable[UUID] = (), fields: Iterable[UUID] = ()) -> list[UUID]:
    """Nobody changes what kind they are of meanwhile; others fill them in. Before the customers are held, as by
    `fill` and whoever changes a type; again later, for what came in between."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT f.id FROM customers_field f WHERE f.account_id = %(account)s AND (f.id = ANY(%(fields)s::uuid[])
                OR f.id IN (SELECT v.field_id FROM customers_fieldvalue v WHERE v.account_id = %(account)s
                    AND v.customer_id = ANY(%(customers)s::uuid[])))
            ORDER BY f.id FOR SHARE""",
            {"account": require_account_id(), "fields": uuids(fields), "customers": uuids(customers)},
        )
        return [id for (id,) in cursor.fetchall()]


def _take(ids: list[UUID]) -> list[Any]:
    return _rows("DELETE FROM customers_fieldvalue t", ids, " RETURNING to_jsonb(t)")


def _images(ids: list[UUID]) -> list[Any]:
    return _rows("SELECT to_jsonb(t) FROM customers_fieldvalue t", ids, " ORDER BY t.id")


def _rows(begin: str, ids: list[UUID], end: str) -> list[Any]:
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"{begin} WHERE t.account_id = %s AND t.id = ANY(%s::uuid[]){end}", [require_account_id(), uuids(ids)]
        )
        return [from_json(row) for (row,) in cursor.fetchall()]


def _said(row: FieldValue) -> Said:
    return Said(row.said, row.text, row.number, row.on, row.option, row.fits)
