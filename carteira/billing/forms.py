"""Validates what a person writes about money: payments, invoices, reversals. Never saves.

Everything is text on the way in, so that what was written survives a refusal as written.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.billing import data_form
from carteira.billing.models import Invoice, Payment
from carteira.core import dates, people
from carteira.core.form_keys import new_key
from carteira.core.money import Money, parse_amount
from carteira.core.ui.formats import reader_locale

MAX_NOTE = 500
MAX_DESCRIPTION = 300
NEW = "new"


def typed(minor: int, currency: str) -> str:
    """An amount as the reader would type it: 1.234,56."""
    return Money(minor, currency).format_plain(reader_locale())


class MoneyForm(forms.Form):
    """What these forms share: the account's currency and day, the reader's way to write them, the key of the form."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:
        self.account, self.now, self.today = account, now, account.today(now)
        kwargs["initial"] = {"key": new_key(now), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean_amount(self) -> int:
        minor = parse_amount(self.cleaned_data["amount"], currency=self.account.currency, language=get_language() or "")
        if minor <= 0:
            raise ValidationError(_("The amount must be above zero."), code="amount_not_positive")
        return minor

    def renew_key(self) -> None:
        """Make a refused form another one: sent again, it is booked."""
        self.data = self.data.copy()
        self.data[self.add_prefix("key")] = str(new_key(self.now))

    def _day(self, name: str) -> date:
        return dates.parse_date(self.cleaned_data[name], language=get_language() or "")

    def _past_day(self, name: str) -> date:
        day = self._day(name)
        if day > self.today:
            raise ValidationError(_("This day is in the future."), code="date_future")
        return day


def amount_field(label: Any = None) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "autofocus": True})
    return forms.CharField(label=label or gettext_lazy("Amount"), widget=widget)


def day_field(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}))


class PaymentForm(MoneyForm):
    """A payment recorded by hand. `invoice` cleans to an id, or to None for a new one-off invoice paid by it."""

    invoice = forms.CharField(label=gettext_lazy("For"), required=False, widget=forms.Select)
    amount = amount_field()
    paid_on = day_field(gettext_lazy("Paid on"))
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=Payment.Method.choices)
    note = forms.CharField(label=gettext_lazy("Note"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paid_on"].widget.attrs["max"] = self.today.isoformat()

    def offer(self, choices: list[tuple[str, str]]) -> None:
        """Show these invoices; which of them may be paid is the verb's to say."""
        self.fields["invoice"].widget.choices = choices  # type: ignore[attr-defined]

    def clean_invoice(self) -> UUID | None:
        chosen = self.cleaned_data["invoice"]
        if chosen in (NEW, ""):
            return None
        try:
            return UUID(chosen)
        except ValueError:
            raise ValidationError(_("Choose what was paid."), code="invoice_unknown") from None

    def clean_paid_on(self) -> date:
        return self._past_day("paid_on")

    def clean_note(self) -> str:
        return people.clean_text(self.cleaned_data["note"], limit=MAX_NOTE)


class InvoiceForm(MoneyForm):
    """A one-off invoice (S2-23). `missing`: what the chosen method asks for and nobody knows yet (S2-16 to S2-18)."""

    amount = amount_field()
    due_on = day_field(gettext_lazy("Due on"))
    issue_on = day_field(gettext_lazy("Issue date"), required=False)
    description = forms.CharField(label=gettext_lazy("Description"), required=False)
    method = forms.ChoiceField(label=gettext_lazy("To be paid by"), required=False)

    def __init__(self, *args: Any, missing: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing = missing
        data_form.add_fields(self, missing, self.account)
        choices = [("", _("Not decided yet")), *Payment.Method.choices]
        self.fields["method"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("issue_on", self.today.isoformat())
        self.fields["issue_on"].help_text = _("On a later day it waits as scheduled and gets its number then.")

    def clean_due_on(self) -> date:
        return self._day("due_on")

    def clean_issue_on(self) -> date:
        return self._day("issue_on") if self.cleaned_data["issue_on"].strip() else self.today

    def clean_description(self) -> str:
        return people.clean_text(self.cleaned_data["description"], limit=MAX_DESCRIPTION)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        due_on, issue_on = cleaned.get("due_on"), cleaned.get("issue_on")
        if due_on and issue_on and due_on < issue_on:
            self.add_error("due_on", _("The due date cannot be before the issue date."))
        self.data_found = data_form.clean_data(self, self.missing, self.account, self.now)
        return {name: value for name, value in cleaned.items() if not name.startswith(data_form.PREFIX)}

    @property
    def data_fields(self) -> list[forms.BoundField]:
        return [self[data_form.PREFIX + column] for column in self.missing]


class ReversalForm(MoneyForm):
    """Why and how much of a payment goes back."""

    MISTAKE, OWED, REFUND = "mistake", "owed", "refund"

    kind = forms.ChoiceField(label=gettext_lazy("What happened"), widget=forms.RadioSelect)
    amount = amount_field()
    on = day_field(gettext_lazy("On"))
    note = forms.CharField(label=gettext_lazy("Note"), required=False)

    def __init__(self, *args: Any, payment: Payment, left: int, born_together: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment, self.left = payment, left
        self.whole = left == payment.amount
        self.initial.setdefault("amount", typed(left, self.account.currency))
        self.initial.setdefault("on", self.today.isoformat())
        self.initial.setdefault("kind", self.OWED)
        self.fields["on"].widget.attrs |= {
            "min": payment.paid_on.isoformat(),
            "max": self.today.isoformat(),
        }
        mistake = (
            _("Recorded by mistake: all of it, as of its own day; its one-off invoice is canceled")
            if born_together
            else _("Recorded by mistake: all of it, as of its own day")
        )
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (self.OWED, _("Charged back or bounced: the invoice is owed again")),
            (self.REFUND, _("Refunded: the invoice stays paid")),
            *([(self.MISTAKE, mistake)] if self.whole else []),
        ]

    def clean_on(self) -> date:
        return self._past_day("on")

    def clean_note(self) -> str:
        return people.clean_text(self.cleaned_data["note"], limit=MAX_NOTE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        mistake = cleaned.get("kind") == self.MISTAKE
        if mistake and cleaned.get("amount", self.left) != self.left:
            message = _("A mistake is undone as a whole: take all of it back, then record the right amount.")
            self.add_error("amount", message)
        return cleaned


class CancelForm(forms.Form):
    """Why an invoice is canceled; one that is only scheduled needs no reason."""

    reason = forms.CharField(label=gettext_lazy("Reason"))

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = invoice.issued_on is not None

    def clean_reason(self) -> str:
        return people.clean_text(self.cleaned_data["reason"], limit=MAX_NOTE)
