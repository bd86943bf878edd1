"""The demo business: an invented one to try everything on, filled once by the rooms' demo steps.

All in one transaction: whoever kills it half-way finds nothing of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.models import Event
from carteira.core.events.record import record
from carteira.core.registries import Registry, demo_steps
from carteira.core.walls import scope

SEED = 1988
# Any number, the same everywhere: two that come at once fill it one after the other, the second finds it filled.
_ADVISORY_LOCK = 7_305_812_047

FILLED = kinds.register("account.demo_filled", gettext_lazy("Filled with an invented business, to try things on."))


class NotADemo(ValueError):
    """The demo's address or login belongs to somebody; the text is a sentence for the user."""


@dataclass(frozen=True)
class DemoBusiness:
    """How the room that knows businesses finds and opens the demo.

    `find()` is the account at the demo's address or None; `open(now)` makes it and returns (account, owner), raising
    NotADemo when a login it needs is taken; `login(account)` tells name, slug, email and password; `owner(account)` is
    who acts there.
    """

    find: Callable[[], Any]
    open: Callable[[datetime], tuple[Any, Any]]
    login: Callable[[Any], dict[str, str]]
    owner: Callable[[Any], Any]


businesses: Registry[DemoBusiness] = Registry("Demo business")


def ensure_demo(now: datetime, *, say: Callable[[str], None] = lambda line: None) -> dict[str, str]:
    """Fill the demo business unless it is there; who signs in there: name, slug, email, password.

    The same for the same day: every step draws from its own seeded generator. `say` is told before it is filled.
    Raises NotADemo, and changes nothing, when a real business has the demo's address.
    """
    (business,) = businesses
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        account = business.find()
        if account is None:
            say(_("Filling the demo business"))
            account, owner = business.open(now)
            with scope(account.pk):
                for name in demo_steps.names():
                    step = demo_steps.get(name)
                    assert step is not None
                    step.run(account, owner, Random(f"{SEED} {name}"), now)
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT core_analyze(%s::regclass[])", [list(step.tables)])
                record(FILLED, by=None, now=now, subject_id=account.pk, what={"seed": SEED})
        elif not _filled(account):
            raise NotADemo(
                _("There is a business with the demo's address “%(slug)s” that is not the demo; it stays as it is.")
                % {"slug": account.slug}
            )
        return business.login(account)


def filled_demo() -> tuple[Any, DemoBusiness]:
    """The demo's account, its row held until the transaction ends, and what is known of it. Raises NotADemo."""
    (business,) = businesses
    account = business.find()
    if account is None or not _filled(account):
        raise NotADemo(_("There is no demo business here."))
    return type(account)._default_manager.select_for_update().get(pk=account.pk), business


def _filled(account: Any) -> bool:
    with scope(account.pk):
        return Event.objects.filter(kind=FILLED).exists()
