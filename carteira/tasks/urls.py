from django.urls import path

from carteira.tasks.screens import edit, new
from carteira.tasks.screens import list as list_screen

app_name = "tasks"
urlpatterns = [
    path("", list_screen.list_tasks, name="list"),
    path("customers/<uuid:id>/new/", new.new_task, name="new"),
    path("<uuid:id>/", edit.edit_task, name="edit"),
    path("<uuid:id>/done/", edit.finish, name="finish"),
    path("<uuid:id>/reopen/", edit.reopen, name="reopen"),
    path("<uuid:id>/remove/", edit.remove, name="remove"),
]
