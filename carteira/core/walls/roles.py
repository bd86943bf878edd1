"""Which of the two database roles a connection uses: the one that serves, or the one that migrates."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_KEYS = ("HOST", "PORT", "USER", "PASSWORD")


def is_owner(connection: Any) -> bool:
    return connection.settings_dict.get("ROLE") == "owner"


@contextmanager
def as_owner(connection: Any) -> Iterator[None]:
    """Let one connection work as the owner role (migrations, tests' clean-up), then as before.

    Reconnects, so it cannot be used inside a transaction.
    """
    if is_owner(connection):
        yield
        return
    if settings.DATABASE_OWNER is None:
        raise ImproperlyConfigured("This needs the database's owner: set DATABASE_OWNER_URL.")
    before = dict(connection.settings_dict)
    _reconnect(connection)
    connection.settings_dict.update({key: settings.DATABASE_OWNER[key] for key in _KEYS}, ROLE="owner")
    try:
        yield
    finally:
        _reconnect(connection)
        connection.settings_dict.update({key: before[key] for key in _KEYS}, ROLE=before.get("ROLE"))


def _reconnect(connection: Any) -> None:
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
