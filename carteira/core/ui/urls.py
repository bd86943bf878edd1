"""Routes of the kit that belong to no account; the roof includes them at the root."""

from django.urls import path

from carteira.core.ui import kit, theme

urlpatterns = [
    path("me/theme/", theme.choose, name="theme"),
    path("_kit/", kit.guarded, name="kit"),
]
