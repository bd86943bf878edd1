"""What stands below /<account-slug>/: one line a room."""

from django.urls import include, path

urlpatterns = [
    path("settings/", include("carteira.accounts.urls")),
    path("customers/", include("carteira.customers.urls")),
    path("billing/", include("carteira.billing.urls")),
]
