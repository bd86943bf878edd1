"""Mails to the people of a business about what none of them may miss: it was handed on, it is closing, it stays.

Each person is written to by a job of their own, so that one refused address neither stops nor repeats the others.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from carteira.accounts import links
from carteira.accounts.models import Account, Closure, Membership, User
from carteira.accounts.roles import Role
from carteira.core.ui import formats
from carteira.core.urls import account_url


def readers(account: Account) -> list[UUID]:
    """Everybody who works there and can still sign in."""
    return list(Membership.objects.filter(account=account, user__is_active=True).values_list("user_id", flat=True))


def send_handed_on(account: Account, to: User, *, before: User, after: User) -> None:
    """Tell the former or the new owner who owns the business now."""
    with _speaking(account, to):
        subject = _("{business} has a new owner").format(business=links.unlinked(account.name))
        people = {"before": links.called(before), "after": links.called(after)}
        _send("handed_on", subject, account, to, "accounts:members", **people, is_new=to == after)


def send_closing(account: Account, to: User, closure: Closure) -> None:
    """Tell a member that everything goes on a day, and who can still stop it."""
    owns = Membership.objects.filter(account=account, user=to, role=Role.OWNER).exists()
    with _speaking(account, to), formats.place(country=account.country, time_zone=account.time_zone):
        subject = _("{business} is closing").format(business=links.unlinked(account.name))
        at = formats.moment(closure.due_at)
        page = "accounts:close" if owns else "accounts:profile"
        by = closure.by and links.called(closure.by)
        _send("closing", subject, account, to, page, by=by, at=at, owns=owns)


def send_staying(account: Account, to: User) -> None:
    """Tell a member that nothing goes after all."""
    with _speaking(account, to):
        subject = _("{business} stays open").format(business=links.unlinked(account.name))
        _send("staying", subject, account, to, "accounts:profile")


def _speaking(account: Account, to: User) -> Any:
    return translation.override(to.language or account.language)


def _send(template: str, subject: str, account: Account, to: User, page: str, **facts: Any) -> None:
    link = links.absolute(account_url(account.slug, page))
    names = {"business": links.unlinked(account.name), "user": {"name": links.unlinked(to.name)}}
    text = render_to_string(f"accounts/mail/{template}.txt", {**names, "link": link, **facts})
    EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [to.email]).send()
