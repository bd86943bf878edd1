"""What is left of a closed business: nothing, and a protocol that says so.

Three steps, each of them done once however often it is begun: rows, files, proof.
"""

import shutil
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from carteira.accounts.copy_all import walled_models
from carteira.accounts.models import Account, Closure
from carteira.core.files.models import folder_of
from carteira.core.walls import scope


class NotGone(RuntimeError):
    """Something of a deleted business is still there: an error of programming."""


def due(now: datetime) -> list[UUID]:
    """Closures whose time has come and that are not proven yet."""
    rows = Closure.objects.filter(canceled_at=None, proven_at=None, due_at__lte=now)
    return list(rows.values_list("pk", flat=True))


def erase(closure_id: UUID, *, now: datetime) -> Closure | None:
    """Delete, prove, write the protocol. None where it was canceled or its time has not come. Raises NotGone."""
    closure = _delete_rows(closure_id, now)
    if closure is None:
        return None
    shutil.rmtree(folder_of(closure.account_id), ignore_errors=True)
    return _prove(closure, now)


def _delete_rows(closure_id: UUID, now: datetime) -> Closure | None:
    """All rows in one transaction: whoever looks sees the whole business or nothing of it."""
    with transaction.atomic():
        closure = Closure.objects.select_for_update().filter(pk=closure_id, canceled_at=None).first()
        if closure is None or closure.due_at > now:
            return None
        if closure.deleted_at is not None:
            return closure
        account = Account.objects.select_for_update().filter(pk=closure.account_id).first()
        if account is None or account.closes_at is None or account.closes_at > now:
            return None
        deleted = {}
        with connection.cursor() as cursor:
            for model in walled_models():
                # The serving role may delete neither payments nor events; the owner lends it this one act, for a
                # business whose time has come (migration 0010).
                cursor.execute("SELECT accounts_erase_rows(%s, %s)", [model._meta.db_table, account.pk])
                deleted[model._meta.label] = cursor.fetchone()[0]
        account.memberships.all().delete()
        account.old_slugs.all().delete()
        Account.objects.filter(pk=account.pk)._raw_delete("default")
        closure.deleted, closure.deleted_at = deleted, now
        closure.save(update_fields=["deleted", "deleted_at"])
        return closure


def _prove(closure: Closure, now: datetime) -> Closure:
    """Count every table and look for the files; only what is zero and gone is called so."""
    if closure.proven_at is not None:
        return closure
    with scope(closure.account_id):
        left = {model._meta.label: model._default_manager.count() for model in walled_models()}
    folder = folder_of(closure.account_id)
    if any(left.values()) or folder.exists() or Account.objects.filter(pk=closure.account_id).exists():
        raise NotGone(f"Closure {closure.pk}: {sum(left.values())} rows are left, files: {folder.exists()}.")
    closure.left, closure.proven_at = left, now
    closure.save(update_fields=["left", "proven_at"])
    return closure


def protocol_sent(closure: Closure, *, now: datetime) -> None:
    closure.mailed_at = now
    closure.save(update_fields=["mailed_at"])
