"""What home has below /<slug>/ beside the imports."""

from django.urls import path

from carteira.home.screens import palette

urlpatterns = [
    path("palette/", palette.palette, name="palette"),
]
