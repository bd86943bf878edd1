"""A group by hand of those who are in a group by rule now: it stays as it is, whatever happens to them."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.core.database.statistics import renew_after_commit
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.walls.scope import require_account_id
from carteira.groups import refresh
from carteira.groups.make import make_group
from carteira.groups.models import Group

TAKEN = kinds.register("group.snapshot", gettext_lazy("Group “{group}” made of the members of “{of}”."))


def snapshot(group: Group, account: Account, *, name: str, by: Any, now: datetime) -> Group:
    """A new group by hand with all members of this one, the archived too. Raises NameTaken,
    TooManyGroups."""
    with transaction.atomic():
        taken = make_group(account, name=name, colour=group.colour, by=by, now=now)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO groups_pin (account_id, group_id, customer_id, inside, by_id, at)
                SELECT account_id, %(new)s, customer_id, TRUE, %(by)s, %(now)s FROM groups_member
                WHERE account_id = %(account)s AND group_id = %(old)s""",
                {"account": require_account_id(), "new": taken.pk, "old": group.pk, "by": by and by.pk, "now": now},
            )
            renew_after_commit("groups_pin", rows=cursor.rowcount)
        record(TAKEN, by=by, now=now, subject_id=taken.pk, personal={"group": name, "of": group.name})
        refresh.rebuild([taken.pk], now=now, silent=True)
        taken.refresh_from_db()
        return taken
