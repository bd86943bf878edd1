"""Another address for a business: members who come by the old one are led on, strangers learn nothing."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account, OldSlug
from carteira.accounts.open_account import SlugTaken, kept_for_another
from carteira.accounts.slugs import validate_slug
from carteira.core.events import kinds
from carteira.core.events.record import record

MOVED = kinds.register("account.moved", gettext_lazy("The address changed from {before} to {after}."))

# So long an old address leads on, and is nobody else's.
KEPT = timedelta(days=365)
# Else one business could keep many addresses from others.
MOST, WITHIN = 3, timedelta(days=30)


class CannotMove(ValueError):
    """Refused; the text is a sentence for the user."""


def move(account: Account, *, slug: str, by: Any, now: datetime) -> Account:
    """Give the business another address. Needs its scope. Raises ValidationError (slug), SlugTaken and CannotMove."""
    slug = validate_slug(slug.strip().lower())
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account.pk)
        before = account.slug
        if slug == before:
            return account
        if OldSlug.objects.filter(account=account, created_at__gt=now - WITHIN).count() >= MOST:
            raise CannotMove(_("The address changed %(most)s times within a month. Please wait.") % {"most": MOST})
        OldSlug.objects.filter(account=account, slug=slug).delete()  # back to one it had
        account.slug = slug
        try:
            with transaction.atomic():
                account.save(update_fields=["slug"])
        except IntegrityError as error:
            raise _taken(slug) from error
        # Asked after the write: whoever left this address at the same moment has committed by now.
        if kept_for_another(slug, account, now):
            raise _taken(slug)
        OldSlug.objects.update_or_create(
            slug=before, defaults={"account": account, "created_at": now, "until": now + KEPT}
        )
        record(MOVED, by=by, now=now, subject_id=account.pk, what={"before": before, "after": slug})
        return account


def _taken(slug: str) -> SlugTaken:
    return SlugTaken(_("There is a business with the address “%(slug)s” already.") % {"slug": slug})
