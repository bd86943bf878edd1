from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    name = "carteira.tasks"
    label = "tasks"
    verbose_name = _("Tasks")

    def ready(self) -> None:
        from carteira.tasks import registrations  # noqa: F401
