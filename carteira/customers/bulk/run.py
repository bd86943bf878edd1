"""One part of an act after the other: each is changed and written down in one transaction, so that whoever is cut off
goes on with the next one and changes nobody twice."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from carteira.core.ui import formats
from carteira.customers.archive_many import NAME
from carteira.customers.bulk import told
from carteira.customers.bulk.models import BulkAct
from carteira.customers.bulk.verbs import Turn, verbs


def step(act_id: UUID, *, now: datetime) -> bool:
    """Do the next part, or take the next one back where the undo was asked for; whether there was one.

    In the open scope; waits for another worker at the same act.
    """
    with transaction.atomic():
        act = BulkAct.objects.select_for_update(of=("self",)).select_related("account", "by", "undo_by").get(pk=act_id)
        if not act.running:
            return False
        account = act.account
        with (
            translation.override(act.language),
            formats.place(country=account.country, time_zone=account.time_zone),
        ):
            return _do(act, now) if act.state == "running" else _undo(act, now)


def _do(act: BulkAct, now: datetime) -> bool:
    part = act.parts.filter(done_at=None).order_by("nth").first()
    if part is None:
        act.finished_at = now
        act.save(update_fields=["finished_at"])
        return False
    # The moment it was asked: every part is changed as of the same day, also past midnight.
    turn = Turn(act.account, part.customers, act.values, act.by, act.created_at, act.created_at)
    outcome = verbs[act.verb].do(turn)
    part.before, part.refused = _plain(outcome.before), told.kept(outcome.refused, outcome.guarded)
    part.done_at = now
    part.save(update_fields=["before", "refused", "done_at"])
    act.refused += len(part.refused)
    act.done += len(part.customers) - len(part.refused)
    act.save(update_fields=["refused", "done"])
    return True


def _undo(act: BulkAct, now: datetime) -> bool:
    part = act.parts.filter(undone_at=None).order_by("-nth").first()
    if part is None:
        act.undone_at = now
        act.save(update_fields=["undone_at"])
        return False
    before = {UUID(id): value for id, value in part.before.items()}
    if before:
        assert act.undo_asked_at is not None
        turn = Turn(act.account, list(before), act.values, act.undo_by, act.undo_asked_at, act.created_at)
        outcome = verbs[act.verb].undo(turn, before)
        kept = {id: outcome.refused.get(id, _changed()) for id in before if id not in outcome.before}
        part.kept = told.kept(kept, outcome.guarded)
    part.undone_at = now
    part.save(update_fields=["kept", "undone_at"])
    act.undone += len(before) - len(part.kept)
    act.kept += len(part.kept)
    act.save(update_fields=["undone", "kept"])
    return True


def _changed() -> str:
    return _("%(name)s was changed since, and is left as it is.") % {"name": NAME}


def _plain(values: dict[UUID, Any]) -> dict[str, Any]:
    return {str(id): str(value) if isinstance(value, UUID) else value for id, value in values.items()}
