"""carteira archive --account SLUG --code CODE: as the button on the card does."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.management.base import CarteiraCommand
from carteira.core.ui.formats import day
from carteira.core.walls import scope
from carteira.customers.archive import archive
from carteira.customers.find_one import by_code
from carteira.customers.management.commands.activity import iso_day
from carteira.customers.models import ArchivePeriod


class Command(CarteiraCommand):
    help = "Archives a customer, today or as of a past day."
    takes_account = "required"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--code", required=True, help="the customer's code, or #number")
        parser.add_argument("--on", metavar="DATE", type=iso_day, help="as of this day (default: today)")
        parser.add_argument(
            "--reason", choices=ArchivePeriod.Reason.values, default="", help="instead of the one its history gives"
        )
        parser.add_argument("--note", default="", help="why, in your words")

    def handle(self, *args: Any, **options: Any) -> None:
        account = self.account_of(options)
        with scope(account.pk):
            customer = archive(
                by_code(options["code"]),
                by=None,
                now=dates.now(),
                on=options["on"],
                reason=options["reason"],
                note=options["note"][:500],
            )
        told = {"name": customer.name, "day": day(customer.archived_on)}
        self.stdout.write(_("%(name)s is archived as of %(day)s.") % told)
