"""Forms about members: whom to invite, what somebody may do, how an invited person comes in. They never save."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from carteira.accounts.forms import PASSWORD_HELP, CleanedField, name_field
from carteira.accounts.models import Account, Membership, User
from carteira.accounts.rights_check import rights_given_by, roles_given_by
from carteira.accounts.roles import FIXED, Right, Role, rights_of
from carteira.core import people


def role_choices(account: Account, by: User) -> list[tuple[str, Any]]:
    return [(role, Role(role).label) for role in roles_given_by(account, by)]


class InviteForm(forms.Form):
    email = CleanedField(
        people.clean_email,
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, data: Any, *, account: Account, by: User) -> None:
        super().__init__(data)
        self.fields["role"].choices = role_choices(account, by)  # type: ignore[attr-defined]
        self.fields["role"].initial = Role.SALES


class MemberForm(forms.Form):
    """A role, and for each right: as the role says, allowed, or denied. Rights the reader lacks stay as they are."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, data: Any, *, member: Membership, by: User) -> None:
        super().__init__(data)
        self.member = member
        choices = role_choices(member.account, by)
        if member.role not in dict(choices):
            choices = [(member.role, member.get_role_display()), *choices]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
        self.fields["role"].initial = member.role
        own = rights_given_by(member.account, by)
        for right in Right:
            if right not in FIXED:
                self.fields[right.name] = forms.ChoiceField(
                    label=right.label,
                    choices=[("role", _("As the role says")), ("allow", _("Allowed")), ("deny", _("Not allowed"))],
                    initial=_set(member, right),
                    disabled=right not in own,
                )

    def rights(self) -> list[dict[str, Any]]:
        """The rights' fields with what the present role says, for the table."""
        usual = rights_of(self.member.role)
        return [
            {"field": self[right.name], "usual": right in usual, "now": right in self.member.rights}
            for right in Right
            if right not in FIXED
        ]

    def chosen(self) -> dict[str, Any]:
        """What change_member needs of this form."""
        answers = {right: self.cleaned_data.get(right.name) for right in Right if right not in FIXED}
        return {
            "role": self.cleaned_data["role"],
            "allowed": [right for right, answer in answers.items() if answer == "allow"],
            "denied": [right for right, answer in answers.items() if answer == "deny"],
        }


def _set(member: Membership, right: Right) -> str:
    return "allow" if right in member.allowed else "deny" if right in member.denied else "role"


class JoinForm(forms.Form):
    """An invited person who signs in nowhere yet. The address is the invitation's."""

    name = name_field(_("Your name"), widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}))
    password = forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_HELP,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any, *, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if password := values.get("password"):
            user = User(email=self.email, name=values.get("name", ""))
            try:
                password_validation.validate_password(password, user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values
