"""Exports, below /<slug>/exports/."""

from django.urls import path

from carteira.home.screens import export_list, export_show

app_name = "exports"
urlpatterns = [
    path("", export_list.list_exports, name="list"),
    path("<uuid:id>/", export_show.show_export, name="show"),
    path("<uuid:id>/file/", export_show.export_file, name="file"),
    path("<uuid:id>/again/", export_show.export_again, name="again"),
]
