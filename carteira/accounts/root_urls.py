"""Routes of people rather than businesses: signing in and up, passwords, choosing and opening a business."""

from django.urls import path, re_path

from carteira.accounts.screens import invitation, language, open, signing, start

urlpatterns = [
    path("", start.start, name="start"),
    path("me/language/", language.set_language, name="set_language"),
    path("accounts/", start.choose, name="choose_account"),
    path("accounts/new/", open.open_business, name="open_account"),
    path("accounts/place/", open.place, name="account_place"),
    path("accounts/zones/", open.zones, name="account_zones"),
    re_path(r"^accounts/invitation/(?P<key>[-:\w]+)/$", invitation.invitation, name="invitation"),
    # The names are those allauth reverses.
    path("accounts/login/", signing.login, name="account_login"),
    path("accounts/logout/", signing.logout, name="account_logout"),
    path("accounts/inactive/", signing.inactive, name="account_inactive"),
    path("accounts/signup/", signing.signup, name="account_signup"),
    path("accounts/confirm-email/", signing.confirm_sent, name="account_email_verification_sent"),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", signing.confirm, name="account_confirm_email"),
    path("accounts/password/reset/", signing.forgotten, name="account_reset_password"),
    path("accounts/password/reset/sent/", signing.forgotten_sent, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        signing.new_password,
        name="account_reset_password_from_key",
    ),
    # Where allauth goes after a new password when it does not sign in by itself: we do, so it is the start.
    path("accounts/password/reset/done/", start.start, name="account_reset_password_from_key_done"),
]
