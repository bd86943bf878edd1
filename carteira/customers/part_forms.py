"""Validates what is added to a card: a further e-mail or phone, an address, a contact. Never saves."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core import people
from carteira.core.countries import territory_choices
from carteira.core.ui.inline import LongSelect
from carteira.customers.find_one import NoSuchCustomer, by_code
from carteira.customers.forms import clean_fields, cleaners
from carteira.customers.models import ContactPoint, Customer

# How many of the same name a refusal lists.
_LISTED = 5


class PartForm(forms.Form):
    """Everything is text on the way in; customers.forms validates column by column."""

    written: tuple[str, ...] = ()

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:
        self.account, self.now = account, now
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def clean(self) -> dict[str, Any]:
        given = {column: self.data.get(self.add_prefix(column), "") for column in self.written}
        cleaned, errors = clean_fields(
            given, self.account, now=self.now, language=get_language() or "", country=given.get("country", "").strip()
        )
        for column, error in errors.items():
            self.add_error(column, error)
        return cleaned


class PointForm(PartForm):
    written = ("label",)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=ContactPoint.Kind.choices)
    value = forms.CharField(label=gettext_lazy("Phone or e-mail"))
    label = forms.CharField(label=gettext_lazy("Label"), required=False)

    def clean(self) -> dict[str, Any]:
        kind, value = self.cleaned_data.get("kind"), self.cleaned_data.get("value")
        cleaned = super().clean()
        if kind and value:
            try:
                cleaned["value"] = cleaners(self.account, now=self.now)[kind](value)
            except ValidationError as error:
                self.add_error("value", error)
        return {**cleaned, "kind": kind}


class AddressForm(PartForm):
    written = ("label", "country", "postal_code", "street", "street_number", "complement", "district", "city", "state")
    label = forms.CharField(label=gettext_lazy("Label"), required=False)
    postal_code = forms.CharField(label=gettext_lazy("Postal code"), required=False)
    street = forms.CharField(label=gettext_lazy("Street"), required=False)
    street_number = forms.CharField(label=gettext_lazy("House number"), required=False)
    complement = forms.CharField(label=gettext_lazy("Complement"), required=False)
    district = forms.CharField(label=gettext_lazy("Neighbourhood"), required=False)
    city = forms.CharField(label=gettext_lazy("City"), required=False)
    state = forms.CharField(label=gettext_lazy("State or province"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False, widget=LongSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = territory_choices(get_language() or "pt-br")
        self.fields["country"].initial = self.account.country
        if self.account.country == "BR":
            self.fields["postal_code"].label = "CEP"
            self.fields["state"].label = _("State (UF)")


class NoteForm(PartForm):
    written = ("text",)
    text = forms.CharField(
        label=gettext_lazy("New note"),
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": gettext_lazy("New note")}),
    )
    important = forms.BooleanField(label=gettext_lazy("Important: pin it"), required=False)

    def clean(self) -> dict[str, Any]:
        important = self.cleaned_data.get("important", False)
        cleaned = super().clean()
        if not self.errors and not cleaned.get("text"):
            self.add_error("text", _("Write something first."))
        return {**cleaned, "important": important}


class ContactForm(PartForm):
    written = ("role", "email", "phone", "document")
    name = forms.CharField(label=gettext_lazy("Name"), required=False)
    role = forms.CharField(label=gettext_lazy("Role"), required=False)
    email = forms.CharField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False)
    document = forms.CharField(label=gettext_lazy("Document"), required=False)
    other = forms.CharField(
        label=gettext_lazy("Is a customer too"),
        required=False,
        help_text=gettext_lazy(
            "Name, code, e-mail, document or #number of that customer; then the data above come from there."
        ),
    )
    is_payer = forms.BooleanField(label=gettext_lazy("Invoices are made out to this contact"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.account.country == "BR":
            self.fields["document"].label = "CPF / CNPJ"

    def clean(self) -> dict[str, Any]:
        other, name = self.cleaned_data.get("other", ""), self.cleaned_data.get("name", "")
        pays = self.cleaned_data.get("is_payer", False)
        cleaned = super().clean()
        if other:
            try:
                cleaned = {"other": customer_called(other), "role": cleaned.get("role", "")}
            except ValidationError as error:
                self.add_error("other", error)
        else:
            try:
                cleaned["name"] = people.clean_name(name)
            except ValidationError as error:
                self.add_error("name", error)
        return {**cleaned, "is_payer": pays}


def customer_called(text: str) -> Customer:
    """The one customer with this code, #number, document, e-mail or name. Raises ValidationError: none, or several."""
    try:
        return by_code(text)
    except NoSuchCustomer:
        pass
    bare = "".join(char for char in text if char.isalnum()).upper()
    for condition in ({"email": text.lower()}, {"document": bare}, {"name_sort": people.name_sort(text)}):
        (value,) = condition.values()
        found = list(Customer.objects.filter(**condition).order_by("number")[: _LISTED + 1]) if value else []
        if len(found) == 1:
            return found[0]
        if found:
            named = ", ".join(
                f"#{customer.number}" + (f" ({customer.city})" if customer.city else "") for customer in found[:_LISTED]
            )
            raise ValidationError(
                _("Several customers are that: %(numbers)s. Write the number of one."), params={"numbers": named}
            )
    raise ValidationError(_("No customer has this name, code, e-mail or document."))
