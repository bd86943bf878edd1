"""Taking a whole import back: some customers at a time, each piece in a transaction of its own.

Killed at any moment, every piece is done or not, the import's row says how far it is (`undo`), and whoever goes on goes on
there. What somebody changed since, or what other things hang on, is left as it is and told (SheetLeftover).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds as event_kinds
from carteira.core.events.record import record as record_event
from carteira.core.sheets import jobs
from carteira.core.sheets.engine import one_at_a_time
from carteira.core.sheets.models import SheetImport, SheetLeftover
from carteira.core.sheets.registry import Undo, kinds
from carteira.core.sheets.staging import scalar, table
from carteira.core.walls import scope
from carteira.core.walls.scope import require_account_id

UNDONE = event_kinds.register(
    "import.undone",
    gettext_lazy("An import was taken back: {removed} removed, {restored} put back, {reversed} reversed, {left} left."),
)
# A temporary table: customer_id.
BATCH = "sheet_batch"
_PIECE = 2_000
COUNTS = ("removed", "restored", "reversed", "left")


class CannotUndo(ValueError):
    """Refused; the text is a sentence for the user."""


@dataclass
class TakingBack:
    """What a kind may ask while it takes one piece back."""

    account: Any
    record: SheetImport
    by: Any
    now: datetime
    left: int = 0

    @property
    def parameters(self) -> dict[str, Any]:
        """For SQL: the account, the import's id as its events have it, and the moment that names its rows."""
        return {
            "account": require_account_id(),
            "import": str(self.record.pk),
            "applied_at": self.record.applied_at,
            "now": self.now,
        }

    def leave(self, rows: Iterable[tuple[UUID, str, str]]) -> None:
        """Tell what stays as it is: (customer, reason, what)."""
        told = [
            SheetLeftover(sheet_import=self.record, customer_id=customer, reason=reason, what=what[:200])
            for customer, reason, what in rows
        ]
        SheetLeftover.objects.bulk_create(told, batch_size=1_000)
        self.left += len(told)


def undo_of(record: SheetImport) -> Undo | None:
    kind = kinds.get(record.kind)
    return kind.undo if kind is not None and record.undo_state != "no" else None


def start_undo(record: SheetImport, *, by: Any, now: datetime) -> SheetImport:
    """Enqueue the taking back of an import, in the open scope. Again while it runs: one more job, which finds its work
    done. Raises CannotUndo."""
    with transaction.atomic():
        record = SheetImport.objects.select_for_update().get(pk=record.pk)
        undo = undo_of(record)
        if undo is None:
            raise CannotUndo(_("This import wrote nothing that could be taken back."))
        if record.undone_at is not None:
            raise CannotUndo(_("This import has been taken back already."))
        if record.undo_started_at is None:
            record.undo_started_at, record.undo_by = now, by
            record.undo = {"total": _total(undo, record), "done": 0, **dict.fromkeys(COUNTS, 0)}
        record.undo_noted_at = now
        record.save(update_fields=["undo_started_at", "undo_noted_at", "undo_by", "undo"])
        jobs.start_undo(record)
        return record


def undo_some(account: Any, import_id: UUID, *, now: datetime) -> bool:
    """Take the next piece back, in a transaction of its own; whether there may be more. No scope may be open."""
    with scope(account.pk):
        # Before the row: an import holds the account's lock while it asks for other imports.
        one_at_a_time(account.pk)
        record = (
            SheetImport.objects.select_related("undo_by").select_for_update(of=("self",)).filter(pk=import_id).first()
        )
        if record is None or record.undo_started_at is None or record.undone_at is not None:
            return False
        kind = kinds.get(record.kind)
        assert kind is not None and kind.undo is not None  # noqa: PT018
        with translation.override(record.language):
            return _piece(account, kind.undo, record, now)


def _piece(account: Any, undo: Undo, record: SheetImport, now: datetime) -> bool:
    count = _next_customers(undo, record)
    if not count:
        record.undone_at = now
        what = {name: record.undo.get(name, 0) for name in COUNTS}
        record_event(UNDONE, by=record.undo_by, now=now, what={**what, "kind": record.kind, "import": str(record.pk)})
        record.save(update_fields=["undone_at"])
        return False
    taking = TakingBack(account, record, record.undo_by, now)
    told = undo.take_back(taking)
    counts = {name: record.undo.get(name, 0) + told.get(name, 0) for name in COUNTS}
    counts["left"] += taking.left
    last = scalar(f"SELECT max(customer_id::text) FROM {BATCH}")
    record.undo = {**record.undo, **counts, "done": record.undo.get("done", 0) + count, "after": last}
    record.undo_noted_at = now
    record.save(update_fields=["undo", "undo_noted_at"])
    return True


_TOUCHED = """SELECT DISTINCT customer_id FROM core_event
    WHERE account_id = %(account)s AND kind = ANY(%(kinds)s) AND what ->> 'import' = %(import)s
        AND customer_id IS NOT NULL"""


def _total(undo: Undo, record: SheetImport) -> int:
    return int(scalar(f"SELECT count(*) FROM ({_TOUCHED}) t", _named(undo, record)))


def _next_customers(undo: Undo, record: SheetImport) -> int:
    """The next customers in the order of their ids into BATCH; how many."""
    after = record.undo.get("after") or str(UUID(int=0))
    return table(
        BATCH,
        f"{_TOUCHED} AND customer_id > %(after)s::uuid ORDER BY customer_id LIMIT {_PIECE}",
        {**_named(undo, record), "after": after},
    )


def _named(undo: Undo, record: SheetImport) -> dict[str, Any]:
    return {"account": require_account_id(), "kinds": list(undo.events), "import": str(record.pk)}
