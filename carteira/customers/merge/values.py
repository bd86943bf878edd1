"""Which value wins where the two differ: the kept one's, else the merged one's where it has none; or as chosen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from carteira.core.registries import Text
from carteira.customers.models import Customer
from carteira.customers.register import ADDRESS

KEPT, MERGED = "kept", "merged"
# Of own fields with several choices.
BOTH = "both"
WINNERS = frozenset({KEPT, MERGED, BOTH})


@dataclass(frozen=True)
class Choice:
    """What is chosen as one: an address is not mixed from two. `columns` as the row has them; the first tells whether
    there is a value at all, unless `empty` looks at all of them."""

    label: Text
    columns: tuple[str, ...]

    def has(self, row: Mapping[str, Any]) -> bool:
        return any(row[column] not in (None, "") for column in self.columns if column != "document_kind")


CHOICES: dict[str, Choice] = {
    "name": Choice(_("Name"), ("name",)),
    "kind": Choice(_("Kind"), ("kind",)),
    "email": Choice(_("E-mail"), ("email",)),
    "phone": Choice(_("Phone"), ("phone",)),
    "document": Choice(_("Document"), ("document", "document_kind")),
    "address": Choice(_("Address"), ADDRESS),
    "birth_on": Choice(_("Birth date"), ("birth_on",)),
    "source": Choice(_("Source"), ("source",)),
    "owner": Choice(_("In charge"), ("owner_id",)),
    "code": Choice(_("Code"), ("code",)),
    "photo": Choice(_("Photo"), ("photo_id",)),
}
# Besides what is chosen: the earlier registration counts (architecture 6).
COLUMNS = (*(column for choice in CHOICES.values() for column in choice.columns), "registered_on", "updated_at")


def row_of(customer: Customer) -> dict[str, Any]:
    return {column: getattr(customer, column) for column in COLUMNS}


def winner(name: str, kept: Mapping[str, Any], merged: Mapping[str, Any], chosen: Collection[str]) -> str:
    """`chosen`: names of choices for which the merged one's value wins, if it has one."""
    choice = CHOICES[name]
    if not choice.has(merged):
        return KEPT
    return MERGED if name in chosen or not choice.has(kept) else KEPT


def new_values(kept: Mapping[str, Any], merged: Mapping[str, Any], chosen: Collection[str]) -> dict[str, Any]:
    """The columns of the kept one that change."""
    want: dict[str, Any] = {"registered_on": min(kept["registered_on"], merged["registered_on"])}
    for name, choice in CHOICES.items():
        if winner(name, kept, merged, chosen) == MERGED:
            want.update({column: merged[column] for column in choice.columns})
    return {column: value for column, value in want.items() if kept[column] != value}
