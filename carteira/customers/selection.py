"""Whom somebody chose on the list: some customers one by one, or all the list would show, minus some.

It is text on its way (the screen's form), and becomes customers once: `chosen` says whom it means at that moment.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.customers import queries
from carteira.customers.models import Customer
from carteira.customers.querysets import CustomerQuerySet
from carteira.customers.screens.asked import permitted, understand

# Nobody ticks more boxes; whoever wants more takes the whole filter.
MOST = 20_000
# Characters of a list's address: every field of a business's own may ask something.
LONGEST = 20_000


@dataclass(frozen=True)
class Selection:
    """`everyone` is the query string of a list: all its customers but `but`. None: those of `ids`."""

    ids: tuple[UUID, ...] = ()
    everyone: str | None = None
    but: tuple[UUID, ...] = ()

    @classmethod
    def read(cls, given: QueryDict) -> "Selection":
        """From a form: `id` (boxes, several) or `ids` (joined by blanks), or `everyone` and `but`. What is no id is
        passed over."""
        if "everyone" in given:
            return cls(everyone=given["everyone"].replace("\x00", ""), but=_ids([given.get("but", "")]))
        return cls(ids=_ids([*given.getlist("id"), given.get("ids", "")]))

    def hidden(self, may: Callable[[Right], bool]) -> bool:
        """Whether its list asks what this person may not: how many there are would be the answer."""
        given = QueryDict(self.everyone or "")
        return len(permitted(given, may)) < len(given)

    def problem(self, account: Account, now: datetime) -> str:
        """What its list asks for and is not there (any more), in a sentence: without that it would mean others."""
        if len(self.everyone or "") > LONGEST or len(self.but) == MOST:
            return _("This asks for more than can be remembered. Choose by fewer filters.")
        notices = understand(QueryDict(self.everyone or ""), account, now).notices
        return notices[0] if notices else ""

    @property
    def fields(self) -> dict[str, str]:
        """What a form carries along, so that `read` finds the same."""
        if self.everyone is not None:
            return {"everyone": self.everyone, "but": _text(self.but)}
        return {"ids": _text(self.ids)}

    def filter(self, account: Account, now: datetime) -> dict[str, Any]:
        """The same for an export of the customers (core.sheets.exports)."""
        if self.everyone is None:
            return {"ids": [str(id) for id in self.ids]}
        asked = understand(QueryDict(self.everyone), account, now)
        parameters = {name: value for name, value in asked.parameters.items() if value}
        return {**parameters, "but": [str(id) for id in self.but]} if self.but else parameters

    def chosen(self, account: Account, now: datetime) -> CustomerQuerySet:
        """Them, in no order."""
        if self.everyone is None:
            return Customer.objects.filter(pk__in=self.ids)
        asked = understand(QueryDict(self.everyone), account, now)
        found = queries.matching(asked.wanted)
        return found.exclude(pk__in=self.but) if self.but else found

    def count(self, account: Account, now: datetime) -> int:
        """How many, every one of them: nobody agrees to a number that was not counted."""
        return self.chosen(account, now).order_by().count()


def _ids(texts: Iterable[str]) -> tuple[UUID, ...]:
    found: dict[UUID, None] = {}
    for text in texts:
        for word in text.split():
            try:
                found[UUID(word)] = None
            except ValueError:
                continue
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)


def _text(ids: Iterable[UUID]) -> str:
    return " ".join(id.hex for id in ids)
