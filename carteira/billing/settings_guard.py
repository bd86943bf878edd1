"""Settings that may not change any more once there is money."""

from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.billing.models import Invoice


def keep_currency(account: Account, field: str) -> str:
    """Why the currency stays: amounts are stored as minor units of it (product decision 17). "" while it may change."""
    if field != "currency" or not Invoice.objects.exists():
        return ""
    return _("The currency cannot change any more: there are invoices, and their amounts would mean something else.")
