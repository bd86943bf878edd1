"""Settings of an account, below /<slug>/settings/."""

from django.urls import path

from carteira.accounts.screens import business, holidays, members, profile

app_name = "accounts"
urlpatterns = [
    path("", business.business, name="business"),
    path("holidays/", holidays.holidays, name="holidays"),
    path("holidays/restore/", holidays.restore, name="restore_holiday"),
    path("holidays/<uuid:holiday_id>/remove/", holidays.remove, name="remove_holiday"),
    path("members/", members.list_members, name="members"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.password, name="password"),
]
