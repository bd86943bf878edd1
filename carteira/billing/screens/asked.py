"""What the address of the invoices' list asks for. What makes no sense is left out; no address is an error."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from carteira.accounts.roles import Right
from carteira.billing.ledger import DAY_OF, SORTS, Place, Wanted
from carteira.billing.models import Invoice
from carteira.billing.status import Status
from carteira.customers import search
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.customers.screens.asked import text_of
from carteira.groups.whose_rows import Whose, whose

ALL = "all"
# A text may find very many customers: the invoices of so many of them, by name, are looked through.
MOST_CUSTOMERS = 200
_FIRST, _LAST = date(1900, 1, 1), date(2200, 12, 1)


@dataclass
class Asked:
    """`parameters` are the ones understood, as text; every link of the page is made from them."""

    wanted: Wanted
    query: str
    after: Place | None
    before: Place | None
    first: int
    parameters: dict[str, str]
    # More customers were found than are looked through.
    many: bool = False
    # Whose customers' invoices only, and what to say where there is no such group.
    group: Whose | None = None
    notice: str = ""

    @property
    def sort(self) -> str:
        return f"-{self.wanted.sort}" if self.wanted.descending else self.wanted.sort

    def address(self, **changes: str) -> str:
        """This list with some parameters changed ("" takes one away), from its first page on."""
        return "?" + urlencode({key: value for key, value in {**self.parameters, **changes}.items() if value})

    def page_address(self, place: Place | None, *, way: str, first: int) -> str:
        if place is None:
            return ""
        return self.address(**{way: f"{place.value}~{place.id.hex}", "from": str(first)})


def read(request: HttpRequest, view: View) -> Asked:
    """Read the address; the view is today's. Searching asks for the customers found."""
    given, today = request.GET, view.day
    group, notice = _group(request, view)
    query = search.shortened(text_of(given, "q"))
    month = _month(text_of(given, "month"), today)
    by = text_of(given, "by") if month is not None else ""
    by = by if by in DAY_OF else "issue"
    status = next((status for status in Status if status == text_of(given, "status")), None)
    who, many = _who(query) if query else (None, False)
    wanted = Wanted(today=today, month=month, by=by, status=status, who=_both(who, group))
    if group is not None and not group.few:
        wanted = replace(wanted, group=group.condition)
    sort, descending = _sort(text_of(given, "sort"), wanted)
    wanted = replace(wanted, sort=sort, descending=descending)
    parameters = {
        "q": query,
        "month": ALL if month is None else "" if month == today.replace(day=1) else f"{month:%Y-%m}",
        "by": "" if by == "issue" else by,
        "status": status or "",
        "group": group.value if group else "",
        "sort": "" if (sort, descending) == usual_sort(wanted) else f"-{sort}" if descending else sort,
    }
    after, before = _place(text_of(given, "after"), sort), _place(text_of(given, "before"), sort)
    first = _number(text_of(given, "from")) if after or before else 1
    return Asked(wanted, query, None if before else after, before, first, parameters, many, group, notice)


def usual_sort(wanted: Wanted) -> tuple[str, bool]:
    """The newest first; by due day, and what is open over all months, what is due first on top."""
    if wanted.sorts == ("due",) or (wanted.month is not None and wanted.by == "due"):
        return "due", False
    return ("paid", True) if wanted.month is not None and wanted.by == "paid" else ("issue", True)


def _who(query: str) -> tuple[Q, bool]:
    """Invoices of the customers a text finds, and the ones with that number."""
    found = [customer.pk for customer in found_by_name(query, MOST_CUSTOMERS + 1)]
    number = query.removeprefix("#").strip()
    numbered = Invoice.objects.filter(series__in=Invoice.Series.values, number=number[:40]) if number else None
    ids = list(numbered.values_list("pk", flat=True)) if numbered is not None else []
    who = Q(customer_id__in=found[:MOST_CUSTOMERS])
    return (who | Q(pk__in=ids) if ids else who), len(found) > MOST_CUSTOMERS


def found_by_name(query: str, most: int) -> list[Customer]:
    """The first customers by name whom a text finds, or of all there are when it is empty."""
    some = Customer.objects.only("name", "email", "city", "number", "name_sort")
    if query:
        some = some.filter(search.found_by(query).first_by_name(most, archived=None))
    return list(some.order_by("name_sort", "id")[:most])


def _group(request: HttpRequest, view: View) -> tuple[Whose | None, str]:
    """Of a group, for whoever may see customers."""
    written = text_of(request.GET, "group")
    if not written or not request.membership.may(Right.SEE_CUSTOMERS):  # type: ignore[attr-defined]
        return None, ""
    found = whose(written, request.account, view)  # type: ignore[attr-defined]
    return found, "" if found else _("That group is not there any more. The list shows everybody's invoices.")


def _both(who: Q | None, group: Whose | None) -> Q | None:
    """Few members are found like the customers of a search."""
    if group is None or not group.few:
        return who
    return group.condition if who is None else who & group.condition


def _month(text: str, today: date) -> date | None:
    """A month's first day; None for every month; this one for what is none."""
    if text == ALL:
        return None
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return month if len(text) == 7 and _FIRST <= month <= _LAST else today.replace(day=1)


def _sort(text: str, wanted: Wanted) -> tuple[str, bool]:
    name = text.removeprefix("-")
    return (name, text.startswith("-")) if name in wanted.sorts else usual_sort(wanted)


def _place(text: str, sort: str) -> Place | None:
    """The place a page's address names; None for what is none of this order (then the list begins anew)."""
    written, _mark, id = text.rpartition("~")
    try:
        value: Any = int(written) if SORTS[sort] == "amount" else date.fromisoformat(written)
        place = Place(value, UUID(id))
    except ValueError:
        return None
    return place if not isinstance(value, int) or 0 <= value < 2**63 else None


def _number(text: str) -> int:
    return min(int(text), 10**9) if text.isascii() and text.isdecimal() and len(text) < 12 else 1


def months_between(first: date, last: date, *, most: int) -> list[date]:
    """Months, the last one first, at most so many."""
    found, month = [], last
    while month >= first and len(found) < most:
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found
