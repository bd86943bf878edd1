"""What a person likes to see in a business: columns of a list, how dense it is. Kept on the membership, which every
request reads anyway, so that remembering costs no query.
"""

import json
from typing import Any

from django.db import transaction

from carteira.accounts.models import Membership

MOST = 4_000  # characters of all of them: nobody's browser fills the table


def taste(membership: Membership, name: str) -> dict[str, Any]:
    """What was remembered under `name`; empty where nothing was."""
    found = _read(membership.tastes).get(name)
    return found if isinstance(found, dict) else {}


def remember(membership: Membership, name: str, value: dict[str, Any]) -> Membership:
    """Remember `value` (JSON) under `name`, or with {} forget it. It is nobody else's, so it is no event. What does not
    fit is not remembered.
    """
    with transaction.atomic():
        kept = Membership.objects.select_for_update().get(pk=membership.pk)
        tastes = {**_read(kept.tastes), name: value}
        text = json.dumps({name: value for name, value in tastes.items() if value}, separators=(",", ":"))
        if len(text) <= MOST:
            kept.tastes = text
            kept.save(update_fields=["tastes"])
        membership.tastes = kept.tastes
    return membership


def _read(text: str) -> dict[str, Any]:
    return json.loads(text) if text else {}
