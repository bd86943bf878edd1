"""Finding one customer as people name it: by its code, else by #number."""

import re

from django.utils.translation import gettext as _

from carteira.customers.models import Customer


class NoSuchCustomer(ValueError):
    """Nobody has that code or number; the text is a sentence for the user."""


def by_code(code: str) -> Customer:
    """The customer with this code, else, for "#1042", with this number. Needs the account's scope."""
    found = Customer.objects.filter(code=code).first() if code else None
    if found is None and re.fullmatch(r"#\d{1,18}", code, re.ASCII):
        found = Customer.objects.filter(number=int(code[1:])).first()
    if found is None:
        raise NoSuchCustomer(_("No customer has the code “%(code)s”.") % {"code": code[:80]})
    return found
