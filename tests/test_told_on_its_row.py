"""What goes wrong with asked work is told on its row: no "being done" for ever, nothing of the error's own text."""

import logging

import pytest
from django.db import OperationalError
from django.utils.translation import gettext_lazy

from carteira.accounts import close as closing
from carteira.accounts import jobs as account_jobs
from carteira.accounts.models import AccountCopy
from carteira.core.jobs import Interrupted
from carteira.core.jobs.told import failure_told
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import open_request
from carteira.core.walls import scope
from carteira.customers import person_jobs
from carteira.customers.models import Customer
from conftest import NOW


def request_of(cast, customer, kind="export"):
    with scope(cast.aurora.pk):
        return open_request(kind, customer.pk, account=cast.aurora, by=cast.ana, now=NOW)


def broken(*args, **options):
    raise ValueError("CPF 529.982.247-25 of Maria")


def test_our_mistake_is_told_once_and_what_it_had_written_is_taken_back(cast, make_customer, monkeypatch, caplog):
    """F1: the row says so, a new request may be made; the log names the place, not the person."""
    maria = make_customer(cast.aurora, "Maria Silva")
    request = request_of(cast, maria)

    def half_done(customer, **options):
        Customer.objects.filter(pk=customer.pk).update(code="half")
        broken()

    monkeypatch.setattr(person_jobs, "export_person", half_done)
    with caplog.at_level(logging.ERROR):
        person_jobs.answer(cast.aurora.pk, request_id=str(request.pk))
    with scope(cast.aurora.pk):
        request.refresh_from_db()
        assert (request.state, request.error) == (
            "failed",
            "Something went wrong on our side. Nothing was changed; ask once more.",
        )
        assert Customer.objects.get(pk=maria.pk).code != "half"
    assert "core.PersonRequest failed: ValueError" in caplog.text
    assert "529" not in caplog.text
    assert "Maria" not in caplog.text


def test_a_copy_that_failed_does_not_stand_in_the_way_of_the_next(cast, monkeypatch):
    """P8: before, one that failed was "being written" for ever, and no business could be closed."""
    ana = cast.client(cast.ana)
    ana.post("/aurora/settings/close/copy/")
    with scope(cast.aurora.pk):
        first = AccountCopy.objects.get()
    with monkeypatch.context() as patched:
        patched.setattr(account_jobs, "write_copy", broken)
        account_jobs.copy_account(cast.aurora.pk, copy_id=str(first.pk))
    page = ana.get("/aurora/settings/close/").content.decode()
    assert "There is no copy; take another one." in page
    assert "being written…" not in page
    with scope(cast.aurora.pk):
        second = closing.ask_copy(cast.aurora, by=cast.ana, now=NOW)
    assert second.pk != first.pk
    account_jobs.copy_account(cast.aurora.pk, copy_id=str(second.pk))
    account_jobs.copy_account(cast.aurora.pk, copy_id=str(first.pk))
    with scope(cast.aurora.pk):
        copies = AccountCopy.objects.order_by("id")
        assert [bool(copy.file_id) for copy in copies] == [False, True], "given up is given up"


@pytest.mark.parametrize("error", [OperationalError("the connection is lost"), Interrupted()])
def test_what_the_queue_tries_again_is_not_told(cast, make_customer, error):
    request = request_of(cast, make_customer(cast.aurora, "Maria"))
    found = lambda: PersonRequest.objects.filter(pk=request.pk, finished_at=None)  # noqa: E731
    with pytest.raises(type(error)), failure_told(found, gettext_lazy("x"), account_id=cast.aurora.pk, language="en"):
        raise error
    with scope(cast.aurora.pk):
        request.refresh_from_db()
        assert request.state == "running"


def test_what_was_done_meanwhile_stays_done(cast, make_customer):
    request = request_of(cast, make_customer(cast.aurora, "Maria"))
    with scope(cast.aurora.pk):
        PersonRequest.objects.update(finished_at=NOW)
    found = lambda: PersonRequest.objects.filter(pk=request.pk, finished_at=None)  # noqa: E731
    with failure_told(found, gettext_lazy("x"), account_id=cast.aurora.pk, language="en"):
        broken()
    with scope(cast.aurora.pk):
        request.refresh_from_db()
        assert request.state == "done"
