"""Changing the type of a field that says something of many: a job that reads the values outside any transaction, tells how
far it is, and writes them in one. Killed at any moment it has written everything or nothing, and begins anew."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.core.jobs import defer
from carteira.core.jobs.running import safe_point
from carteira.core.sheets.staging import copy_in, execute, scalar
from carteira.core.walls import scope
from carteira.customers.fields import jobs
from carteira.customers.fields.becoming import goal_of
from carteira.customers.fields.convert import BECOMES, CannotDefine, change_kind, converted, said_by_all
from carteira.customers.fields.models import RUNNING, Field, FieldChange, FieldValue, Kind
from carteira.customers.fields.values import Reading

# So few values are converted while the person waits.
AT_ONCE = 500
_WAS = "own_was"
_PIECE = 2_000


def begin(own: Field, kind: str, *, account: Any, by: Any, now: datetime) -> FieldChange | None:
    """Change the type: at once where few have something there (None), else in a job. Raises CannotDefine."""
    with transaction.atomic():
        own = Field.objects.select_for_update().get(pk=own.pk)
        if FieldChange.objects.filter(RUNNING, field=own).exists():
            raise CannotDefine(_("This field is becoming another type already: wait for its end."), "kind")
        if (
            kind not in Kind.values
            or len(FieldValue.objects.filter(field=own).values_list("id")[: AT_ONCE + 1]) <= AT_ONCE
        ):
            change_kind(own, kind, account=account, by=by, now=now)
            return None
        change = FieldChange.objects.create(
            field=own,
            before=own.kind,
            kind=kind,
            language=get_language() or account.language,
            by=by,
            created_at=now,
            total=FieldValue.objects.filter(field=own).values("customer_id").distinct().count(),
        )
        defer(jobs.change_kind, own.account_id, change_id=str(change.pk))
        return change


def last_change(own: Field) -> FieldChange | None:
    return FieldChange.objects.filter(field=own).order_by("-id").first()


def run(account: Any, change_id: UUID, *, now: datetime) -> None:
    """Do it; one that is finished is left alone. No scope may be open."""
    with scope(account.pk):
        change = FieldChange.objects.select_related("field", "by").filter(pk=change_id).first()
        if change is None or change.finished_at is not None:
            return
        own = change.field
        _take(own)
    try:
        with scope(account.pk):
            goal = goal_of(own, change.kind)
        with translation.override(account.language):
            reading = Reading(account, now)
            for done, some in _pieces():
                safe_point()
                copy_in(BECOMES, ["customer_id", "was", "rows"], converted(own, goal, some, reading))
                _note(account, change, done)
        execute(f"ANALYZE {BECOMES}")
        with scope(account.pk):
            change = FieldChange.objects.select_for_update(of=("self",)).select_related("field", "by").get(pk=change.pk)
            if change.finished_at is not None:  # a job given to two workers: the other one was quicker
                return
            outcome = change_kind(change.field, change.kind, account=account, by=change.by, now=now, ready=own)
            change.fits, change.stays, change.done = outcome.fits, outcome.stays, change.total
            change.finished_at = now
            change.save(update_fields=["fits", "stays", "done", "finished_at"])
    finally:
        if not connection.needs_rollback and connection.connection and connection.is_usable():
            execute(f"DROP TABLE IF EXISTS pg_temp.{_WAS}, pg_temp.{BECOMES}")


def _take(own: Field) -> None:
    """What is said now into a table of this session, numbered: reading it then holds nothing open."""
    sql, parameters = said_by_all(own)
    execute(f"DROP TABLE IF EXISTS pg_temp.{_WAS}, pg_temp.{BECOMES}")
    execute(f"CREATE TEMPORARY TABLE {_WAS} AS SELECT row_number() OVER () AS nth, q.* FROM ({sql}) q", parameters)
    execute(f"CREATE INDEX ON {_WAS} (nth)")
    execute(f"CREATE TEMPORARY TABLE {BECOMES} (customer_id uuid, was jsonb, rows jsonb)")


def _pieces() -> Iterator[tuple[int, list[Any]]]:
    """(how many are read then, (customer, rows) of some)."""
    total = int(scalar(f"SELECT count(*) FROM {_WAS}"))
    for first in range(0, total, _PIECE):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT customer_id, rows FROM {_WAS} WHERE nth > %s AND nth <= %s", [first, first + _PIECE]
            )
            yield min(first + _PIECE, total), cursor.fetchall()


def _note(account: Any, change: FieldChange, done: int) -> None:
    """Write down how far it is, in a transaction of its own."""
    with scope(account.pk):
        FieldChange.objects.filter(pk=change.pk, finished_at=None).update(done=done)
