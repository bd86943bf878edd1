"""Examples of the room's jobs, for tests/test_every_job.py."""

from typing import Any

EXAMPLES: dict[str, Any] = {"accounts.jobs.recompute_calendar": lambda account: {}}
