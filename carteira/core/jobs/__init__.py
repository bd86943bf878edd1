"""Background work: jobs live in PostgreSQL (Procrastinate), are enqueued inside the transaction, carry their account."""

from carteira.core.jobs.job import Job, defer, job

__all__ = ["Job", "defer", "job"]
