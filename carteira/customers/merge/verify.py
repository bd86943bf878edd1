"""What `carteira verify` proves about merges."""

from collections.abc import Iterator

from django.db import connection

from carteira.core.walls.scope import require_account_id
from carteira.customers.merge.movers import tables


def merges() -> Iterator[str]:
    """Whoever is merged is no customer, lives on in one that is there, where whoever it was merged into does, and nothing
    still names it."""
    for number, problem in _rows(
        """SELECT m.merged_number, CASE WHEN c.id IS NOT NULL THEN 'is a customer all the same'
            ELSE 'lives on in a customer that is not there' END
        FROM customers_customermerge m
        LEFT JOIN customers_customer c ON c.account_id = m.account_id AND c.id = m.merged_id
        LEFT JOIN customers_customer s ON s.account_id = m.account_id AND s.id = m.survivor_id
        WHERE m.account_id = %(account)s AND m.undone_at IS NULL AND (c.id IS NOT NULL OR s.id IS NULL)
        ORDER BY m.merged_number"""
    ):
        yield f"customer {number}, merged, {problem}"
    for number, problem in _rows(
        """SELECT m.merged_number, 'is not found where the one it was merged into went'
        FROM customers_customermerge m
        LEFT JOIN customers_customermerge n ON n.account_id = m.account_id AND n.merged_id = m.kept_id
            AND n.undone_at IS NULL
        WHERE m.account_id = %(account)s AND m.undone_at IS NULL
            AND m.survivor_id <> coalesce(n.survivor_id, m.kept_id)
        ORDER BY m.merged_number"""
    ):
        yield f"customer {number}, merged, {problem}"
    for table in tables():
        for number, count in _rows(
            f"""SELECT m.merged_number, count(*) FROM customers_customermerge m
            JOIN {table.sql} t ON t.account_id = m.account_id AND t.{table.column} = m.merged_id
            WHERE m.account_id = %(account)s AND m.undone_at IS NULL GROUP BY 1 ORDER BY 1"""
        ):
            yield f"customer {number}, merged, is still named by {count} rows of {table.name}"


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"account": require_account_id()})
        return cursor.fetchall()
