"""Help, below /<slug>/help/."""

from django.urls import path

from carteira.home.screens import help as help_screens

app_name = "help"
urlpatterns = [
    path("", help_screens.help_index, name="index"),
    path("<slug:task>/", help_screens.help_page, name="page"),
]
