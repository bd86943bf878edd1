"""carteira demo: make the demo business and tell how to sign in there."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.demo import ensure_demo
from carteira.core.management.base import CarteiraCommand


class Command(CarteiraCommand):
    help = "make an invented business with 400 customers, once; its password is known to everybody"
    takes_json = True

    def handle(self, *args: Any, **options: Any) -> None:
        demo = ensure_demo(dates.now(), say=self.stdout.write)
        self.stdout.write(_("Demo business: %(name)s") % demo)
        self.stdout.write(_("Address: %(url)s") % {"url": f"{settings.PUBLIC_URL}/{demo['slug']}/"})
        self.stdout.write(_("E-mail: %(email)s   Password: %(password)s") % demo)
        if options["json"]:
            self.say_json(demo)
