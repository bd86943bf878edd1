"""Numbers people read aloud: customer 1042, invoice 77. Per account, without gaps while nothing rolls back."""

from django.db import connection, models

from carteira.core.walls.models import Walled
from carteira.core.walls.scope import require_account_id


class Counter(Walled):
    """The last number given out under one name."""

    name = models.CharField(max_length=40)
    value = models.BigIntegerField()

    class Meta(Walled.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "name"], name="core_counter_once"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


def take_numbers(name: str, count: int = 1) -> int:
    """The first of `count` fresh numbers. Holds the counter's row until the transaction ends, so none is given twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_counter (account_id, name, value) VALUES (%s, %s, %s)"
            " ON CONFLICT (account_id, name) DO UPDATE SET value = core_counter.value + excluded.value"
            " RETURNING value",
            [require_account_id(), name, count],
        )
        return int(cursor.fetchone()[0]) - count + 1
