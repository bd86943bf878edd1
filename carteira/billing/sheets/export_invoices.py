"""The export kind "invoices": what was billed, its status on the day of the export, what is left to pay."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from carteira.billing.models import Invoice
from carteira.billing.sheets import export_common as common
from carteira.billing.sheets.invoices import FIELDS
from carteira.billing.status import STATUS_NAMES, Status, status_of, with_status
from carteira.core.money import Money
from carteira.core.sheets.exports.registry import Asking, BadFilter, Column, ExportKind
from carteira.customers.sheets.fields import OWN_ID

_READ_BACK = {field.name: field.label for field in FIELDS}
# What an import must not take for a payment is named otherwise: payments have an export of their own.
COLUMNS = (
    Column("number", _READ_BACK["number"], 14),
    *common.CUSTOMER_COLUMNS,
    Column("issue_on", _READ_BACK["issue_on"], 13),
    Column("due_on", _READ_BACK["due_on"], 13),
    Column("amount", _READ_BACK["amount"], 14),
    Column("received", gettext_lazy("received so far"), 14),
    Column("open", gettext_lazy("still open"), 14),
    Column("status", gettext_lazy("situation"), 12),
    Column("settled_on", gettext_lazy("settled on"), 13),
    Column("canceled_on", gettext_lazy("canceled on"), 13),
    Column("description", _READ_BACK["description"], 34),
    Column("external_id", _READ_BACK["external_id"], 20),
    Column(OWN_ID, _READ_BACK[OWN_ID], 38),
)
_BY = {"issue": "issue_on", "due": "due_on"}
_CUSTOMER = tuple(f"customer__{name}" for name in ("number", "name", "code", "document_kind", "document", "email"))
_FACTS = ("amount", "paid_amount", "issued_on", "effective_due_on", "settled_on", "canceled_on", "deleted_at")
_READ = ("number", *_CUSTOMER, "issue_on", "due_on", *_FACTS, "description", "external_id", "id")


def understand(filter: Mapping[str, Any], account: Any, now: datetime) -> dict[str, Any]:
    understood = common.understand(filter, account, now, more=("by", "status"))
    for name, allowed in (("by", tuple(_BY)), ("status", tuple(Status))):
        value = str(filter.get(name) or "")
        if value and value not in allowed:
            raise BadFilter(_("“%(value)s” is none of: %(allowed)s.") % {"value": value, "allowed": ", ".join(allowed)})
        if value:
            understood[name] = value
    return understood


def query(asking: Asking) -> tuple[str, Any]:
    """By day, then number. Deleted ones (they never had a number) only when asked for."""
    filter, today = asking.filter, asking.account.today(asking.now)
    day = _BY[filter.get("by", "issue")]
    found = Invoice.objects.filter(deleted_at=None)
    if "status" in filter:
        found = Invoice.objects.filter(with_status(Status(filter["status"]), today))
    for name, lookup in (
        ("from", f"{day}__gte"),
        ("until", f"{day}__lte"),
        ("customer", "customer"),
        ("ids", "id__in"),
    ):
        if name in filter:
            found = found.filter(**{lookup: filter[name]})
    if group := common.of_group(asking):
        found = found.filter(group.condition)
    return found.order_by(day, "number", "id").values_list(*_READ).query.sql_with_params()


def line(asking: Asking) -> Callable[[Sequence[Any]], Sequence[Any]]:
    currency, today = asking.account.currency, asking.account.today(asking.now)
    statuses = {status: str(label) for status, label in STATUS_NAMES.items()}
    customer = common.customer_cells(asking)

    def cells(row: Sequence[Any]) -> Sequence[Any]:
        facts = Invoice(**dict(zip(_FACTS, row[9:16], strict=True)))
        status = status_of(facts, today)
        owed = status in (Status.ISSUED, Status.OVERDUE, Status.SCHEDULED)
        return (
            row[0],
            *customer(row[1:7]),
            row[7],
            row[8],
            Money(facts.amount, currency).amount,
            Money(facts.paid_amount, currency).amount,
            Money(facts.balance if owed else 0, currency).amount,
            statuses[status],
            facts.settled_on,
            facts.canceled_on,
            row[16],
            row[17],
            str(row[18]),
        )

    return cells


INVOICES = ExportKind(
    name="invoices",
    label=gettext_lazy("Invoices"),
    right="billing.see",
    columns=COLUMNS,
    understand=understand,
    query=query,
    line=line,
    filters=(
        *common.FILTERS,
        ("by", "issue (default) or due: which day `from` and `until` mean"),
        ("status", ", ".join(Status)),
    ),
    period=pgettext_lazy("period", "Issued"),
    icon="file-invoice",
    text=gettext_lazy("Each invoice with its customer, its situation today and what is still open."),
)
