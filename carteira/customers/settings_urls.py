"""What customers adds to the settings, below /<slug>/settings/."""

from django.urls import path

from carteira.customers.screens import requests

app_name = "privacy"
urlpatterns = [path("privacy/", requests.list_requests, name="requests")]
