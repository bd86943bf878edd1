"""Validates the data a payment method asks for. Never saves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.billing.models import Payment
from carteira.billing.required_data import Payer, label
from carteira.customers.forms import clean_fields

PREFIX = "data_"


def add_fields(form: forms.Form, columns: Sequence[str], account: Account) -> None:
    """Ask for these columns; each may stay empty: then the invoice waits for it."""
    for column in columns:
        field = forms.CharField(label=label(column, account.country), required=False)
        if column in ("postal_code", "document", "street_number"):
            field.widget.attrs["autocomplete"] = "off"
        form.fields[PREFIX + column] = field


def clean_data(form: forms.Form, columns: Sequence[str], account: Account, now: datetime) -> dict[str, Any]:
    """The columns that were filled in, as customers' verbs take them; what is wrong stands at its field."""
    given = {column: form.cleaned_data.get(PREFIX + column, "") for column in columns}
    given = {column: text for column, text in given.items() if text.strip()}
    cleaned, errors = clean_fields(given, account, now=now, language=get_language() or "")
    for column, error in errors.items():
        form.add_error(PREFIX + column, error)
    return cleaned


class DataForm(forms.Form):
    """What is missing, alone on a page."""

    def __init__(self, *args: Any, account: Account, columns: Sequence[str], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.columns, self.now = account, columns, now
        add_fields(self, columns, account)

    def clean(self) -> dict[str, Any]:
        super().clean()
        found = clean_data(self, self.columns, self.account, self.now)
        if not found and not self.errors:
            raise ValidationError(_("Fill in at least one of them."), code="nothing_written")
        return {"data": found}


def sentence(payer: Payer, method: str, columns: Sequence[str], country: str) -> str:
    """Boleto needs CEP and street of Maria Silva."""
    labels = ", ".join(str(label(column, country)) for column in columns)
    text = ngettext(
        "%(method)s needs one more thing about %(name)s: %(labels)s.",
        "%(method)s needs more about %(name)s: %(labels)s.",
        len(columns),
    )
    return text % {"method": Payment.Method(method).label, "name": payer.name, "labels": labels}
