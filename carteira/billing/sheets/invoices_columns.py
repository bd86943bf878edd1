"""The columns of a sheet of invoices, and what each line's own cells say together."""

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.holidays import calendar_of
from carteira.billing.sheets import fields
from carteira.core import dates
from carteira.core.sheets.registry import Batch, Field, Reading
from carteira.customers.sheets.fields import day_cleaner, identifiers, own_id
from carteira.customers.sheets.finding import IDENTITY

FIELDS = (
    *identifiers(),
    fields.CUSTOMER_NAME,
    Field(
        "number",
        gettext_lazy("invoice number"),
        fields.text_cleaner(40),
        synonyms=(
            *("número", "número da fatura", "nº da fatura", "fatura", "número do documento", "nota fiscal"),
            *("número de factura", "factura", "folio", "invoice number", "invoice", "invoice no"),
        ),
    ),
    Field("external_id", gettext_lazy("external id"), fields.text_cleaner(120), synonyms=fields.EXTERNAL_ID_WORDS),
    Field(
        "amount",
        gettext_lazy("amount"),
        fields.amount_cleaner,
        columns=(("amount", "bigint"),),
        synonyms=("valor", "valor da fatura", "valor total", "=total", "monto", "importe", "amount", "value"),
        required=True,
        repeats=True,
    ),
    Field(
        "issue_on",
        gettext_lazy("issue date"),
        day_cleaner,
        columns=(("issue_on", "date"),),
        synonyms=(
            *("emissão", "data de emissão", "emitida em", "data emissão", "fecha de emisión", "emitida el"),
            *("issue date", "issued", "issued on", "invoice date"),
        ),
        repeats=True,
    ),
    Field(
        "due_on",
        gettext_lazy("due date"),
        day_cleaner,
        columns=(("due_on", "date"),),
        synonyms=(
            *("vencimento", "data de vencimento", "vence em", "vencimiento", "fecha de vencimiento", "vence el"),
            *("due", "due date", "due on"),
        ),
        required=True,
        repeats=True,
    ),
    Field(
        "paid_on",
        gettext_lazy("paid on"),
        fields.past_day_cleaner,
        columns=(("paid_on", "date"),),
        synonyms=tuple(word for word in fields.PAID_ON_WORDS if not word.startswith("=")),
        repeats=True,
    ),
    Field(
        "paid_amount",
        gettext_lazy("amount paid"),
        fields.amount_cleaner,
        columns=(("paid_amount", "bigint"),),
        synonyms=("valor pago", "valor recebido", "monto pagado", "importe pagado", "amount paid", "paid amount"),
        repeats=True,
    ),
    Field(
        "method",
        gettext_lazy("payment method"),
        fields.method_cleaner,
        synonyms=fields.METHOD_WORDS,
        repeats=True,
    ),
    Field("description", gettext_lazy("description"), fields.text_cleaner(300), synonyms=fields.DESCRIPTION_WORDS),
    own_id(),
)

DERIVED = (
    *IDENTITY,
    ("issued_for", "date"),
    ("effective_on", "date"),
    ("paid_sum", "bigint"),
)


def derive(batch: Batch, reading: Reading) -> None:
    """Issue day, effective due date and what was paid, and whether a line's days fit together."""
    fields.name_customer(batch, reading)
    today, effective = reading.today, reading.prepared
    due, issue, paid_on = batch.column("due_on"), batch.column("issue_on"), batch.column("paid_on")
    amounts, paid = batch.column("amount"), batch.column("paid_amount")
    numbers, external, ids = batch.column("number"), batch.column("external_id"), batch.column("id")
    # Without an issue day an invoice was there when it became due, and is there today at the latest.
    issued_for = [given or min(day, today) for given, day in zip(issue, due, strict=True)]
    for at, day in enumerate(due):
        if not numbers[at] and not external[at] and ids[at] is None:
            batch.refuse(at, _("This line has neither an invoice number nor an external id."))
        elif day < issued_for[at]:
            batch.refuse(at, _("The due date cannot be before the issue date."))
        elif paid[at] is not None and paid_on[at] is None:
            batch.refuse(at, _("An amount paid needs the day on which it was paid."))
        elif paid_on[at] is not None and issued_for[at] > today:
            batch.refuse(at, _("An invoice that will be issued in the future cannot be paid already."))
    batch.columns |= {
        "issued_for": issued_for,
        "effective_on": [effective(day) for day in due],
        "paid_sum": [
            None if day is None else amount if given is None else given
            for day, given, amount in zip(paid_on, paid, amounts, strict=True)
        ],
    }


def prepare(reading: Reading) -> Callable[[date], date]:
    """due day -> the business day on which paying is still in time; each day asked once."""
    known: dict[date, date] = {}
    calendar = calendar_of(reading.account)

    def effective(day: date) -> date:
        found = known.get(day)
        if found is None:
            found = known[day] = dates.effective_due(day, calendar)
        return found

    return effective
