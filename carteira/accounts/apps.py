from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "carteira.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from carteira.accounts import door, registrations  # noqa: F401

        door.connect()
