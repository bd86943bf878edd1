"""carteira merge --account SLUG --keep CODE --merge CODE…: as the page "Merge" does."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from carteira.core import dates, people
from carteira.core.management.base import CarteiraCommand
from carteira.core.walls import scope
from carteira.customers.fields.models import Field
from carteira.customers.find_one import by_code
from carteira.customers.merge.merge import merge_many
from carteira.customers.merge.values import CHOICES, MERGED
from carteira.customers.models import Customer


class Command(CarteiraCommand):
    help = "Merges customers into one; everything they have becomes the kept one's. carteira unmerge takes it back."
    takes_account = "required"
    takes_json = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--keep", metavar="CODE", required=True, help="who stays: the code, or #number")
        parser.add_argument("--merge", metavar="CODE", nargs="+", required=True, help="who becomes part of that one")
        parser.add_argument(
            "--take",
            metavar="FIELD",
            nargs="+",
            default=[],
            choices=list(CHOICES),
            help=f"fields of which the merged one's value wins: {', '.join(CHOICES)}",
        )
        parser.add_argument(
            "--take-own", metavar="LABEL", nargs="+", default=[], help="own fields of which the merged one's value wins"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        account = self.account_of(options)
        with scope(account.pk):
            kept = by_code(options["keep"])
            found = [by_code(code, merged=False) for code in options["merge"]]
            others = list({one.pk: one for one in found}.values())
            numbers = [one.number for one in others]
            own = dict.fromkeys(map(self._own_field, options["take_own"]), MERGED)
            merge_many(kept, others, chosen=options["take"], own=own, by=None, now=dates.now())
            kept = Customer.objects.get(pk=kept.pk)
        for number in numbers:
            self.stdout.write(
                _("Customer %(number)s is part of %(name)s (%(kept)s) now.")
                % {"number": number, "name": kept.name, "kept": kept.number}
            )
        if options["json"]:
            self.say_json({"kept": kept.number, "merged": numbers})

    def _own_field(self, label: str) -> str:
        found = Field.objects.filter(label_sort=people.name_sort(label)[:80], removed_at=None).first()
        if found is None:
            self.refuse(_("There is no own field “%(label)s”.") % {"label": label[:80]})
        return found.name
