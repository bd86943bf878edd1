"""Accounts for the ground floor's tests, which may not import the room that has them."""

from typing import Any

from django.apps import apps
from django.conf import settings


def new_account(**fields: str) -> Any:
    return apps.get_model(settings.ACCOUNT_MODEL)._default_manager.create(**fields)
