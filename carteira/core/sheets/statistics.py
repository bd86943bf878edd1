"""Telling the planner what a large import has changed, without waiting for autovacuum."""

import logging
from collections.abc import Sequence

from django.db import OperationalError, transaction

from carteira.core.sheets.staging import execute

logger = logging.getLogger(__name__)

# Rows written below which autovacuum is soon enough.
ENOUGH = 1000


def renew_statistics(tables: Sequence[str]) -> None:
    """ANALYZE tables of ours, in a transaction of its own after the import's. Gives up quietly when somebody else is
    at it (two analyses of one table exclude each other): the import is done all the same."""
    try:
        with transaction.atomic():
            execute("SET LOCAL lock_timeout = '2s'")
            execute("SELECT core_analyze(%(tables)s::regclass[])", {"tables": list(tables)})
    except OperationalError:
        logger.info("Statistics were not renewed", exc_info=True)
