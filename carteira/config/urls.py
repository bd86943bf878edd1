"""Pages that belong to no account: signing in and up, choosing an account, health."""

from django.urls import include, path

handler400 = "carteira.core.ui.errors.bad_request"
handler403 = "carteira.core.ui.errors.permission_denied"
handler404 = "carteira.core.ui.errors.page_not_found"
handler429 = "carteira.accounts.screens.signing.too_many"  # allauth's limits look for it here
handler500 = "carteira.core.ui.errors.server_error"

urlpatterns = [
    path("", include("carteira.core.ui.urls")),
    path("", include("carteira.accounts.root_urls")),
]
