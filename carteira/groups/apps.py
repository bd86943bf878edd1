from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GroupsConfig(AppConfig):
    name = "carteira.groups"
    label = "groups"
    verbose_name = _("Groups")

    def ready(self) -> None:
        from carteira.groups import registrations  # noqa: F401
