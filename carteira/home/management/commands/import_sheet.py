"""carteira import_sheet customers|payments|invoices FILE --account SLUG: a CSV, XLSX or ODS file, in this
process.
"""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.files.store import plain_name
from carteira.core.management.base import CarteiraCommand
from carteira.core.sheets import mapping as mappings
from carteira.core.sheets.engine import run
from carteira.core.sheets.errors import SheetError
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.reader import open_sheet
from carteira.core.sheets.registry import SheetKind, kinds
from carteira.core.walls import scope


class Command(CarteiraCommand):
    help = "Imports customers, payments or invoices from a CSV, XLSX or ODS file."
    takes_account = "required"
    takes_json = True
    refusals = (SheetError,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=kinds.names(), help="what the lines of the file are")
        parser.add_argument(
            "file",
            metavar="FILE",
            type=Path,
            help="a CSV, XLSX or ODS file; the first line names the columns",
        )
        parser.add_argument(
            "--map",
            metavar="column=field",
            action="append",
            default=[],
            help="which field a column is, where its name does not say it; an empty field leaves the column out. Fields of"
            " the account's own are called by their labels. Fields: "
            + "; ".join(f"{kind.name}: {', '.join(kind.names)}" for kind in kinds),
        )
        parser.add_argument(
            "--key",
            choices=("code", "document", "email"),
            help="what says which customer a line means (default: the first of these that is a column)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        account, now = self.account_of(options), dates.now()
        with scope(account.pk):
            kind = kinds[options["kind"]].of(account)
        said = self._said(kind, options)
        path = options["file"].expanduser().absolute()
        with open_sheet(path) as sheet:
            mapping = mappings.with_said(kind, sheet.header, mappings.guess(kind, sheet.header), said)
            key = mappings.check(kind, sheet.header, mapping, options["key"])
        with scope(account.pk):
            record = SheetImport.objects.create(
                kind=kind.name,
                file_name=plain_name(path.name),
                mapping=mapping,
                versions=mappings.versions(kind, mapping),
                key=key if key in mapping.values() else "",
                dry_run=options["dry_run"],
                language=account.language,
                created_at=now,
            )
        done = run(account, record.pk, path, by=None, now=now)
        with scope(account.pk):
            done = SheetImport.objects.select_related("errors_file").get(pk=record.pk)
            errors_file = str(done.errors_file.path) if done.errors_file else None
        report = {**done.as_dict(), "errors_file": errors_file, "seconds": round(time.monotonic() - began, 3)}
        if done.notes:
            report["notes"] = [{"line": line, "note": note} for line, note in done.notes]
        self._tell(report, {column: self._called(kind, name) for column, name in mapping.items()}, options)

    def _said(self, kind: SheetKind, options: dict[str, Any]) -> dict[str, str]:
        try:
            said = mappings.parse_pairs(options["map"])
        except mappings.CannotMap as error:
            self.wrong_usage(str(error))
        for field in said.values():
            if field and not kind.named(field):
                self.wrong_usage(
                    _("There is no field “%(field)s”. Fields: %(fields)s.")
                    % {"field": field, "fields": kind.told_names}
                )
        return said

    def _called(self, kind: SheetKind, name: str) -> str:
        field = kind.field(name)
        return str(field.label) if field.own else name

    def _tell(self, report: dict[str, Any], mapping: dict[str, str], options: dict[str, Any]) -> None:
        self.stderr.write(_("Columns: %(columns)s") % {"columns": ", ".join(f"{c} = {f}" for c, f in mapping.items())})
        if not options["json"]:
            for one in report.pop("notes", []):
                self.stderr.write(_("Line %(line)s: %(note)s") % one)
            for name, value in report.items():
                if value is not None:
                    self.stdout.write(f"{name:>12}  {value}")
        else:
            self.say_json(report)
