"""Background work: jobs are enqueued inside the fact's transaction and carry their account. See README.md."""

from carteira.core.jobs.job import Job, all_jobs, defer, job
from carteira.core.jobs.retries import Interrupted
from carteira.core.jobs.running import safe_point

__all__ = ["Interrupted", "Job", "all_jobs", "defer", "job", "safe_point"]
