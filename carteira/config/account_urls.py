"""What stands below /<account-slug>/: one line a room."""

from django.urls import include, path

from carteira.config.urls import handler400, handler403, handler404, handler500
from carteira.home.screens.assistant import show_assistant

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("", show_assistant, name="start"),
    path("settings/", include("carteira.accounts.urls")),
    path("settings/", include("carteira.customers.settings_urls")),
    path("customers/", include("carteira.customers.urls")),
    path("groups/", include("carteira.groups.urls")),
    path("tasks/", include("carteira.tasks.urls")),
    path("billing/", include("carteira.billing.urls")),
    path("imports/", include("carteira.home.urls")),
    path("exports/", include("carteira.home.export_urls")),
    path("help/", include("carteira.home.help_urls")),
    path("", include("carteira.home.account_urls")),
]
