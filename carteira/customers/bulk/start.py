"""Beginning an act on many customers, and asking for its undo."""

from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core.jobs import defer
from carteira.core.walls.scope import require_account_id
from carteira.customers.bulk import jobs, run
from carteira.customers.bulk.models import BulkAct
from carteira.customers.bulk.verbs import verbs
from carteira.customers.selection import Selection

# Customers changed in one transaction.
PART = 5_000
# So few are done while the person waits; more are a job.
AT_ONCE = 200


class CannotStart(ValueError):
    """Refused; the text is a sentence for the user."""


def start(
    account: Account, verb: str, selection: Selection, values: dict[str, Any], *, by: Any, now: datetime
) -> BulkAct:
    """Write down who is meant at this moment, and begin: at once where they are few, else in a job.

    `values` are what the verb's form gave. Raises CannotStart when nobody is meant, or when the list asks for something
    that is not there any more: then everybody would be.
    """
    assert verb in verbs.names(), verb
    if problem := selection.problem(account, now):
        raise CannotStart(problem)
    with transaction.atomic():
        act = BulkAct.objects.create(
            verb=verb, values=values, language=get_language() or account.language, by=by, created_at=now
        )
        act.total = _write_parts(act, selection, account, now)
        if not act.total:
            raise CannotStart(_("Nobody is selected."))
        act.save(update_fields=["total"])
        _go(act, now)
    act.refresh_from_db()
    return act


def undo(act: BulkAct, *, by: Any, now: datetime) -> BulkAct:
    """Put back what nobody changed since. Raises CannotStart: still running, or undone already."""
    with transaction.atomic():
        act = BulkAct.objects.select_for_update().get(pk=act.pk)
        if act.state == "running":
            raise CannotStart(_("This is still running. Wait for its end, then undo it."))
        if act.undo_asked_at is not None:
            raise CannotStart(_("This was undone already."))
        if not act.values:
            raise CannotStart(_("What was written then has been erased, so it cannot be undone as a whole."))
        act.undo_asked_at, act.undo_by = now, by
        act.failed_at, act.error = None, ""
        act.save(update_fields=["undo_asked_at", "undo_by", "failed_at", "error"])
        _go(act, now)
    act.refresh_from_db()
    return act


def go_on(act: BulkAct, *, now: datetime) -> BulkAct:
    """With an act, or its undo, that failed on the way. Raises CannotStart: it did not fail, or somebody goes on already."""
    with transaction.atomic():
        act = BulkAct.objects.select_for_update().get(pk=act.pk)
        if act.state != "failed":
            raise CannotStart(_("This did not stop on the way: there is nothing to go on with."))
        if not act.values:
            raise CannotStart(_("What was written then has been erased, so it cannot go on."))
        act.failed_at, act.error = None, ""
        act.save(update_fields=["failed_at", "error"])
        _go(act, now)
    act.refresh_from_db()
    return act


def told(act: BulkAct, *, named: bool = False) -> str:
    """What came of it, in a sentence; `named` asks the database for the name of what it was about."""
    if act.state == "undone":
        text = ngettext("%(n)s customer put back.", "%(n)s customers put back.", act.undone)
        return text % {"n": act.undone}
    text = ngettext("%(what)s: %(n)s customer.", "%(what)s: %(n)s customers.", act.done)
    verb = verbs[act.verb]
    return text % {"what": verb.named(verb.told, act.values) if named else verb.told, "n": act.done}


def _go(act: BulkAct, now: datetime) -> None:
    if act.total > AT_ONCE:
        # One act of an account after the other: they may be about the same customers.
        defer(jobs.change_many, act.account_id, lock="customers.bulk", act_id=str(act.pk))
        return
    while run.step(act.pk, now=now):
        pass


def _write_parts(act: BulkAct, selection: Selection, account: Account, now: datetime) -> int:
    """Their ids, in parts; how many. In the database: a million ids need not come here."""
    chosen = selection.chosen(account, now).order_by()
    numbered = chosen.annotate(nth=Window(RowNumber(), order_by=F("id").asc())).values_list("id", "nth")
    try:
        sql, parameters = numbered.query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH part AS (
                INSERT INTO customers_bulkpart (account_id, act_id, nth, customers, before, refused, kept)
                SELECT %s, %s, (nth - 1) / {PART}, array_agg(id ORDER BY id), '{{}}', '{{}}', '{{}}'
                FROM ({sql}) AS chosen(id, nth) GROUP BY (nth - 1) / {PART}
                RETURNING cardinality(customers) AS many
            ) SELECT coalesce(sum(many), 0) FROM part""",
            [require_account_id(), act.pk, *parameters],
        )
        return int(cursor.fetchone()[0])
