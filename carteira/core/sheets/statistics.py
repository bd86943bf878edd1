"""Telling the planner what a large import has changed, without waiting for autovacuum."""

import logging
from collections.abc import Sequence

from django.db import OperationalError, transaction

from carteira.core.sheets.staging import execute

logger = logging.getLogger(__name__)

# Rows written below which autovacuum is soon enough.
ENOUGH = 1000

# Never analyzed, or half as large again as it was then: autovacuum looks after smaller changes.
_OUTGROWN = """
SELECT oid FROM pg_class WHERE oid = ANY(%(tables)s::regclass[]) AND (
    reltuples < 0 OR pg_relation_size(oid) > relpages::bigint * current_setting('block_size')::bigint * 3 / 2)
"""


def renew_statistics(tables: Sequence[str]) -> None:
    """ANALYZE those tables of ours that the import made much larger, in a transaction of its own after the
    import's. Gives up quietly when somebody else is
    at it (two analyses of one table exclude each other): the import is done all the same."""
    try:
        with transaction.atomic():
            execute("SET LOCAL lock_timeout = '2s'")
            execute(f"SELECT core_analyze(array(({_OUTGROWN}))::regclass[])", {"tables": list(tables)})
    except OperationalError:
        logger.info("Statistics were not renewed", exc_info=True)
