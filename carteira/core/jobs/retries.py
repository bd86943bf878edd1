"""What happens to a job that did not finish: again at once, again later, or never."""

from typing import Any

from django.db import InterfaceError, OperationalError
from procrastinate import BaseRetryStrategy, RetryDecision

# Pauses before the 1st, 2nd, … repetition, in seconds; the last one stands for all further ones.
PAUSES = (3, 10, 60, 300, 1800, 7200)
# A job cut off this often (its worker killed, the database gone) is taken for what kills them, and parked.
MOST_INTERRUPTIONS = 50

# Connection lost; server shutting down, crashed or starting; backend terminated; ended so that a deadlock ends.
_CUT_OFF = ("08", "57P01", "57P02", "57P03", "40P01")


class Interrupted(Exception):
    """A long job stops at a safe point because its worker is going down; another worker goes on with it."""


class Pauses(BaseRetryStrategy):
    """Growing pauses after failures, `retries` times; to be interrupted is not the job's fault."""

    def __init__(self, retries: int) -> None:
        self.retries = retries

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
        if is_interruption(exception):
            return RetryDecision(retry_in={"seconds": 1}) if job.attempts < MOST_INTERRUPTIONS else None
        if job.attempts >= self.retries:
            return None
        return RetryDecision(retry_in={"seconds": PAUSES[min(job.attempts, len(PAUSES) - 1)]})


def is_interruption(error: BaseException) -> bool:
    """Whether the job was cut off rather than failed: asked to stop, its database connection was lost, or it gave way."""
    if isinstance(error, Interrupted | InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    # Without a state the server never answered: no connection could be made, or it broke in the middle.
    return state is None or state.startswith(_CUT_OFF)
