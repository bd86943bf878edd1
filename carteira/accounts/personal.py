"""What the accounts' tables hold about people: nothing about customers."""

from django.utils.translation import gettext_lazy as _

from carteira.core.privacy.holdings import Holding, holdings

holdings.add("accounts.Holiday", Holding(_("Holidays"), impersonal=("name",)), order=20)
# Whoever is invited works in the business; a customer's erasure does not touch them.
holdings.add("accounts.Invitation", Holding(_("Invitations"), impersonal=("email", "role")), order=21)
# A copy of everything mentions everybody: it goes when it mentions somebody who is anonymised.
holdings.add("accounts.AccountCopy", Holding(_("Copies of all data"), impersonal=("error",), files=("file",)), order=22)
