"""Validates a customer: column by column (screens, API and sheets alike), and as a form of a screen. Never saves."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from carteira.accounts.models import Account, Membership
from carteira.core import dates, people
from carteira.core.countries import clean_territory
from carteira.customers.models import Customer

Cleaner = Callable[[Any], Any]

# What a person writes; "document" is stored in two columns, its kind and its value.
WRITTEN = ("name", "kind", "document", "email", "phone", "city", "state", "code", "registered_on")
MAX_CODE = 80
MAX_NOTE = 5_000
# The year before which nobody who buys today was born, nor most companies founded.
OLDEST = 1850


def cleaners(account: Account, *, now: datetime, language: str = "", country: str = "") -> dict[str, Cleaner]:
    """A validator for each written column: raw value in, stored value out (a document as (kind, value)).

    Each raises ValidationError with a sentence. Made once for many rows. `language` says how dates are written,
    `country` (ISO 3166, else the account's) whose states and postal codes an address has.
    """
    today = account.today(now)
    country = country or account.country
    read_day = partial(dates.parse_date, language=language or account.language, zone=account.time_zone)

    def past_day(value: Any) -> date:
        day: date = read_day(value)
        if day > today:
            raise ValidationError(_("This day is in the future."), code="date_future")
        return day

    def birth(value: Any) -> date:
        day = past_day(value)
        if day.year < OLDEST:
            raise ValidationError(_("Nobody is that old. Write the year with four digits."), code="birth_too_early")
        return day

    return {
        "name": people.clean_name,
        "kind": _kind,
        "document": partial(_document, country=account.country),
        "email": people.clean_email,
        "phone": partial(people.clean_phone, country=account.country),
        "city": people.clean_city,
        "state": partial(_state, country=country),
        "code": partial(people.clean_text, limit=MAX_CODE),
        "registered_on": past_day,
        "birth_on": birth,
        "source": partial(people.clean_text, limit=80),
        "owner": partial(_owner, account=account),
        "country": clean_territory,
        "postal_code": partial(people.clean_postal_code, country=country),
        "street": partial(people.clean_text, limit=200),
        "street_number": partial(people.clean_text, limit=20),
        "complement": partial(people.clean_text, limit=100),
        "district": partial(people.clean_text, limit=100),
        # of contacts, further e-mails, phones and addresses
        "label": partial(people.clean_text, limit=40),
        "role": partial(people.clean_text, limit=80),
        "text": clean_lines,
    }


def clean_fields(
    given: Mapping[str, Any], account: Account, *, now: datetime, language: str = "", country: str = ""
) -> tuple[dict[str, Any], dict[str, ValidationError]]:
    """(cleaned, errors) of the columns present in `given`; columns it does not name are left alone.

    Blank means empty (for `registered_on`: absent), but a name, where given, must not be blank. `cleaned` is what
    customers.register.register and customers.edit.edit take.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, ValidationError] = {}
    for column, clean in cleaners(account, now=now, language=language, country=country).items():
        if column not in given:
            continue
        value = given[column]
        if column != "name" and (value is None or (isinstance(value, str) and not value.strip())):
            cleaned |= _blank(column)
            continue
        try:
            stored = clean(value)
        except ValidationError as error:
            errors[column] = error
            continue
        if column == "document":
            cleaned["document_kind"], cleaned["document"] = stored
        else:
            cleaned[column] = stored
    return cleaned, errors


def _blank(column: str) -> dict[str, Any]:
    if column == "registered_on":
        return {}
    if column == "document":
        return {"document_kind": "", "document": ""}
    if column in {"birth_on", "owner"}:
        return {column: None}
    return {column: Customer.Kind.PERSON.value if column == "kind" else ""}


def _kind(value: Any) -> str:
    if value not in Customer.Kind.values:
        raise ValidationError(_("Write person or company."), code="kind_unknown")
    return str(value)


def clean_lines(value: Any) -> str:
    """A note: several lines, blanks and empty lines around them taken away. Codes text_too_long, text_invalid."""
    text = "\n".join(line.rstrip() for line in str(value).replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()
    if len(text) > MAX_NOTE:
        raise ValidationError(
            _("This text is too long: at most %(limit)s characters."), code="text_too_long", params={"limit": MAX_NOTE}
        )
    if any((char < " " and char not in "\n\t") or 0xD800 <= ord(char) < 0xE000 for char in text):
        raise ValidationError(_("There are characters in it that are no text."), code="text_invalid")
    return text


def _owner(value: Any, *, account: Account) -> Any:
    """A member of the business, by the person's id."""
    try:
        # Memberships stand outside the walls: this filter is what keeps other businesses' people out.
        member = Membership.objects.filter(account=account, user_id=UUID(str(value))).select_related("user").first()
    except ValueError:
        member = None
    if member is None:
        raise ValidationError(_("Choose somebody of this business."), code="owner_unknown")
    return member.user


def _document(value: Any, *, country: str) -> tuple[str, str]:
    kind, document = people.clean_document(value, country)
    return kind, _fitting("document", document)


def _state(value: Any, *, country: str) -> str:
    return _fitting("state", people.clean_state(value, country))


def _fitting(column: str, text: str) -> str:
    limit = Customer._meta.get_field(column).max_length or 0
    if len(text) > limit:
        raise ValidationError(
            _("This text is too long: at most %(limit)s characters."), code="text_too_long", params={"limit": limit}
        )
    return text


def code_holder(code: str, *, but: Customer | None = None) -> Customer | None:
    """Who has this code already; the database refuses a second one, this says it in time and by name."""
    others = Customer.objects.filter(code=code).only("id", "name", "number")
    if but is not None:
        others = others.exclude(pk=but.pk)
    return others.first() if code else None


def code_taken(holder: Customer | None) -> ValidationError:
    if holder is None:
        return ValidationError(_("Another customer has this code."), code="code_taken")
    return ValidationError(
        _("%(name)s (customer %(number)s) has this code already."),
        code="code_taken",
        params={"name": holder.name, "number": holder.number},
    )


class CustomerForm(forms.Form):
    """The screen's form. Everything is text on the way in, so that what was written survives a refusal as written."""

    name = forms.CharField(label=gettext_lazy("Name"), required=True)
    kind = forms.ChoiceField(
        label=gettext_lazy("Person or company"), choices=Customer.Kind.choices, widget=forms.RadioSelect
    )
    document = forms.CharField(label=gettext_lazy("Document"), required=False)
    email = forms.CharField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), required=False)
    city = forms.CharField(label=gettext_lazy("City"), required=False)
    state = forms.CharField(label=gettext_lazy("State or province"), required=False)
    code = forms.CharField(
        label=gettext_lazy("Code"),
        required=False,
        help_text=gettext_lazy("Your own number for this customer, such as an enrolment. Each code only once."),
    )
    registered_on = forms.CharField(
        label=gettext_lazy("Registered on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(
        self, *args: Any, account: Account, now: datetime, customer: Customer | None = None, **kwargs: Any
    ) -> None:
        self.account, self.now, self.customer = account, now, customer
        kwargs["initial"] = {**self._written(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        if account.country == "BR":
            self.fields["document"].label = "CPF / CNPJ"
            states = [("", "–"), *((code, f"{name} ({code})") for code, name in people.STATES.items())]
            self.fields["state"] = forms.CharField(
                label=_("State (UF)"), required=False, widget=forms.Select(choices=states)
            )
        for name, attributes in _ATTRIBUTES.items():
            self.fields[name].widget.attrs |= attributes
        self.fields["registered_on"].widget.attrs["max"] = account.today(now).isoformat()

    def _written(self) -> dict[str, Any]:
        """The values as a person would write them."""
        customer = self.customer
        if customer is None:
            return {"kind": Customer.Kind.PERSON.value, "registered_on": self.account.today(self.now).isoformat()}
        return {
            **{column: getattr(customer, column) for column in WRITTEN},
            "document": people.format_document(customer.document_kind, customer.document),
            "phone": people.format_phone(customer.phone, self.account.country) if customer.phone else "",
            "registered_on": customer.registered_on.isoformat(),
        }

    def clean(self) -> dict[str, Any]:
        given = {column: self.data.get(column, "") for column in WRITTEN}
        for column in tuple(self.errors):
            # One place decides: the required name and the choice are said by clean_fields as well.
            del self.errors[column]
        cleaned, errors = clean_fields(given, self.account, now=self.now, language=get_language() or "")
        for column, error in errors.items():
            self.add_error(column, error)
        if cleaned.get("document_kind") == "cnpj":
            # Only companies have one, as sheets take it too.
            cleaned["kind"] = Customer.Kind.COMPANY.value
        if cleaned.get("code") and (holder := code_holder(cleaned["code"], but=self.customer)):
            self.add_error("code", code_taken(holder))
        return cleaned


# How browsers and phones help with writing. Lengths are not cut off silently: a sentence tells what is too long.
_ATTRIBUTES: dict[str, dict[str, Any]] = {
    "name": {"autocomplete": "off", "autofocus": True},
    "document": {"autocomplete": "off", "spellcheck": "false"},
    "email": {"inputmode": "email", "autocomplete": "off", "spellcheck": "false"},
    "phone": {"inputmode": "tel", "autocomplete": "off"},
    "city": {"autocomplete": "off"},
    "code": {"autocomplete": "off", "spellcheck": "false"},
}
