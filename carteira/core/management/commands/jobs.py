from typing import Any

from django.core.management.base import CommandParser
from django.db import connection
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from carteira.core import dates
from carteira.core.management.base import CarteiraCommand

_COUNTS = """
SELECT queue_name,
    count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),
    count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()),
    count(*) FILTER (WHERE status = 'doing'),
    count(*) FILTER (WHERE status = 'failed')
FROM procrastinate_jobs GROUP BY queue_name ORDER BY queue_name
"""
_FAILED = """
SELECT id, task_name, args->>'account_id', attempts FROM procrastinate_jobs WHERE status = 'failed' ORDER BY id
"""


class Command(CarteiraCommand):
    help = "how many background jobs wait, and which have failed; --retry: try failed ones again"
    takes_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--retry", metavar="ID|all", help="try a failed job again")
        group.add_argument("--forget", metavar="ID|all", help="give a failed job up")

    def handle(self, *, retry: str | None, forget: str | None, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_FAILED)
            failed = cursor.fetchall()
            if retry or forget:
                return self._each(retry or forget or "", [row[0] for row in failed], retry=bool(retry))
            cursor.execute(_COUNTS)
            queues = cursor.fetchall()
        names = ("queue", "waiting", "postponed", "running", "failed")
        if options["json"]:
            self.say_json(
                {
                    "queues": [dict(zip(names, row, strict=True)) for row in queues],
                    "failed": [dict(zip(("id", "job", "account", "attempts"), row, strict=True)) for row in failed],
                }
            )
            return None
        self.stdout.write("".join(f"{name:<12}" for name in names))
        for row in queues:
            self.stdout.write("".join(f"{value!s:<12}" for value in row))
        for job_id, name, account, attempts in failed:
            self.stdout.write(f"failed: {job_id} {name} account={account or '-'} attempts={attempts}")
        return None

    def _each(self, which: str, failed: list[int], *, retry: bool) -> None:
        chosen = failed if which == "all" else [number for number in failed if str(number) == which]
        if not chosen and which != "all":
            self.refuse(_("There is no failed job %(id)s.") % {"id": which})
        for number in chosen:
            try:
                if retry:
                    app.job_manager.retry_job_by_id(number, retry_at=dates.now())
                else:
                    with connection.cursor() as cursor:
                        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s AND status = 'failed'", [number])
            except ConnectorException:  # its like waits already
                self.stdout.write(_("Job %(id)s is left: another like it waits already.") % {"id": number})
        said = _("%(count)s jobs are tried again.") if retry else _("%(count)s jobs are forgotten.")
        self.stdout.write(said % {"count": len(chosen)})
