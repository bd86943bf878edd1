"""Changing what a business is: name, country, time zone, currency, language, how activity is judged."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.holidays import recompute_soon
from carteira.accounts.models import Account
from carteira.core import countries, people
from carteira.core.events import kinds
from carteira.core.events.follow import tell
from carteira.core.events.record import record
from carteira.core.registries import Registry


def _label(name: str) -> str:
    return str(Account._meta.get_field(name).verbose_name)


CHANGED = kinds.register("account.changed", gettext_lazy("Settings of the business changed: {fields}."), label=_label)

# (account, field) -> why that field may not change any more, as a sentence, or "". Asked in the account's scope.
# Rooms above know: billing keeps the currency once there is money.
guards: Registry[Callable[[Account, str], str]] = Registry("Settings guard")

FIELDS = ("name", "country", "time_zone", "currency", "language", "activity_rule", "activity_days")
# These say something else of every customer: what day it is, who is active, what a region is called.
_ABOUT_EVERYBODY = {"country", "time_zone", "activity_rule", "activity_days"}
_CLEAN: dict[str, Callable[[Any], Any]] = {
    "name": people.clean_name,
    "country": countries.clean_country,
    "time_zone": countries.clean_zone,
    "currency": countries.clean_currency,
    "language": countries.clean_language,
}


class CannotChange(ValueError):
    """A guard keeps `field` as it is; the text is its sentence."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def change_settings(account: Account, *, changes: Mapping[str, Any], by: Any, now: datetime) -> Account:
    """Write the given fields (of FIELDS) and record account.changed with the names of those that differ.

    Raises ValidationError (by field) for a value that cannot be, CannotChange where a guard keeps the old one.
    Needs the account's scope. Dates already written keep their day when the time zone changes; another country has
    other bank holidays, so open due dates are computed anew.
    """
    unknown = set(changes) - set(FIELDS)
    if unknown:
        raise ValidationError(_("There is no such setting: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account.pk)
        before = {name: getattr(account, name) for name in changes}
        for name, value in changes.items():
            setattr(account, name, _cleaned(name, value))
        account.clean_fields(exclude=[field.name for field in Account._meta.fields if field.name not in changes])
        changed = [name for name in FIELDS if name in changes and getattr(account, name) != before[name]]
        for name in changed:
            if sentence := kept(account, name):
                raise CannotChange(name, sentence)
        if changed:
            account.save(update_fields=changed)
            record(CHANGED, by=by, now=now, subject_id=account.pk, what={"fields": changed})
        if not _ABOUT_EVERYBODY.isdisjoint(changed):
            tell(CHANGED, None, now)
        if "country" in changed:
            recompute_soon(account)
        return account


def kept(account: Account, field: str) -> str:
    """Why this field may not change any more; "" when it may. Needs the account's scope."""
    return next((sentence for guard in guards if (sentence := guard(account, field))), "")


def _cleaned(name: str, value: Any) -> Any:
    try:
        return _CLEAN[name](value) if name in _CLEAN else value
    except ValidationError as error:
        raise ValidationError({name: error.error_list}) from error
