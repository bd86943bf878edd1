"""Who came and went: an event for each. Which groups somebody is in may tell much about a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy
from psycopg.types.json import Jsonb

from carteira.core.database.arrays import array
from carteira.core.events import kinds
from carteira.core.events.record_selected import record_selected
from carteira.groups.models import Group

ENTERED = kinds.register("group.entered", gettext_lazy("Joined the group “{group}”: its rule fits now."))
LEFT = kinds.register("group.left", gettext_lazy("Left the group “{group}”: its rule no longer fits."))


def tell(kind: str, moved: Sequence[tuple[UUID | None, UUID]], names: Sequence[str], *, now: datetime) -> None:
    """A group and a customer each."""
    record_selected(
        kind,
        """SELECT w.id AS customer_id, w.group_id AS subject_id, '{}'::jsonb AS what, w.said AS personal
        FROM unnest(%(groups)s::uuid[], %(ids)s::uuid[], %(said)s::jsonb[]) AS w(group_id, id, said)""",
        {
            "groups": array(group for group, _id in moved),
            "ids": array(id for _group, id in moved),
            "said": [Jsonb({"group": name}) for name in names],
        },
        by=None,
        now=now,
        personal=True,
    )


def tell_many(kind: str, group: Group, ids: str, *, by: Any, now: datetime) -> None:
    """One event for each of some customers (as core.database.arrays writes them). Which groups somebody is in may tell much about a person."""
    record_selected(
        kind,
        """SELECT w.id AS customer_id, %(group)s::uuid AS subject_id,
            '{}'::jsonb AS what, jsonb_build_object('group', %(name)s::text) AS personal
        FROM unnest(%(ids)s::uuid[]) AS w(id)""",
        {"ids": ids, "group": group.pk, "name": group.name},
        by=by,
        now=now,
        personal=True,
    )
