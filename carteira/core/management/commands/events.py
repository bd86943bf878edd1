from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.events.drain import unpark
from carteira.core.events.kinds import Kind, all_kinds
from carteira.core.events.wake import drain_soon
from carteira.core.management.base import CarteiraCommand
from carteira.core.walls import scope


class Command(CarteiraCommand):
    help = "list what can happen and what follows from it; --retry: try parked reactions again"
    takes_account = "optional"
    takes_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--retry", action="store_true", help="try reactions again that were parked after many failures"
        )

    def handle(self, *, retry: bool, **options: Any) -> None:
        if retry:
            self._retry(options)
        elif options["account"]:
            self.wrong_usage(_("--account goes with --retry: what can happen is the same everywhere."))
        elif options["json"]:
            self.say_json({"kinds": [_as_data(kind) for kind in all_kinds()]})
        else:
            for kind in all_kinds():
                self.stdout.write(f"{kind.name}: {kind.sentence}")
                for reaction in kind.reactions:
                    self.stdout.write(f"    {reaction.name}: {reaction.does}")

    def _retry(self, options: Any) -> None:
        account = self.account_of(options)
        now, count = dates.now(), 0
        accounts = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.order_by("slug")
        for one in [account] if account is not None else accounts:
            with scope(one.pk):
                unparked = unpark(now)
            if unparked:
                drain_soon(one.pk)
            count += unparked
        if options["json"]:
            self.say_json({"retried": count})
        else:
            self.stdout.write(_("%(count)s parked reactions are tried again.") % {"count": count})


def _as_data(kind: Kind) -> dict[str, Any]:
    reactions = [{"name": reaction.name, "does": reaction.does} for reaction in kind.reactions]
    return {"kind": kind.name, "sentence": str(kind.sentence), "reactions": reactions}
