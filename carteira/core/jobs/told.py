"""Work that somebody asked for and waits to see: what goes wrong with it is told on its row, in their language.

Trouble with the database, or a worker that goes down, is tried again by the queue. Anything else is our mistake, which
trying again would only repeat: left unsaid, the row would say "being done" for ever and stand in the way of the next.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import override

from carteira.core import dates
from carteira.core.jobs.retries import Interrupted
from carteira.core.jobs.running import describe
from carteira.core.walls import scope

logger = logging.getLogger(__name__)


@contextmanager
def failure_told(
    unfinished: Callable[[], QuerySet], sentence: Promise, *, account_id: UUID, language: str
) -> Iterator[None]:
    """Around the work, outside any scope. `unfinished` finds its row (with `failed_at` and `error`) unless it is done."""
    try:
        yield
    except (OperationalError, InterfaceError, Interrupted):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
        with scope(account_id), override(language):
            rows = unfinished()
            logger.error("%s failed: %s", rows.model._meta.label, describe(error))
            rows.update(failed_at=dates.now(), error=str(sentence))
