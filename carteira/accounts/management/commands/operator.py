"""carteira operator: who runs this installation and may see kept mails and the kit; never an account's data."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from carteira.accounts.models import User
from carteira.accounts.profile import make_operator
from carteira.core.management.base import CarteiraCommand


class Command(CarteiraCommand):
    help = "Let somebody with a login see what only the operator sees (/_mail); --remove takes it back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address they sign in with")
        parser.add_argument("--remove", action="store_true", help="take it back")

    def handle(self, *args: Any, email: str, remove: bool, **options: Any) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            self.refuse(_("Nobody signs in with %(email)s.") % {"email": email})
        make_operator(user, is_operator=not remove)
        text = _("%(email)s is no operator any more.") if remove else _("%(email)s is an operator now.")
        self.stdout.write(text % {"email": user.email})
