from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection
from django.utils.translation import gettext as _

from carteira.core.database.errors import KeeperError
from carteira.core.database.guard import UnsafeAppRole, refuse_unsafe_app_role
from carteira.core.management.base import CarteiraCommand


class Command(CarteiraCommand):
    help = "do background jobs until Ctrl+C; serve has one such worker, more can be added anywhere"
    requires_system_checks: ClassVar[list[str]] = []
    refusals = (KeeperError, UnsafeAppRole)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", metavar="NAME,NAME", help="only these queues (default: all)")
        parser.add_argument(
            "--concurrency",
            type=int,
            default=settings.WORKER_THREADS,
            help="jobs at the same time (default: WORKER_THREADS, else 2)",
        )

    def handle(self, *, queues: str | None, concurrency: int, **options: Any) -> None:
        from carteira.core.jobs.worker import run_worker

        if not 0 < concurrency <= 64:
            self.wrong_usage(_("Between 1 and 64 jobs can be done at the same time."))
        with connection.cursor() as cursor:
            refuse_unsafe_app_role(cursor)
        chosen = [name.strip() for name in queues.split(",") if name.strip()] if queues else None
        self.stdout.write(_("Working. Stop it with Ctrl+C."))
        self.stdout.flush()
        run_worker(queues=chosen, concurrency=concurrency)
