"""carteira demo: make the demo business, tell how to sign in there, let days pass in it."""

import re
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.demo import ensure_demo
from carteira.core.demo_days import advance
from carteira.core.management.base import CarteiraCommand

_HOURS = {"h": 1, "d": 24, "w": 168}


class Command(CarteiraCommand):
    help = (
        "make an invented business with 400 customers, once; its password is known to everybody. "
        "With --advance, simulated time passes there (and only there), as if the clocks had ticked each hour"
    )
    takes_json = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--advance", metavar="TIME", help="how much time passes: 40d, 6w or 12h")

    def handle(self, *args: Any, **options: Any) -> None:
        hours = None if options["advance"] is None else self._hours(options["advance"])
        demo: dict[str, Any] = ensure_demo(dates.now(), say=self.stdout.write)
        if hours is not None:
            passed = advance(hours, say=self.stdout.write)
            demo |= {"advanced_hours": passed.hours, "today": passed.today}
        self.stdout.write(_("Demo business: %(name)s") % demo)
        self.stdout.write(_("Address: %(url)s") % {"url": f"{settings.PUBLIC_URL}/{demo['slug']}/"})
        self.stdout.write(_("E-mail: %(email)s   Password: %(password)s") % demo)
        if options["json"]:
            self.say_json(demo)

    def _hours(self, text: str) -> int:
        """40d -> 960."""
        found = re.fullmatch(r"([0-9]{1,6})([hdw])", text, re.ASCII)
        if found is None:
            self.wrong_usage(_("Write a number and h, d or w, such as 40d; not “%(text)s”.") % {"text": text})
        return int(found[1]) * _HOURS[found[2]]
