"""Background work of accounts: due dates after a calendar change, invitations, and mails about signing in."""

from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from carteira.accounts import erase, mails, news, sign_ins, sign_out
from carteira.accounts.copy_all import write_copy
from carteira.accounts.holidays import calendar_changed
from carteira.accounts.models import Account, AccountCopy, Closure, Invitation, User
from carteira.core import dates
from carteira.core.jobs import defer, job
from carteira.core.jobs.retries import Pauses
from carteira.core.jobs.told import failure_told
from carteira.core.walls import scope
from carteira.core.walls.scope import require_account_id


@job(queue="default", retries=5)
def recompute_calendar() -> None:
    """Tell everybody who computed with business days that the account's calendar is another one now."""
    account = Account.objects.get(pk=require_account_id())
    now = dates.now()
    for listener in calendar_changed:
        listener(account, now)


@job(queue="mail", retries=8)
def mail_invitation(invitation_id: str) -> None:
    """Write to whoever is invited, once for each time somebody asked for it."""
    now = dates.now()
    invitation = Invitation.objects.select_for_update().filter(pk=invitation_id, mailed_at=None).first()
    if invitation is not None and invitation.is_open(now):
        mails.send_invitation(invitation)
        invitation.mailed_at = now
        invitation.save(update_fields=["mailed_at"])


@job(queue="mail", retries=8)
def mail_handed_on(to: str, before: str, after: str) -> None:
    """Write to one of the two whom a change of owner concerns. Whoever left meanwhile is told all the same."""
    people = {str(user.pk): user for user in User.objects.filter(pk__in=[to, before, after])}
    if {to, before, after} <= people.keys() and people[to].is_active:
        account = Account.objects.get(pk=require_account_id())
        news.send_handed_on(account, people[to], before=people[before], after=people[after])


@job(queue="mail", retries=8)
def tell_closing(closure_id: str, stays: bool) -> None:
    """Have every member written to: that the business closes, or that it stays."""
    account = Account.objects.get(pk=require_account_id())
    for user_id in news.readers(account):
        defer(mail_closing, account.pk, closure_id=closure_id, stays=stays, to=str(user_id))


@job(queue="mail", retries=8)
def mail_closing(closure_id: str, stays: bool, to: str) -> None:
    """Write to one member, unless it is not true any more."""
    account = Account.objects.get(pk=require_account_id())
    user = User.objects.filter(pk=to, is_active=True, memberships__account=account).first()
    closure = Closure.objects.select_related("by").get(pk=closure_id, account_id=account.pk)
    if user is None or stays is (closure.canceled_at is None):
        return
    if stays:
        news.send_staying(account, user)
    else:
        news.send_closing(account, user, closure)


@app.periodic(cron="27 * * * *")
@app.task(name="accounts.forget", queue="clocks", queueing_lock="accounts.forget", retry=Pauses(3))
def forget(timestamp: int) -> None:
    """Every hour: sessions that ended, and what happened at the door more than a year ago."""
    now = dates.now()
    sign_out.forget_expired(now)
    sign_ins.forget_old(now)


@job(queue="default", retries=5, own_scope=True)
def copy_account(account_id: UUID, copy_id: str) -> None:
    """Write the copy of all data that was asked for."""
    account = Account.objects.get(pk=account_id)
    with scope(account_id):
        copy = AccountCopy.objects.select_related("by").filter(pk=copy_id).first()
    if copy is None or not copy.running:
        return
    language = (copy.by.language if copy.by else "") or account.language
    with (
        failure_told(
            lambda: AccountCopy.objects.filter(pk=copy_id, done_at=None),
            _("Something went wrong on our side. There is no copy; take another one."),
            account_id=account_id,
            language=language,
        ),
        translation.override(language),
    ):
        write_copy(account_id, copy_id, now=dates.now())


# Bare tasks: when they are begun anew the account may be gone already.
@app.task(name="accounts.erase", queue="default", retry=Pauses(8))
def erase_account(closure_id: str) -> None:
    """Delete a closed business whose time has come, prove it, and send the protocol."""
    now = dates.now()
    closure = erase.erase(UUID(closure_id), now=now)
    if closure is not None and closure.mailed_at is None and closure.by is not None:
        mails.send_protocol(closure)
        erase.protocol_sent(closure, now=now)


@app.periodic(cron="42 * * * *")
@app.task(name="accounts.erase_due", queue="clocks", queueing_lock="accounts.erase_due", retry=Pauses(3))
def erase_due(timestamp: int) -> None:
    """Every hour: closed businesses whose time has come, and what a killed worker left unproven."""
    for closure_id in erase.due(dates.now()):
        erase_account.configure(lock=f"accounts.erase:{closure_id}").defer(closure_id=str(closure_id))


# Signing in belongs to no account, so this is a bare task. It carries ids only: links are secrets, and a task's
# arguments stand in the jobs' table and in logs.
@app.task(name="accounts.mail", queue="mail", retry=Pauses(8))
def send_mail(kind: str, user_id: str, language: str) -> None:
    """Write and send one mail about signing in; tried again with growing pauses while the server is away."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is not None:
        mails.send(kind, user, language=language)


def mail_soon(kind: str, user: User, *, language: str = "") -> None:
    """Queue a mail in the reader's language. The request answers at once, whether or not the mail can be sent."""
    chosen = user.language or language or settings.LANGUAGE_CODE
    send_mail.defer(kind=kind, user_id=str(user.pk), language=chosen)
