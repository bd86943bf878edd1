from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.database.backup import BackupFailed, backup
from carteira.core.database.errors import KeeperError
from carteira.core.management.base import CarteiraCommand


class Command(CarteiraCommand):
    help = "write database and uploads to one file, while everything runs; done means proven"
    takes_json = True
    requires_system_checks: ClassVar[list[str]] = []
    refusals = (BackupFailed, KeeperError)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="replaced once the new one is whole")

    def handle(self, *, file: Path, **options: Any) -> None:
        summary = backup(file, now=dates.now())
        if options["json"]:
            self.say_json(asdict(summary))
        else:
            said = _("Backed up %(rows)s rows of %(tables)s tables and %(files)s files (%(bytes)s bytes) to %(to)s.")
            self.stdout.write(said % {**asdict(summary), "to": file})
