"""Opening a business: what sign-up, the page for another business and `carteira create_account` have in common."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account, Membership, OldSlug, User
from carteira.accounts.roles import Role
from carteira.accounts.slugs import slug_from, validate_slug
from carteira.core import countries, people
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.walls import scope

OPENED = kinds.register("account.opened", gettext_lazy("The business {name} was opened."))
_TRIES = 20


class SlugTaken(ValueError):
    """Another business has this address; the text is a sentence for the user."""


def open_account(
    *,
    name: str,
    owner: User,
    country: str,
    by: Any,
    now: datetime,
    slug: str | None = None,
    time_zone: str = "",
    currency: str = "",
    language: str = "",
) -> Account:
    """Make a business and its owner's membership; what is left empty follows from the country.

    Without `slug` a free one is made from the name. Raises ValidationError (name, slug, country, time zone,
    currency or language) and SlugTaken. Records account.opened.
    """
    name = people.clean_name(name)
    country = countries.clean_country(country)
    usual = countries.COUNTRIES[country]
    fields = {
        "name": name,
        "country": country,
        "time_zone": countries.clean_zone(time_zone or usual.zone),
        "currency": countries.clean_currency(currency or usual.currency),
        "language": countries.clean_language(language or usual.language),
    }
    with transaction.atomic():
        account = _named(validate_slug(slug), fields, now) if slug is not None else _with_free_slug(name, fields, now)
        Membership.objects.create(account=account, user=owner, role=Role.OWNER)
        with scope(account.pk):
            record(OPENED, by=by, now=now, subject_id=account.pk, what={"name": account.name})
        return account


def kept_for_another(slug: str, account: Account, now: datetime) -> bool:
    """Whether another business had this address and keeps it for a while; one kept long enough is let go."""
    OldSlug.objects.filter(slug=slug, until__lte=now).delete()
    return OldSlug.objects.filter(slug=slug).exclude(account=account).exists()


def _named(slug: str, fields: dict[str, Any], now: datetime) -> Account:
    try:
        with transaction.atomic():
            account = Account.objects.create(slug=slug, **fields)
            # Asked after the write: whoever leaves this address at the same moment has committed by now.
            if kept_for_another(slug, account, now):
                raise IntegrityError
            return account
    except IntegrityError as error:
        raise SlugTaken(_("There is a business with the address “%(slug)s” already.") % {"slug": slug}) from error


def _with_free_slug(name: str, fields: dict[str, Any], now: datetime) -> Account:
    """Two businesses of one name may be opened at the same moment: whoever comes second takes the next number."""
    for _attempt in range(_TRIES):
        wanted = slug_from(name, set())
        taken = set(Account.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
        taken |= set(OldSlug.objects.filter(slug__startswith=wanted, until__gt=now).values_list("slug", flat=True))
        try:
            return _named(slug_from(name, taken), fields, now)
        except SlugTaken:
            continue
    raise SlugTaken(_("No free address was found for this name. Please choose another name."))
