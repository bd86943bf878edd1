"""Changing what a person is called and which language they read."""

from carteira.accounts.models import User
from carteira.core import countries, people


def change_profile(user: User, *, name: str, language: str) -> User:
    """Write both; an empty language means "as the business has it". Raises ValidationError.

    Records no event: a person belongs to no one account, and their name is nobody's business fact.
    """
    user.name = people.clean_name(name)
    user.language = countries.clean_language(language) if language else ""
    user.save(update_fields=["name", "language"])
    return user
