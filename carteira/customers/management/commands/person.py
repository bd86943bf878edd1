"""carteira person export|anonymise --account SLUG --code CODE: as the buttons under "Personal data" do."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.management.base import CarteiraCommand
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.find_one import by_code
from carteira.customers.person_export import export_to


class Command(CarteiraCommand):
    help = "Makes a copy of one person's data, or anonymises the person for good."
    takes_account = "required"
    takes_json = True
    refusals = (FileExistsError,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["export", "anonymise"], help="export: a ZIP; anonymise: cannot be undone")
        parser.add_argument("--code", required=True, help="the customer's code, or #number")
        parser.add_argument("--out", metavar="FILE", help="where the ZIP goes (default: customer-NUMBER.zip here)")

    def handle(self, *args: Any, **options: Any) -> None:
        account = self.account_of(options)
        if options["act"] == "anonymise" and options["out"]:
            self.wrong_usage(_("--out is for export only."))
        with scope(account.pk):
            customer = by_code(options["code"])
            if options["act"] == "export":
                path = Path(options["out"] or f"customer-{customer.number}.zip")
                if path.exists():
                    self.refuse(_("%(path)s is there already.") % {"path": path})
                request = export_to(path, customer, by=None, now=dates.now())
                self.stdout.write(
                    _("Copy of the data in %(path)s, protocol %(protocol)s.")
                    % {"path": path, "protocol": request.protocol}
                )
            else:
                request = anonymise(customer, by=None, now=dates.now())
                self._tell_proof(request)
        if options["json"]:
            self.say_json({"protocol": request.protocol, "customer": customer.number, **request.result})

    def _tell_proof(self, request: Any) -> None:
        searched = request.result["searched"]
        self.stdout.write(
            _("Anonymised, protocol %(protocol)s. Searched: %(rows)s rows of %(tables)s tables, %(files)s files.")
            % {"protocol": request.protocol, **{key: searched[key] for key in ("rows", "tables", "files")}}
        )
        if searched["left"]:
            places = ", ".join(f"{name}: {count}" for name, count in searched["left"].items())
            self.stdout.write(_("Still found, in records that belong to nobody: %(places)s") % {"places": places})
        else:
            self.stdout.write(_("Nothing of this person is left."))
