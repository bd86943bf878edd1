"""A worker process with the sample jobs, on the tests' database: python -m … DATABASE GRACE."""

import os
import sys

if __name__ == "__main__":
    database, grace = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carteira.config.settings")
    import django

    django.setup()
    from django.conf import settings

    from carteira.core.database import urls

    settings.DATABASES["default"]["NAME"] = database
    # What django_settings("worker") says must be the tests' database as well.
    urls.DATABASE_NAME = database
    from carteira.core.jobs.tests import sample_jobs  # noqa: F401
    from carteira.core.jobs.worker import run_worker

    run_worker(concurrency=2, grace=float(grace))
