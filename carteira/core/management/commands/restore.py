from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from carteira.core.database.backup import RestoreIncomplete, RestoreRefused, restore
from carteira.core.database.errors import KeeperError
from carteira.core.database.server import use_server
from carteira.core.management.base import CarteiraCommand
from carteira.core.processes.migrations import bring_up_to_date
from carteira.core.processes.only_one import AlreadyRunning, OnlyOne


class Command(CarteiraCommand):
    help = "bring database and uploads back from a backup, all or nothing; not while serve runs"
    takes_json = True
    requires_system_checks: ClassVar[list[str]] = []
    refusals = (RestoreRefused, RestoreIncomplete, KeeperError)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="everything that is there now gives way")

    def handle(self, *, file: Path, replace: bool, **options: Any) -> None:
        alone = OnlyOne(Path(settings.CARTEIRA_HOME))
        try:
            alone.take()
        except AlreadyRunning as error:
            self.refuse(f"{error} " + _("Stop it before restoring."))
        with use_server():
            summary = restore(file, replace=replace)
            bring_up_to_date(self.stderr.write)  # it may come from an older version
        alone.let_go()
        if options["json"]:
            self.say_json(asdict(summary))
        else:
            said = _("Restored %(rows)s rows of %(tables)s tables and %(files)s files, as of %(made_at)s.")
            self.stdout.write(said % asdict(summary))
