"""Imports, below /<slug>/imports/."""

from django.urls import path

from carteira.home.screens import import_columns, import_list, import_new, import_saved, import_show, import_undo

app_name = "imports"
urlpatterns = [
    path("", import_list.list_imports, name="list"),
    path("new/<slug:kind>/", import_new.new_import, name="new"),
    path("new/<slug:kind>/example/", import_new.example_file, name="example"),
    path("<uuid:id>/", import_show.show_import, name="show"),
    path("<uuid:id>/columns/", import_columns.choose_columns, name="columns"),
    path("<uuid:id>/again/", import_show.import_again, name="again"),
    path("<uuid:id>/undo/", import_undo.undo_import, name="undo"),
    path("<uuid:id>/left/", import_undo.left_by_undo, name="left"),
    path("columns/", import_saved.saved_columns, name="saved"),
    path("columns/<uuid:id>/", import_saved.change_saved, name="saved-change"),
    path("<uuid:id>/refused/", import_show.refused_lines, name="refused"),
]
