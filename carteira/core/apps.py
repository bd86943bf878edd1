from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "carteira.core"
    label = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from carteira.core import verify_ground  # noqa: F401
        from carteira.core.events import jobs as event_jobs  # noqa: F401
        from carteira.core.jobs import tasks  # noqa: F401
        from carteira.core.privacy import ground  # noqa: F401
        from carteira.core.sheets import jobs  # noqa: F401
        from carteira.core.sheets.exports import jobs as export_jobs  # noqa: F401
        from carteira.core.walls import checks  # noqa: F401
