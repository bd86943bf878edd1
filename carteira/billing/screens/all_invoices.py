"""All invoices of the business: by month, status, customer (S0-03, S0-04, S0-05)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import ledger
from carteira.billing.ledger import Total, month_after
from carteira.billing.screens import asked as asking
from carteira.billing.screens.asked import ALL, Asked
from carteira.billing.screens.rows import invoice_row
from carteira.billing.status import Status
from carteira.core import dates
from carteira.core.ui.formats import money, month_name, number
from carteira.customers.lifecycle import view_of
from carteira.customers.registries import list_actions
from carteira.groups.whose_rows import options

MOST_MONTHS = 240


@require(Right.SEE_MONEY)
@require_safe
def list_all(request: HttpRequest) -> HttpResponse:
    account = request.account  # type: ignore[attr-defined]
    view = view_of(account, now=dates.now())
    asked = asking.read(request, view)
    totals = ledger.totals(asked.wanted)
    page = ledger.page(asked.wanted, after=asked.after, before=asked.before)
    fragment = bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "asked": asked,
        "wanted": asked.wanted,
        "sort": asked.sort,
        "bar": _bar(asked, totals, account.currency),
        "rows": [invoice_row(invoice, view, account.currency) for invoice in ledger.rows(page.ids)],
        "may_record": request.membership.may(Right.RECORD_PAYMENTS),  # type: ignore[attr-defined]
        "groups": {} if fragment or not request.membership.may(Right.SEE_CUSTOMERS) else options(),  # type: ignore[attr-defined]
        **_months(asked),
        **_pager(asked, page, totals),
    }
    if not page.ids and not fragment and asked.group is None and not ledger.any_at_all():
        context["nothing"] = True
        context["actions"] = [action for action in list_actions if request.membership.may(action.right)]  # type: ignore[attr-defined]
    name = "billing/screens/all_invoices_found.html" if fragment else "billing/screens/all_invoices.html"
    response = render(request, name, context)
    if fragment:
        response["HX-Replace-Url"] = request.path + asked.address()
    patch_vary_headers(response, ["HX-Request"])
    return response


def _bar(asked: Asked, totals: dict[Status, Total], currency: str) -> list[dict[str, Any]]:
    """The six statuses, and before them all of them but the canceled and deleted ones."""
    names = {
        Status.SCHEDULED: pgettext("several invoices", "Scheduled"),
        Status.ISSUED: pgettext("several invoices", "Issued"),
        Status.OVERDUE: pgettext("several invoices", "Overdue"),
        Status.PAID: pgettext("several invoices", "Paid"),
        Status.CANCELED: pgettext("several invoices", "Canceled"),
        Status.DELETED: pgettext("several invoices", "Deleted"),
    }
    tabs = [("all", _("All of them"), "", _all(totals))]
    tabs += [(status.value, label, status.value, totals[status]) for status, label in names.items()]
    return [
        {
            "key": key,
            "label": label,
            "count": f"{number(total.count)}+" if total.bounded else number(total.count),
            "note": "" if total.bounded else money(_owed(total, key), currency),
            "url": asked.address(status=status, sort=""),
            "selected": status == (asked.wanted.status or ""),
        }
        for key, label, status, total in tabs
    ]


def _owed(total: Total, key: str) -> int:
    """Of what is issued or overdue only what is left; of everything else the whole amount."""
    return total.left if key in (Status.ISSUED, Status.OVERDUE) else total.amount


def _all(totals: dict[Status, Total]) -> Total:
    return sum((total for status, total in totals.items() if status not in ledger.GONE), Total())


def _months(asked: Asked) -> dict[str, Any]:
    """The months to choose from: those with invoices, this one, and the one chosen; with the ways to its neighbours."""
    wanted = asked.wanted
    this = wanted.today.replace(day=1)
    known = ledger.months(wanted.by) or (this, this)
    chosen = wanted.month or this
    first, last = min(known[0], this, chosen), max(known[1], this, chosen)
    offered = asking.months_between(first, last, most=MOST_MONTHS)
    if chosen not in offered:
        offered.append(chosen)
    return {
        "months": [(f"{month:%Y-%m}", month_name(month), month == wanted.month) for month in offered],
        "month_name": month_name(wanted.month) if wanted.month else _("All months"),
        "earlier_url": _month_address(asked, -1) if wanted.month else "",
        "later_url": _month_address(asked, 1) if wanted.month else "",
        "all_url": asked.address(month=ALL, by="", sort=""),
        "this_url": asked.address(month="", sort=""),
        "is_this": wanted.month == this,
        "ways": [
            (way, label, way == wanted.by)
            for way, label in (
                ("issue", _("Month of issue")),
                ("due", _("Month due")),
                ("paid", _("Month paid")),
            )
        ],
    }


def _month_address(asked: Asked, step: int) -> str:
    wanted = asked.wanted
    assert wanted.month is not None
    month = month_after(wanted.month, step)
    this = wanted.today.replace(day=1)
    return asked.address(month="" if month == this else f"{month:%Y-%m}")


def _pager(asked: Asked, page: ledger.Page, totals: dict[Status, Total]) -> dict[str, Any]:
    shown = len(page.ids)
    first = asked.first if page.previous else 1
    status = asked.wanted.status
    total = totals[status] if status else _all(totals)
    count = f"{number(total.count)}+" if total.bounded else number(total.count)
    facts = {"shown": f"{number(first)}–{number(first + shown - 1)}", "total": count}
    back = max(first - ledger.PAGE, 1)
    return {
        "previous": asked.page_address(page.previous, way="before", first=back),
        "next": asked.page_address(page.next, way="after", first=first + shown),
        "summary": _("%(shown)s of %(total)s") % facts if shown else "",
        "list_url": reverse("billing:all_invoices"),
    }
