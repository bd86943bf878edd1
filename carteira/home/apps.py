from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "carteira.home"
    label = "home"
    verbose_name = _("Home")

    def ready(self) -> None:
        from carteira.home import registrations  # noqa: F401
