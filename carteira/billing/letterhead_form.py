"""Validates what a business prints on its invoices. Never saves."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.accounts.models import Account
from carteira.billing.models import Letterhead
from carteira.core import people
from carteira.core.files.images import ACCEPT

MAX_LINES = 6


class LetterheadForm(forms.Form):
    legal_name = forms.CharField(
        label=_("Legal name"), required=False, help_text=_("As registered; empty: the name of the business.")
    )
    document = forms.CharField(label=_("Document"), required=False)
    address = forms.CharField(
        label=_("Address"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Line by line, as it is printed."),
    )
    email = forms.CharField(label=_("E-mail"), required=False, widget=forms.EmailInput)
    phone = forms.CharField(label=_("Phone"), required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    note = forms.CharField(
        label=_("How to pay"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Printed at the end of every invoice, such as a Pix key or a bank account."),
    )

    def __init__(self, *args: Any, account: Account, letterhead: Letterhead, **kwargs: Any) -> None:
        self.account = account
        document = people.format_document(letterhead.document_kind, letterhead.document) if letterhead.document else ""
        phone = people.format_phone(letterhead.phone, account.country) if letterhead.phone else ""
        plain = {name: getattr(letterhead, name) for name in ("legal_name", "address", "email", "note")}
        kwargs["initial"] = {**plain, "document": document, "phone": phone}
        super().__init__(*args, **kwargs)

    def clean_legal_name(self) -> str:
        written = self.cleaned_data["legal_name"]
        return people.clean_name(written) if written.strip() else ""

    def clean_document(self) -> tuple[str, str]:
        written = self.cleaned_data["document"]
        return people.clean_document(written, self.account.country) if written.strip() else ("", "")

    def clean_address(self) -> str:
        return _lines(self.cleaned_data["address"], 400)

    def clean_email(self) -> str:
        written = self.cleaned_data["email"]
        return people.clean_email(written) if written.strip() else ""

    def clean_phone(self) -> str:
        written = self.cleaned_data["phone"]
        return people.clean_phone(written, self.account.country) if written.strip() else ""

    def clean_note(self) -> str:
        return _lines(self.cleaned_data["note"], 500)

    @property
    def changes(self) -> dict[str, str]:
        """For billing.letterhead.change_letterhead."""
        kind, document = self.cleaned_data["document"]
        return {**self.cleaned_data, "document_kind": kind, "document": document}


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG, JPEG or WebP, up to 8 MB. It is printed 6 cm wide at most."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )


def _lines(text: str, limit: int) -> str:
    lines = [people.clean_text(line, limit=limit) for line in text.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) > MAX_LINES:
        raise ValidationError(_("Write at most %(most)s lines."), params={"most": MAX_LINES}, code="too_many_lines")
    whole = "\n".join(lines)
    if len(whole) > limit:
        raise ValidationError(_("Write at most %(limit)s characters."), params={"limit": limit}, code="too_long")
    return whole
