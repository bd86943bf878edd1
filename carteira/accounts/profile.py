"""Changing what belongs to a person rather than to a business: name, language, password.

None of these records an event: a person belongs to no one account, so no account's history tells of it.
"""

from allauth.account.models import EmailAddress
from django.db import transaction

from carteira.accounts.models import User
from carteira.accounts.sign_out import end_others
from carteira.core import countries, people


def change_profile(user: User, *, name: str, language: str) -> User:
    """Write both; an empty language means "as the business has it". Raises ValidationError."""
    user.name = people.clean_name(name)
    user.language = countries.clean_language(language) if language else ""
    user.save(update_fields=["name", "language"])
    return user


def choose_language(user: User, language: str) -> User:
    """Raises ValidationError for a language Carteira does not speak."""
    user.language = countries.clean_language(language)
    user.save(update_fields=["language"])
    return user


def change_password(user: User, password: str, *, keep: str | None) -> User:
    """Set a checked password. Every session of this person ends, save the one with the key `keep`."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        end_others(user, keep=keep)
    return user


def confirm_address(user: User) -> None:
    """The address `user` signs in with is proven to be theirs."""
    EmailAddress.objects.filter(user=user, email=user.email).update(verified=True)


def make_operator(user: User, *, is_operator: bool) -> User:
    """Whoever runs the installation; said by command only."""
    user.is_staff = is_operator
    user.save(update_fields=["is_staff"])
    return user
