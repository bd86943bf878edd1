"""Validates one sum that is split over several invoices. Never saves."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from carteira.billing.forms import MAX_NOTE, MoneyForm, amount_field, day_field, typed
from carteira.billing.models import Invoice, Payment
from carteira.billing.split import MOST, Part, distribute
from carteira.billing.why import offer
from carteira.core import people
from carteira.core.money import parse_amount
from carteira.core.ui.formats import money


class SplitForm(MoneyForm):
    """How much came in, and how much of it goes to which of the open invoices. The parts must come to the sum."""

    amount = amount_field(gettext_lazy("Amount received"))
    paid_on = day_field(gettext_lazy("Paid on"))
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=Payment.Method.choices)
    note = forms.CharField(label=gettext_lazy("Note"), required=False)

    def __init__(self, *args: Any, invoices: Sequence[Invoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paid_on"].widget.attrs["max"] = self.today.isoformat()
        self.invoices = invoices[: MOST - 1]
        for invoice in self.invoices:
            label = offer(invoice, self.today, self.account.currency)
            self.fields[_name(invoice)] = self._part(label)
        self.fields["rest"] = self._part(_("New one-off invoice, paid by this"))

    def _part(self, label: str) -> forms.CharField:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"})
        return forms.CharField(label=label, required=False, widget=widget)

    def suggest(self, amount: int) -> None:
        """Spread a sum: the oldest invoice first, what is left over on a new one-off invoice."""
        gets, rest = distribute(amount, self.invoices)
        for invoice, part in zip(self.invoices, gets, strict=True):
            self.initial[_name(invoice)] = typed(part, self.account.currency) if part else ""
        self.initial["rest"] = typed(rest, self.account.currency) if rest else ""

    @property
    def lines(self) -> list[forms.BoundField]:
        return [*(self[_name(invoice)] for invoice in self.invoices), self["rest"]]

    def clean_paid_on(self) -> date:
        return self._past_day("paid_on")

    def clean_note(self) -> str:
        return people.clean_text(self.cleaned_data["note"], limit=MAX_NOTE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names: list[tuple[str, UUID | None]] = [(_name(invoice), invoice.pk) for invoice in self.invoices]
        parts: list[Part] = []
        for name, invoice in [*names, ("rest", None)]:
            part = self._read(name, cleaned.get(name, ""))
            if part > 0:
                parts.append((invoice, part))
        cleaned["parts"] = parts
        if self.errors or "amount" not in cleaned:
            return cleaned
        given = sum(part for _invoice, part in parts)
        if given != cleaned["amount"]:
            self.add_error(None, self._difference(cleaned["amount"], given))
        return cleaned

    def _read(self, name: str, text: str) -> int:
        if not text.strip():
            return 0
        try:
            part = parse_amount(text, currency=self.account.currency, language=get_language() or "")
        except forms.ValidationError as error:
            self.add_error(name, error)
            return 0
        if part < 0:
            self.add_error(name, _("The amount must be above zero."))
        return part

    def _difference(self, amount: int, given: int) -> str:
        currency = self.account.currency
        facts = {"given": money(given, currency), "amount": money(amount, currency)}
        if given < amount:
            facts["left"] = money(amount - given, currency)
            return _("The parts come to %(given)s: %(left)s of %(amount)s still have no place.") % facts
        facts["over"] = money(given - amount, currency)
        return _("The parts come to %(given)s: %(over)s more than the %(amount)s received.") % facts


def _name(invoice: Invoice) -> str:
    return f"part_{invoice.pk.hex}"


def told(count: int, amount: str) -> str:
    """What the toast says."""
    text = ngettext(
        "Payment of %(amount)s recorded for %(count)s invoice.",
        "Payment of %(amount)s recorded for %(count)s invoices.",
        count,
    )
    return text % {"amount": amount, "count": count}
