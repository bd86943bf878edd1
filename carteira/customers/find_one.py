"""Finding one customer as people name it: by its code, else by #number; of who was merged, the survivor."""

import re

from django.utils.translation import gettext as _

from carteira.customers.merge.survivor import as_asked, latest_of
from carteira.customers.models import Customer


class NoSuchCustomer(ValueError):
    """Nobody has that code or number; the text is a sentence for the user."""


def by_code(code: str, *, merged: bool = True) -> Customer:
    """The customer with this code, else, for "#1042", with this number; else whoever the last one with it was merged
    into, unless `merged` is False: then that is a refusal. Needs the account's scope."""
    code = as_asked(code)
    found = Customer.objects.filter(code=code).first() if code else None
    if found is None and re.fullmatch(r"#\d{1,18}", code, re.ASCII):
        found = Customer.objects.filter(number=int(code[1:])).first()
    if found is not None:
        return found
    merge = latest_of(code)
    survivor = Customer.objects.filter(pk=merge.survivor_id).first() if merge is not None else None
    if survivor is None:
        raise NoSuchCustomer(_("No customer has the code “%(code)s”.") % {"code": code[:80]})
    if not merged:
        raise NoSuchCustomer(
            _("No customer has the code “%(code)s” any more: it is part of %(name)s (%(number)s) already.")
            % {"code": code[:80], "name": survivor.name, "number": survivor.number}
        )
    return survivor
