"""Sessions in the database, each with whose it is; asked for only by keys that could be ours: a cookie may hold
anything, even a NUL."""

import re
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from carteira.core import dates

_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> Any:
        # Late: Django loads this module before the models.
        from carteira.accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        session = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        session.created_at = session.seen_at = dates.now()  # kept only by a new row (models.Session)
        return session

    def prime(self, stored: str) -> None:
        """Take what somebody else read from the database for this key, unless it was read already."""
        if not hasattr(self, "_session_cache"):
            self._session_cache = self.decode(stored)

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None
