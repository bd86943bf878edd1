"""carteira create_account: open a business for somebody, and print the link that sets a new owner's password."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carteira.accounts.links import absolute, password_link
from carteira.accounts.models import User
from carteira.accounts.open_account import open_account
from carteira.accounts.slugs import validate_slug
from carteira.core import countries, dates, people
from carteira.core.management.base import CarteiraCommand, sentence_of
from carteira.core.urls import account_url


class Command(CarteiraCommand):
    help = "Open a business. Prints a link, good for one use, with which a new owner sets the password."
    takes_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="first part of its addresses: /SLUG/customers/")
        parser.add_argument("--name", required=True, help="what the business is called")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="who owns it; a new person if unknown")
        parser.add_argument("--country", default="BR", help=f"one of {', '.join(countries.COUNTRIES)} (default BR)")
        parser.add_argument("--time-zone", default="", help="for example America/Manaus (default: the country's)")
        parser.add_argument("--currency", default="", help="for example BRL (default: the country's)")
        parser.add_argument("--language", default="", help="pt-br, es or en (default: the country's)")

    def handle(self, *args: Any, **options: Any) -> None:
        values = self._checked(options)
        email = values.pop("owner")
        with transaction.atomic():
            user = User.objects.filter(email=email).first()
            new = user is None
            if user is None:
                user = User.objects.create_user(email)
            elif not user.is_active:
                self.refuse(_("The login %(email)s was switched off.") % {"email": email})
            account = open_account(owner=user, by=None, now=dates.now(), **values)
            # Whoever never set a password has no way in yet: a second business renews the link.
            link = password_link(user) if new or not user.has_usable_password() else ""
        address = absolute(account_url(account.slug, "start"))
        facts = {"name": account.name, "address": address, "email": email}
        self.stdout.write(_("%(name)s is open at %(address)s. Owner: %(email)s.") % facts)
        if link:
            days = settings.PASSWORD_RESET_TIMEOUT // 86_400
            self.stdout.write(
                ngettext(
                    "%(email)s sets the password here; the link works once, within %(days)s day:",
                    "%(email)s sets the password here; the link works once, within %(days)s days:",
                    days,
                )
                % {"email": email, "days": days}
            )
            self.stdout.write(link)
        else:
            self.stdout.write(_("%(email)s signs in here already, with the password they have.") % facts)
        if options["json"]:
            self.say_json(
                {
                    "account": account.slug,
                    "address": address,
                    "owner": email,
                    "new_owner": new,
                    "link": link or None,
                }
            )

    def _checked(self, options: dict[str, Any]) -> dict[str, str]:
        """The arguments as open_account takes them. One that cannot be meant is wrong usage (exit status 2)."""
        cleaners = {
            "slug": validate_slug,
            "name": people.clean_name,
            "owner": people.clean_email,
            "country": countries.clean_country,
            "time_zone": countries.clean_zone,
            "currency": countries.clean_currency,
            "language": countries.clean_language,
        }
        values = {}
        for name, clean in cleaners.items():
            value = options[name]
            if not value and name in ("time_zone", "currency", "language"):
                continue
            try:
                values[name] = clean(value)
            except ValidationError as error:
                self.wrong_usage(f"{'SLUG' if name == 'slug' else '--' + name.replace('_', '-')}: {sentence_of(error)}")
        return values
