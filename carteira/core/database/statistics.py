"""Telling the planner what an import or a change of many has filled, without waiting for autovacuum."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction

logger = logging.getLogger(__name__)

# Rows written below which autovacuum is soon enough.
ENOUGH = 1000

# Never analyzed, or half as large again as it was then: autovacuum looks after smaller changes.
_OUTGROWN = """
SELECT oid FROM pg_class WHERE oid = ANY(%(tables)s::regclass[]) AND (
    reltuples < 0 OR pg_relation_size(oid) > relpages::bigint * current_setting('block_size')::bigint * 3 / 2)
"""


def renew_statistics(tables: Sequence[str]) -> None:
    """ANALYZE those tables of ours that have become much larger, in a transaction of its own after the one that filled
    them. Gives up quietly when somebody else is at it (two analyses of one table exclude each other): what was written
    is written all the same."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute(f"SELECT core_analyze(array(({_OUTGROWN}))::regclass[])", {"tables": list(tables)})
    except OperationalError:
        logger.info("Statistics were not renewed", exc_info=True)


@dataclass(frozen=True)
class _Renewal:
    """Equal for the same tables, so that a transaction that fills them again and again asks once."""

    tables: tuple[str, ...]

    def __call__(self) -> None:
        renew_statistics(self.tables)


def renew_after_commit(*tables: str, rows: int) -> None:
    """The same once the open transaction has committed, where it wrote many rows."""
    hook = _Renewal(tables)
    if rows >= ENOUGH and not any(known == hook for _savepoints, known, *_ in connection.run_on_commit):
        transaction.on_commit(hook)
