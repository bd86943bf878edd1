"""Pages that belong to no account: signing in and up, choosing an account, health."""

from django.urls import include, path

urlpatterns = [
    path("", include("carteira.accounts.root_urls")),
]
