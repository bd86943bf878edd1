"""Forms of accounts: signing in and up, opening a business, its settings, one's own profile.

They validate and never save: verbs do. The five that allauth drives (settings.ACCOUNT_FORMS) keep its logic and get
our words and fields.
"""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from carteira.accounts import language as languages
from carteira.accounts.models import Account, User
from carteira.accounts.open_account import open_account
from carteira.accounts.profile import change_profile, confirm_address
from carteira.accounts.settings import kept
from carteira.accounts.slugs import validate_slug
from carteira.core import countries, dates, people
from carteira.core.urls import root_url

PASSWORD_HELP = _("At least 10 characters. Not only digits, and nothing that everybody uses.")


class CleanedField(forms.CharField):
    """Text read by one of the ground floor's cleaners, which says itself what is wrong."""

    def __init__(self, cleaner: Callable[[str], str], **options: Any) -> None:
        super().__init__(**options)
        self.cleaner = cleaner

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return self.cleaner(text) if text else text


def name_field(label: str | Promise, **options: Any) -> CleanedField:
    return CleanedField(people.clean_name, label=label, max_length=200, **options)


# -- a business and its place


class PlaceForm(forms.Form):
    """Where a business is. The country suggests time zone, currency and language.

    `suggested_for` names the country whose suggestions the reader saw: when another one arrives (no script swapped
    the fields), the new country's suggestions count instead of answers to a question that was not asked.
    """

    country = forms.ChoiceField(label=_("Country"))
    suggested_for = forms.CharField(widget=forms.HiddenInput, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    currency = forms.ChoiceField(label=_("Currency"))
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("For members who chose none of their own."),
        choices=settings.LANGUAGES,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *args: Any, **options: Any) -> None:
        data = _with_suggestions(data) if data else data
        super().__init__(data, *args, **options)
        reader = get_language() or settings.LANGUAGE_CODE
        country = (data or {}).get("country") or self.initial.get("country") or usual_country(reader)
        if country not in countries.COUNTRIES:
            country = usual_country(reader)
        for name, value in suggestions(country).items():
            self.initial.setdefault(name, value)
        self.fields["country"].choices = countries.country_choices(reader)  # type: ignore[attr-defined]
        self.fields["country"].widget.attrs |= {
            "hx-get": root_url("account_place"),
            "hx-target": "#place",
            "hx-swap": "outerHTML",
        }
        self.fields["time_zone"].choices = countries.zone_choices(country, reader)  # type: ignore[attr-defined]
        self.fields["currency"].choices = countries.currency_choices(reader)  # type: ignore[attr-defined]

    def summary(self) -> str:
        """What is chosen, in a line: São Paulo · Real brasileiro (R$) · Português."""
        chosen = []
        for name in ("time_zone", "currency", "language"):
            value = self[name].value()
            chosen += [str(label) for key, label in self.fields[name].choices if key == value]  # type: ignore[attr-defined]
        return " · ".join(chosen)

    def place_errors(self) -> bool:
        return any(name in self.errors for name in ("time_zone", "currency", "language"))


def suggestions(country: str) -> dict[str, str]:
    usual = countries.COUNTRIES[country]
    return {
        "country": country,
        "suggested_for": country,
        "time_zone": usual.zone,
        "currency": usual.currency,
        "language": usual.language,
    }


def usual_country(reader: str) -> str:
    """The country shown first to a reader of this language."""
    return {"pt": "BR", "es": "MX", "en": "US"}.get(reader[:2], "BR")


def _with_suggestions(data: Mapping[str, Any]) -> Mapping[str, Any]:
    country = data.get("country")
    if country not in countries.COUNTRIES or data.get("suggested_for") == country:
        return data
    filled = data.copy()  # type: ignore[attr-defined]
    for name, value in suggestions(country).items():
        filled[name] = value
    return filled


class BusinessForm(PlaceForm):
    """Opening another business."""

    business = name_field(_("Name of the business"), widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    field_order = ("business", "country")

    def opening(self) -> dict[str, Any]:
        """What open_account needs of this form."""
        names = ("country", "time_zone", "currency", "language")
        return {"name": self.cleaned_data["business"], **{name: self.cleaned_data[name] for name in names}}


class SettingsForm(forms.ModelForm):
    """A business's settings. Fields a guard keeps are shown with its reason and cannot be changed."""

    name = name_field(_("Name of the business"))
    country = forms.ChoiceField(label=_("Country"), help_text=_("Decides documents, phones, addresses and holidays."))
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Decides when a day begins and ends here."))
    currency = forms.ChoiceField(label=_("Currency"))

    class Meta:
        model = Account
        fields = ("name", "country", "time_zone", "currency", "language", "activity_rule", "activity_days")
        widgets = {"activity_rule": forms.RadioSelect}
        labels = {
            "language": _("Language"),
            "activity_rule": _("A customer is active who"),
            "activity_days": _("How many days"),
        }
        help_texts = {
            "language": _("For members who chose none of their own."),
            "activity_days": _(
                "A payment counts for so many days: with 60, on the 60th day a customer is still active."
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        reader = get_language() or settings.LANGUAGE_CODE
        country = self.data.get("country", "")
        if country not in countries.COUNTRIES:
            country = self.instance.country
        zones = countries.zone_choices(country, reader)
        if country == self.instance.country and self.instance.time_zone not in dict(zones):
            zones = ((self.instance.time_zone, self.instance.time_zone), *zones)  # a zone across the border
        self.fields["country"].choices = countries.country_choices(reader)  # type: ignore[attr-defined]
        self.fields["country"].widget.attrs |= {
            "hx-get": root_url("account_zones"),
            "hx-target": "#zones",
            "hx-swap": "outerHTML",
        }
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]
        self.fields["currency"].choices = countries.currency_choices(reader)  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if reason := kept(self.instance, name):
                field.disabled, field.help_text = True, reason

    def _post_clean(self) -> None:
        """The verb writes and checks; a form that fills its instance would show refused values as if kept."""


class AddressForm(forms.Form):
    slug = CleanedField(
        lambda text: validate_slug(text.strip().lower()),
        label=_("Address"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )


class CloseForm(forms.Form):
    typed = forms.CharField(
        label=_("Address"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )


class ZoneForm(forms.Form):
    """Just the time zones of a country: what settings swap in when another one is chosen."""

    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Decides when a day begins and ends here."))

    def __init__(self, country: str) -> None:
        reader = get_language() or settings.LANGUAGE_CODE
        super().__init__(initial={"time_zone": countries.COUNTRIES[country].zone})
        self.fields["time_zone"].choices = countries.zone_choices(country, reader)  # type: ignore[attr-defined]


class HolidayForm(forms.Form):
    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    name = CleanedField(
        lambda text: people.clean_text(text, limit=100),
        label=_("What is celebrated"),
        max_length=100,
        required=False,
    )

    def clean_on(self) -> Any:
        return dates.parse_date(self.cleaned_data["on"], language=get_language() or settings.LANGUAGE_CODE)


class ProfileForm(forms.Form):
    name = name_field(_("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the business has it")), *settings.LANGUAGES], required=False
    )


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, oldpassword=_("Current password"), password1=_("New password"))
        self.fields["password1"].help_text = PASSWORD_HELP
        del self.fields["password2"]


# -- driven by allauth


class SignInForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, login=_("E-mail"), password=_("Password"))
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}


class SignUpForm(PlaceForm, allauth_forms.SignupForm):
    """One page makes a person and their business."""

    business = name_field(_("Name of the business"), widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    name = name_field(_("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = (
        "business",
        "country",
        "suggested_for",
        "time_zone",
        "currency",
        "language",
        "name",
        "email",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, email=_("E-mail"), password1=_("Password"))
        self.fields["email"].help_text = _("You sign in with it.")
        self.fields["password1"].help_text = PASSWORD_HELP

    def clean_email(self) -> str:
        self.cleaned_data["email"] = people.clean_email(self.cleaned_data["email"])
        return super().clean_email()

    def try_save(self, request: HttpRequest) -> tuple[AbstractBaseUser | None, HttpResponse | None]:
        """Makes person and business together, or answers as if it had when the address signs in here already."""
        if self.account_already_exists:
            # A new person's password is hashed: a known one's too, else the time of the answer would tell.
            User().set_password(self.cleaned_data["password1"])
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            if not User.objects.filter(email=self.cleaned_data["email"]).exists():
                raise
            # The same form was sent twice at once; the first one made the login.
            return None, HttpResponseRedirect(root_url("account_login"))

    def save(self, request: HttpRequest) -> AbstractBaseUser:
        user = super().save(request)
        change_profile(user, name=self.cleaned_data["name"], language=languages.chosen(request))
        names = ("country", "time_zone", "currency", "language")
        values = {name: self.cleaned_data[name] for name in names}
        open_account(name=self.cleaned_data["business"], owner=user, by=user, now=dates.now(), **values)
        return user


class ForgottenForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, email=_("E-mail"))


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    """Reached by a link from a mail or from the operator's terminal."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, password1=_("New password"))
        self.fields["password1"].help_text = PASSWORD_HELP
        del self.fields["password2"]

    def save(self) -> None:
        super().save()
        # Whoever holds the link reads that mailbox, or was handed it by the operator: nothing is left to confirm.
        confirm_address(self.user)


def word(form: forms.Form, **labels: str | Promise) -> None:
    """Our words for allauth's fields, without its placeholders (a label says it already)."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)
