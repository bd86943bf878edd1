"""Routes of the kit that belong to no account; the roof includes them at the root (and guards _kit)."""

from django.urls import path

from carteira.core.ui import theme

urlpatterns = [path("me/theme/", theme.choose, name="theme")]
