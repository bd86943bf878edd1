"""Routes of people rather than businesses: signing in and up, passwords, choosing and opening a business."""

from django.urls import path, re_path

from carteira.accounts.screens import factors, invitation, kept_mails, language, open, signing, start

urlpatterns = [
    path("", start.start, name="start"),
    path("_mail/", kept_mails.mails, name="kept_mails"),
    path("_mail/<slug:slug>/", kept_mails.mail, name="kept_mail"),
    path("me/language/", language.set_language, name="set_language"),
    path("accounts/", start.choose, name="choose_account"),
    path("accounts/switch/", start.switch, name="switch_account"),
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
    # The second factor, and proving once more who one is.
    path("accounts/again/", factors.again_by_password, name="account_reauthenticate"),
    path("accounts/again/code/", factors.again_by_code, name="mfa_reauthenticate"),
    path("accounts/again/passkey/", factors.again_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("accounts/login/factor/", factors.authenticate, name="mfa_authenticate"),
    path("accounts/login/passkey/", factors.login_passkey, name="mfa_login_webauthn"),
    path("accounts/security/", factors.own_security, name="mfa_index"),
    path("accounts/security/app/", factors.turn_on, name="mfa_activate_totp"),
    path("accounts/security/app/off/", factors.turn_off, name="mfa_deactivate_totp"),
    path("accounts/security/codes/", factors.recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/security/codes/new/", factors.new_codes, name="mfa_generate_recovery_codes"),
    path("accounts/security/codes/file/", factors.download_codes, name="mfa_download_recovery_codes"),
    path("accounts/security/passkeys/add/", factors.add_passkey, name="mfa_add_webauthn"),
    path("accounts/security/passkeys/<int:pk>/rename/", factors.rename_passkey, name="mfa_edit_webauthn"),
    path("accounts/security/passkeys/<int:pk>/remove/", factors.remove_passkey, name="mfa_remove_webauthn"),
]
