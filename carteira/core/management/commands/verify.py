from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from carteira.core.management.base import CarteiraCommand
from carteira.core.verify import Difference, verify_account, verify_installation

_SHOWN = 1000  # per account; a broken table could name a million ids


class Command(CarteiraCommand):
    help = "recompute every derived fact, check every invariant; say what differs"
    takes_account = "optional"
    takes_json = True

    def handle(self, **options: Any) -> None:
        account = self.account_of(options)
        found: list[Difference] = []
        if account is None:
            found += self._told(verify_installation())
            accounts = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.order_by("slug")
        else:
            accounts = [account]
        count = 0
        for one in accounts:
            count += 1
            found += self._told(verify_account(one))
        if options["json"]:
            self.say_json(
                {
                    "accounts": count,
                    "differences": [{"account": one.account, "check": one.check, "what": one.what} for one in found],
                }
            )
        elif not found:
            self.stdout.write(_("Verified %(count)s accounts: all is well.") % {"count": count})
        if found:
            raise SystemExit(1)

    def _told(self, differences: Iterable[Difference]) -> list[Difference]:
        found = []
        for difference in differences:
            if len(found) < _SHOWN:
                found.append(difference)
                where = difference.account or _("installation")
                self.stdout.write(f"{where}: {difference.what}")
            else:
                self.stdout.write(_("… and more of the same."))
                break
        return found
