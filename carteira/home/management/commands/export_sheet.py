"""carteira export_sheet customers|payments|invoices FILE --account SLUG: CSV or XLSX by the file's ending."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.management.base import CarteiraCommand
from carteira.core.sheets.exports.registry import Asking, export_kinds
from carteira.core.sheets.exports.run import write_file
from carteira.core.sheets.exports.writers import FORMATS
from carteira.core.walls import scope


class Command(CarteiraCommand):
    help = "Exports customers, payments or invoices to a CSV or XLSX file."
    takes_account = "required"
    takes_json = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=export_kinds.names(), help="what the lines of the file are")
        parser.add_argument("file", metavar="FILE", type=Path, help="a new file, .csv or .xlsx")
        parser.add_argument(
            "--filter",
            metavar="name=value",
            action="append",
            default=[],
            help="which ones. Names: "
            + "; ".join(
                f"{kind.name}: " + ", ".join(f"{n} ({word})" for n, word in kind.filters) for kind in export_kinds
            ),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        path = options["file"].expanduser().absolute()
        format = path.suffix.lower().removeprefix(".")
        if format not in FORMATS:
            self.wrong_usage(_("The file's name must end in .csv or .xlsx."))
        filter = self._filter(options["filter"])
        account, now = self.account_of(options), dates.now()
        if path.exists():
            self.refuse(_("There is a file “%(name)s” already.") % {"name": path})
        if not path.parent.is_dir():
            self.refuse(_("There is no folder “%(name)s”.") % {"name": path.parent})
        kind = export_kinds.get(options["kind"])
        assert kind is not None
        # The file speaks the account's language, as imports read it.
        with translation.override(account.language):
            with scope(account.pk):
                understood = kind.understand(filter, account, now)
            try:
                rows = write_file(kind, Asking(account, account.language, now, understood), format, path)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        report = {"rows": rows, "file": str(path), "seconds": round(time.monotonic() - began, 3)}
        if options["json"]:
            self.say_json(report)
        else:
            for name, value in report.items():
                self.stdout.write(f"{name:>12}  {value}")

    def _filter(self, pairs: list[str]) -> dict[str, str]:
        for pair in pairs:
            if "=" not in pair:
                self.wrong_usage(_("“%(pair)s” is no filter: write name=value.") % {"pair": pair})
        return dict(pair.split("=", 1) for pair in pairs)
