"""core.walls.insert writes what save would, behind the same walls."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from carteira.accounts.models import Holiday
from carteira.core.events.models import Event
from carteira.core.walls import NoAccountScope, WrongAccount, scope
from carteira.core.walls.insert import insert
from conftest import NOW

COLUMNS = [field.attname for field in Event._meta.concrete_fields if field.attname != "id"]


def test_the_same_row_as_save(cast):
    """Defaults, JSON and the account as save writes them; the id is the database's, or the row's own."""
    own = uuid4()
    with scope(cast.aurora.pk):
        rows = [Event(kind="a.b", by=cast.ana, at=NOW, what={"n": [1, "é"]}, **more) for more in ({}, {}, {"id": own})]
        rows[0].save(force_insert=True)
        insert(rows[1])
        insert(rows[2])
        saved, *inserted = [Event.objects.get(pk=row.pk) for row in rows]
        for other in inserted:
            assert [getattr(other, name) for name in COLUMNS] == [getattr(saved, name) for name in COLUMNS]
        assert rows[2].pk == own
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(Event(kind="a.b", at=NOW, id=own))


def test_behind_both_walls(cast):
    """No scope, no row; another account's row is refused in the code."""
    with pytest.raises(NoAccountScope):
        insert(Holiday(on=date(2026, 1, 1), name="x"))
    with scope(cast.aurora.pk), pytest.raises(WrongAccount):
        insert(Holiday(on=date(2026, 1, 1), name="x", account=cast.boreal))
