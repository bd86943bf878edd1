import os
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from carteira.core.database.errors import KeeperError
from carteira.core.management.base import CarteiraCommand

_HERE = "127.0.0.1"


class Command(CarteiraCommand):
    help = "start everything: database, web, worker; Ctrl+C stops it"
    requires_system_checks: ClassVar[list[str]] = []
    refusals = (KeeperError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with a demo business, for this machine only")
        parser.add_argument(
            "--port", type=int, default=settings.PORT, help="where it answers (default: PORT, else 8000)"
        )
        parser.add_argument(
            "--host", default=settings.HOST, help="who may reach it (default: HOST, else this machine only)"
        )

    def handle(self, *, demo: bool, host: str, port: int, **options: Any) -> None:
        from carteira.core.processes.supervisor import Supervisor

        if not 0 < port < 65536:
            self.wrong_usage(_("A port is a number from 1 to 65535."))
        if demo and host != _HERE:
            # Its password is known to everybody.
            self.say(_("The demo is for this machine only: it answers at 127.0.0.1, whatever HOST says."))
            host = _HERE
        if demo:
            # For the processes it starts: kept mails are shown there.
            os.environ["CARTEIRA_DEMO"] = "1"
            settings.DEMO = True
        Supervisor(host=host, port=port, demo=demo, say=self.say).run()

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
