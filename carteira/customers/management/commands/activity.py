"""carteira activity --account SLUG: how many customers stand in each state on a day."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from carteira.accounts.models import ActivityRule
from carteira.core import dates
from carteira.core.management.base import CarteiraCommand
from carteira.core.walls import scope
from carteira.customers.activity import counts
from carteira.customers.lifecycle import FutureDay, Rule, view_of

MOST_DAYS = 3650


def iso_day(text: str) -> date:
    """A day as 2026-06-30, for argparse."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ArgumentTypeError(_("“%(text)s” is not a day written like 2026-06-30.") % {"text": text[:40]})


def day_count(text: str) -> int:
    """A number of days from 1 to MOST_DAYS, for argparse."""
    if re.fullmatch(r"\d{1,4}", text, re.ASCII) and 1 <= int(text) <= MOST_DAYS:
        return int(text)
    raise ArgumentTypeError(_("“%(text)s” is not a number of days from 1 to 3650.") % {"text": text[:40]})


class Command(CarteiraCommand):
    help = "Tells how many customers are leads, active, inactive, delinquent and archived, today or on a past day."
    takes_account = "required"
    takes_json = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", type=iso_day, help="the end of a past day (default: today)")
        parser.add_argument("--rule", choices=ActivityRule.values, help="which rule (default: the business's own)")
        parser.add_argument("--days", metavar="N", type=day_count, help="how many days a payment keeps active")

    def handle(self, *args: Any, **options: Any) -> None:
        account = self.account_of(options)
        own = Rule.of(account)
        rule = Rule(options["rule"] or own.kind, options["days"] or own.days)
        try:
            view = view_of(account, now=dates.now(), day=options["as_of"], rule=rule)
        except FutureDay:
            self.refuse(_("That day has not come yet."))
        with scope(account.pk):
            found = counts(view).as_dict()
        if options["json"]:
            self.say_json({"as_of": view.day, "rule": rule.kind, "days": rule.days, **found})
            return
        for name, number in found.items():
            self.stdout.write(f"{name:12}{number:>12,}")
