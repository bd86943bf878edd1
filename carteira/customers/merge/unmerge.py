"""Taking a merge back, for 30 days, whatever happened since (N8).

What followed the merged one goes back to it; what came after the merge stays with the survivor, and what somebody
changed since stays as it is. Without changes in between both are again what they were, to the last byte.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from carteira.accounts.models import User
from carteira.accounts.roles import Right
from carteira.core.events import kinds
from carteira.core.events.record import record_many
from carteira.core.files.models import StoredFile
from carteira.customers import facts
from carteira.customers.merge.merge import PERIODS, delete_periods, images, periods_of, renew_search, write_columns
from carteira.customers.merge.models import CustomerMerge, MergedRows
from carteira.customers.merge.movers import counts, move_back, put_back, tables
from carteira.customers.merge.notice import notice
from carteira.customers.merge.own_fields import OWN, hold_fields, noted_of, take_apart
from carteira.customers.merge.values import CHOICES
from carteira.customers.models import ArchivePeriod, Customer

__all__ = ["DAYS", "CannotUnmerge", "Unmerged", "unmerge", "why_not"]

DAYS = 30

UNMERGED = kinds.register("customer.unmerged", gettext_lazy("The merge of customer {number}, {name}, was undone."))


class CannotUnmerge(ValueError):
    """Refused; the text is a sentence for the user."""


@dataclass
class Unmerged:
    """The customer that is back, and what stayed with the survivor, a sentence each."""

    customer: Customer
    survivor: Customer
    told: list[str] = field(default_factory=list)
    # Of those that are not for everybody: for whom.
    rights: dict[str, Right] = field(default_factory=dict)


def why_not_at_all(merge: CustomerMerge, *, now: datetime) -> str:
    """Why it cannot be undone, whatever else is undone before; "" where it can."""
    if merge.undone_at is not None:
        return _("This merge was undone already.")
    if not merge.before:
        return _("The person was anonymised since: there is nothing left to bring back.")
    if now > merge.at + timedelta(days=DAYS):
        return _("A merge can be undone for %(days)s days; this one is older.") % {"days": DAYS}
    return ""


def why_not(merge: CustomerMerge, *, now: datetime) -> str:
    """Why it cannot be undone by itself (take_out does it with what stands on it); "" where it can."""
    if refusal := why_not_at_all(merge, now=now):
        return refusal
    if merge.survivor_id != merge.kept_id:
        return _("The customer it was merged into was merged in turn: undo that first.")
    later = CustomerMerge.objects.filter(survivor_id=merge.kept_id, undone_at=None, pk__gt=merge.pk)
    later = later.filter(kept_id=merge.kept_id).order_by("-pk").first()
    if later is not None:
        return _("Customer %(number)s was merged into the same one later: undo that first.") % {
            "number": later.merged_number
        }
    return ""


def unmerge(merge: CustomerMerge, *, by: Any, now: datetime) -> Unmerged:
    """Bring the merged customer back. Raises CannotUnmerge. Records customer.unmerged, for both."""
    with transaction.atomic():
        of_own_fields = merge.rows.filter(mover=OWN).first()
        hold_fields([merge.kept_id], noted_of(of_own_fields) if of_own_fields else ())
        # The customer before the merge, as every verb does; where it is not the survivor, `why_not` says so.
        survivor = Customer.objects.select_for_update(of=("self",), no_key=True).filter(pk=merge.kept_id).first()
        merge = CustomerMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        refusal = why_not(merge, now=now)
        if not refusal and survivor is None:
            refusal = _("The customer it was merged into is not there any more.")
        if refusal:
            raise CannotUnmerge(refusal)
        assert survivor is not None
        for table in tables():
            if table.mover.first is not None:
                table.mover.first()
        had = counts([survivor.pk])[str(survivor.pk)]
        changed = _values_back(merge, survivor)
        told, rights = _row_back(merge), dict[str, Right]()
        rows = {row.mover: row for row in merge.rows.all()}
        of_own = take_apart(rows.get(OWN), merge, survivor.account, now=now)
        changed += of_own.changed
        if changed:
            told.insert(0, _("Changed since, and left as it is: %(fields)s.") % {"fields": ", ".join(changed)})
        told += of_own.told
        _periods_back(rows.get(PERIODS), merge, told)
        for table in tables():
            if table.name in rows and table.name not in (PERIODS, OWN):
                stayed = move_back(table, merge, rows[table.name])
                if stayed and table.mover.shown:
                    told.append(_stayed(table.label, stayed))
                    rights[told[-1]] = table.mover.right
        merge.undone_at, merge.undone_by = now, by
        merge.save(update_fields=["undone_at", "undone_by"])
        both = [survivor.pk, merge.merged_id]
        facts.refresh(both)
        renew_search(both)
        notice(both, now=now)
        _check_sums(merge, had)
        # Both have their own again; what was kept of them for this would outlive them.
        merge.rows.all().delete()
        merge.before, merge.merged_code = {}, ""
        merge.save(update_fields=["before", "merged_code"])
        customer, survivor = _tell(merge, survivor, by=by, now=now)
        return Unmerged(customer, survivor, told, rights)


def _values_back(merge: CustomerMerge, survivor: Customer) -> list[str]:
    """The survivor's own columns, but for those somebody changed since: their labels."""
    have = images([survivor.pk])[survivor.pk]
    old, new = merge.before["old"], merge.before["new"]
    write = {column: old[column] for column in old if have[column] == new[column]}
    if have["updated_at"] == merge.before["updated_at"]:
        write["updated_at"] = merge.before["kept"]["updated_at"]
    _without_dangling(write)
    if write.get("code") and Customer.objects.filter(code=write["code"]).exclude(pk=survivor.pk).exists():
        del write["code"]
    write_columns(survivor.pk, write)
    changed = {column for column in old if have[column] != new[column]}
    return [str(choice.label) for choice in CHOICES.values() if changed & set(choice.columns)]


def _row_back(merge: CustomerMerge) -> list[str]:
    """The merged one's own row; the number was never given to anybody else."""
    row, told = dict(merge.before["merged"]), []
    if row["code"] and Customer.objects.filter(code=row["code"]).exists():
        told.append(_("The code %(code)s belongs to another customer now.") % {"code": row["code"]})
        row["code"] = ""
    put_back(Customer, [row])
    return told


def _without_dangling(row: dict[str, Any]) -> None:
    """Of people and pictures that are gone nothing can be said."""
    for column, model in (("owner_id", User), ("photo_id", StoredFile)):
        if row.get(column) and not model._default_manager.filter(pk=row[column]).exists():
            row[column] = None


def _periods_back(rows: MergedRows | None, merge: CustomerMerge, told: list[str]) -> None:
    if rows is None:
        return
    have = periods_of(merge.kept_id)
    if have == rows.made:
        delete_periods([merge.kept_id])
        put_back(ArchivePeriod, rows.gone)
    else:
        told.append(_("Archived or reactivated since, and left so: the days in the archive."))
        put_back(ArchivePeriod, [row for row in rows.gone if row["customer_id"] == str(merge.merged_id)])


def _check_sums(merge: CustomerMerge, had: dict[str, list[int]]) -> None:
    """Amounts of the two = what the one had; a difference is a bug, and nothing is undone then."""
    now = counts([merge.kept_id, merge.merged_id])
    for table in tables():
        if not table.mover.sums:
            continue
        zero = [0] * (1 + len(table.mover.sums))
        have = [sum(pair) for pair in zip(*(now[id].get(table.name) or zero for id in now), strict=True)]
        if have != (had.get(table.name) or zero):
            raise CannotUnmerge(_("Nothing was undone: %(what)s would not add up.") % {"what": table.label})


def _stayed(label: str, count: int) -> str:
    return ngettext(
        "%(count)s of %(what)s stays with the survivor, because of what happened since.",
        "%(count)s of %(what)s stay with the survivor, because of what happened since.",
        count,
    ) % {"count": count, "what": label}


def _tell(merge: CustomerMerge, survivor: Customer, *, by: Any, now: datetime) -> tuple[Customer, Customer]:
    customer = Customer.objects.get(pk=merge.merged_id)
    survivor = Customer.objects.get(pk=survivor.pk)
    record_many(
        UNMERGED,
        [
            {
                "customer_id": one.pk,
                "subject_id": merge.pk,
                "what": {"number": customer.number},
                "personal": {"name": customer.name},
            }
            for one in (survivor, customer)
        ],
        by=by,
        now=now,
    )
    return customer, survivor
