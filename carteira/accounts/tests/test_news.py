"""What nobody in a business may miss is told by mail: it was handed on, it is closing, it stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from carteira.accounts import close as closing
from carteira.accounts import jobs
from carteira.accounts.models import AccountCopy, Closure, Membership, User
from carteira.accounts.tests.mailbox import path_in
from carteira.accounts.transfer import transfer
from carteira.core.walls import scope
from conftest import NOW, Cast

JOBS = {job.name: job for job in (jobs.mail_handed_on, jobs.tell_closing, jobs.mail_closing)}


def told() -> list[Any]:
    """Do the news' jobs that wait, those they enqueue too; the mails, sorted by reader."""
    before = len(mail.outbox)
    while waiting := list(ProcrastinateJob.objects.filter(task_name__in=JOBS).order_by("id")):
        ProcrastinateJob.objects.filter(pk__in=[job.pk for job in waiting])._raw_delete("default")
        for job in waiting:
            JOBS[job.task_name](**job.args)
    return sorted(mail.outbox[before:], key=lambda message: message.to)


def close_aurora(cast: Cast) -> Closure:
    now = timezone.now()
    with scope(cast.aurora.pk):
        AccountCopy.objects.create(asked_at=now, done_at=now)
        return closing.close(cast.aurora, typed="aurora", by=cast.ana, now=now)


@pytest.fixture(autouse=True)
def english(cast: Cast) -> None:
    User.objects.update(language="en")


def test_both_owners_are_told_that_the_business_was_handed_on(cast: Cast) -> None:
    """T6: so that nobody loses a business without knowing."""
    with scope(cast.aurora.pk):
        heir = Membership.objects.get(account=cast.aurora, user=cast.beto)
        transfer(cast.aurora, to=heir, by=cast.ana, now=NOW)
        transfer(cast.aurora, to=heir, by=cast.beto, now=NOW)  # to oneself: nothing happens, nothing is told
    former, present = told()
    assert (former.to, present.to) == (["ana@example.com"], ["beto@example.com"])
    for message in (former, present):
        assert message.subject == "Escola Aurora has a new owner"
        assert "Ana handed the business Escola Aurora in Carteira on to Beto." in message.body
        assert path_in(message.body) == "/aurora/settings/members/"
    assert "You own it now" in present.body
    assert "If you did not do this" in former.body
    assert told() == []


def test_whoever_left_right_after_handing_on_is_told_all_the_same(cast: Cast) -> None:
    with scope(cast.aurora.pk):
        heir = Membership.objects.get(account=cast.aurora, user=cast.beto)
        transfer(cast.aurora, to=heir, by=cast.ana, now=NOW)
    Membership.objects.get(account=cast.aurora, user=cast.ana).delete()
    assert [message.to for message in told()] == [["ana@example.com"], ["beto@example.com"]]


def test_every_member_is_told_that_the_business_closes_and_the_owner_how_to_stop_it(cast: Cast) -> None:
    """P8: nobody learns it from a 404."""
    User.objects.filter(pk=cast.caio.pk).update(is_active=False)
    closure = close_aurora(cast)
    ana, beto, sofia = told()
    assert [message.to for message in (ana, beto, sofia)] == [
        ["ana@example.com"],
        ["beto@example.com"],
        ["sofia@example.com"],
    ]
    assert path_in(ana.body) == "/aurora/settings/close/"
    assert path_in(beto.body) == "/aurora/settings/profile/"
    assert "ask the owner" in beto.body
    for message in (ana, beto):
        assert message.subject == "Escola Aurora is closing"
        assert "Ana is closing the business Escola Aurora" in message.body
        assert f"{cast.aurora.day_of(closure.due_at):%b}" in message.body
    assert told() == []


def test_every_member_is_told_that_it_stays(cast: Cast) -> None:
    close_aurora(cast)
    told()
    with scope(cast.aurora.pk):
        for _again in range(2):
            closing.cancel(cast.aurora, by=cast.ana, now=timezone.now())
    stays = told()
    assert [message.to[0].partition("@")[0] for message in stays] == ["ana", "beto", "caio", "sofia"]
    assert {message.subject for message in stays} == {"Escola Aurora stays open"}
    assert "stays open after all" in stays[0].body


def test_what_is_not_true_any_more_is_not_told(cast: Cast) -> None:
    """Called off before the mails were out; and nobody who left meanwhile is written to."""
    close_aurora(cast)
    with scope(cast.aurora.pk):
        closing.cancel(cast.aurora, by=cast.ana, now=timezone.now())
    Membership.objects.get(account=cast.aurora, user=cast.caio).delete()
    messages = told()
    assert {message.subject for message in messages} == {"Escola Aurora stays open"}
    assert ["caio@example.com"] not in [message.to for message in messages]


def test_the_twin_hears_nothing_and_its_closing_is_not_told_here(cast: Cast) -> None:
    """Dora's business closes at the same moment: each one's people hear of their own."""
    now = timezone.now()
    close_aurora(cast)
    with scope(cast.boreal.pk):
        AccountCopy.objects.create(asked_at=now, done_at=now)
        closure = closing.close(cast.boreal, typed="boreal", by=cast.dora, now=now)
    by_reader = {message.to[0]: message for message in told()}
    assert by_reader["dora@example.com"].subject == "Escola Boreal is closing"
    assert len(by_reader) == 5
    with pytest.raises(Closure.DoesNotExist):
        jobs.mail_closing(cast.aurora.pk, closure_id=str(closure.pk), stays=False, to=str(cast.ana.pk))


def test_each_is_written_to_in_their_own_language(cast: Cast, settings: Any) -> None:
    from carteira.accounts.tests.test_allauth_mails import LOCALES

    settings.LOCALE_PATHS = LOCALES
    User.objects.filter(pk=cast.ana.pk).update(language="pt-br")
    User.objects.filter(pk=cast.beto.pk).update(language="es")
    User.objects.filter(pk=cast.caio.pk).update(language="")
    close_aurora(cast)
    ana, beto, caio, sofia = told()
    assert ana.subject == caio.subject == "Escola Aurora está encerrando"
    assert beto.subject == "Escola Aurora está cerrando"
    assert sofia.subject == "Escola Aurora is closing"
    assert f"{(timezone.now() + timedelta(days=30)).year}" in beto.body
