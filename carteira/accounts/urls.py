"""Settings of an account, below /<slug>/settings/."""

from django.urls import path

from carteira.accounts.screens import business, close, holidays, log, members, profile, security

app_name = "accounts"
urlpatterns = [
    path("", business.business, name="business"),
    path("address/", business.address, name="address"),
    path("holidays/", holidays.holidays, name="holidays"),
    path("holidays/restore/", holidays.restore, name="restore_holiday"),
    path("holidays/<uuid:holiday_id>/remove/", holidays.remove, name="remove_holiday"),
    path("members/", members.list_members, name="members"),
    path("members/leave/", members.go, name="leave"),
    path("members/<uuid:member_id>/", members.member, name="member"),
    path("members/<uuid:member_id>/remove/", members.remove, name="remove_member"),
    path("members/<uuid:member_id>/hand-on/", members.hand_on, name="hand_on"),
    path("members/invitations/<uuid:invitation_id>/resend/", members.resend, name="resend_invitation"),
    path("members/invitations/<uuid:invitation_id>/revoke/", members.revoke, name="revoke_invitation"),
    path("members/invitations/<uuid:invitation_id>/reopen/", members.reopen, name="reopen_invitation"),
    path("profile/", profile.profile, name="profile"),
    path("security/", security.security, name="security"),
    path("security/password/", security.password, name="password"),
    path("security/sessions/end/", security.end_all_others, name="end_other_sessions"),
    path("security/sessions/<slug:session>/end/", security.end, name="end_session"),
    path("log/", log.log, name="log"),
    path("close/", close.page, name="close"),
    path("close/copy/", close.ask_copy, name="ask_copy"),
    path("close/copy/<uuid:copy_id>/", close.copy_file, name="copy_file"),
    path("close/now/", close.close, name="close_now"),
    path("close/stay/", close.stay, name="stay"),
]
