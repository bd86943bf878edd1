from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "carteira.customers"
    label = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from carteira.customers import registrations  # noqa: F401
