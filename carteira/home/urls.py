"""Imports, below /<slug>/imports/."""

from django.urls import path

from carteira.home.screens import import_columns, import_list, import_new, import_show

app_name = "imports"
urlpatterns = [
    path("", import_list.list_imports, name="list"),
    path("new/<slug:kind>/", import_new.new_import, name="new"),
    path("new/<slug:kind>/example/", import_new.example_file, name="example"),
    path("<uuid:id>/", import_show.show_import, name="show"),
    path("<uuid:id>/columns/", import_columns.choose_columns, name="columns"),
    path("<uuid:id>/again/", import_show.import_again, name="again"),
    path("<uuid:id>/refused/", import_show.refused_lines, name="refused"),
]
