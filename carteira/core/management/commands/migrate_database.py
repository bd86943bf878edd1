from typing import Any, ClassVar

from django.utils.translation import gettext as _

from carteira.core.management.base import CarteiraCommand
from carteira.core.processes.migrations import bring_up_to_date


class Command(CarteiraCommand):
    help = "bring the database's tables up to date as its owner (serve does it by itself)"
    requires_system_checks: ClassVar[list[str]] = []

    def handle(self, **options: Any) -> None:
        if not bring_up_to_date(self.stdout.write):
            self.stdout.write(_("The database is up to date."))
