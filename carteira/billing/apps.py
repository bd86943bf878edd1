from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "carteira.billing"
    label = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from carteira.billing import registrations  # noqa: F401
