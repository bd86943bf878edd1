"""carteira unarchive --account SLUG --code CODE: as the button on the card does."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.management.base import CarteiraCommand
from carteira.core.walls import scope
from carteira.customers.archive import unarchive
from carteira.customers.find_one import by_code
from carteira.customers.management.commands.activity import iso_day


class Command(CarteiraCommand):
    help = "Brings an archived customer back, today or as of a past day."
    takes_account = "required"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--code", required=True, help="the customer's code, or #number")
        parser.add_argument("--on", metavar="DATE", type=iso_day, help="as of this day (default: today)")
        parser.add_argument("--note", default="", help="why, in your words")

    def handle(self, *args: Any, **options: Any) -> None:
        account = self.account_of(options)
        with scope(account.pk):
            customer = unarchive(
                by_code(options["code"]), by=None, now=dates.now(), on=options["on"], note=options["note"][:500]
            )
        self.stdout.write(_("%(name)s is back.") % {"name": customer.name})
