"""What accounts plugs into the ground floor."""

from django.utils.translation import gettext_lazy as _

from carteira.accounts import (  # noqa: F401  (their tasks and event kinds)
    accept,
    change_member,
    close,
    demo,
    help_pages,
    invite,
    jobs,
    leave,
    move,
    open_account,
    personal,
    settings,
    transfer,
)
from carteira.accounts.roles import Right
from carteira.core import demo as core_demo
from carteira.core.jobs import clocks
from carteira.core.registries import MenuEntry, SettingsPage, Verifier, menu, settings_pages, verifiers

menu.add("settings", MenuEntry(_("Settings"), "settings", "accounts:business", right=Right.EDIT_ACCOUNT), order=900)
settings_pages.add("business", SettingsPage(_("Business"), "accounts:business", Right.EDIT_ACCOUNT), order=10)
settings_pages.add("holidays", SettingsPage(_("Holidays"), "accounts:holidays", Right.EDIT_ACCOUNT), order=20)
settings_pages.add("members", SettingsPage(_("Members"), "accounts:members", Right.MANAGE_MEMBERS), order=30)
settings_pages.add("log", SettingsPage(_("Log"), "accounts:log", Right.OWN), order=40)
settings_pages.add("security", SettingsPage(_("My security"), "accounts:security", Right.ENTER), order=910)
settings_pages.add("profile", SettingsPage(_("My profile"), "accounts:profile", Right.ENTER), order=900)
core_demo.businesses.add("accounts", demo.BUSINESS)
verifiers.add("accounts.owner", Verifier("exactly one owner", transfer.owners), order=1)
clocks.register("accounts.forget_invitations", lambda account, now: invite.forget_old(now))
