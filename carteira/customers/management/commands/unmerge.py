"""carteira unmerge --account SLUG --code CODE: brings a merged customer back, for 30 days."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.management.base import CarteiraCommand
from carteira.core.walls import scope
from carteira.customers.merge.survivor import as_asked, latest_of
from carteira.customers.merge.take_out import take_out


class Command(CarteiraCommand):
    help = "Takes a merge back: the merged customer is there again, with all it had."
    takes_account = "required"
    takes_json = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--code", required=True, help="the merged customer's code, or #number")

    def handle(self, *args: Any, **options: Any) -> None:
        account = self.account_of(options)
        with scope(account.pk):
            merge = latest_of(options["code"])
            if merge is None:
                code = as_asked(options["code"][:80])
                self.refuse(_("No merged customer has the code “%(code)s”.") % {"code": code})
            back = take_out(merge, by=None, now=dates.now())
        self.stdout.write(
            _("%(name)s (%(number)s) is a customer of its own again.")
            % {"name": back.customer.name, "number": back.customer.number}
        )
        for sentence in back.told:
            self.stdout.write(sentence)
        if options["json"]:
            self.say_json({"customer": back.customer.number, "survivor": back.survivor.number, "left": back.told})
